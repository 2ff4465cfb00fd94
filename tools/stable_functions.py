"""Write down which of PostgreSQL's own functions are stable or immutable in every overload.

    python tools/stable_functions.py DSN [DSN …] > migguard/effects/postgresql_stable_functions.txt

A name is written only if no server given has a volatile function of that name. Source: pg_proc.provolatile.
"""

from __future__ import annotations

import sys

import psycopg

QUERY = """
SELECT proname, bool_and(provolatile <> 'v') FROM pg_catalog.pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind IN ('f', 'w')
GROUP BY proname
"""


def main() -> None:
    """Print the names, one a line."""
    verdicts: dict[str, bool] = {}
    for dsn in sys.argv[1:]:
        with psycopg.connect(dsn) as connection:
            for name, stable in connection.execute(QUERY):
                verdicts[name] = verdicts.get(name, True) and stable
    sys.stdout.write("".join(f"{name}\n" for name in sorted(verdicts) if verdicts[name]))


if __name__ == "__main__":
    main()
