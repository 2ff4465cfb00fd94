"""How long a check takes, and what it needs: measured beside what it stands in for."""
