"""How findings, graphs and differences are spelled for readers and programs."""
