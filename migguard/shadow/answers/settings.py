"""The server's settings: what the session has set, else what a server has by default."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migguard.shadow.database import Database

DEFAULTS = {
    "application_name": "", "bytea_output": "hex", "check_function_bodies": "on", "client_encoding": "UTF8",
    "client_min_messages": "notice", "cluster_name": "",
    "constraint_exclusion": "partition", "cursor_tuple_fraction": "0.1",
    "datestyle": "ISO, MDY", "deadlock_timeout": "1s", "default_table_access_method": "heap", "default_tablespace": "",
    "default_text_search_config": "pg_catalog.english", "default_transaction_deferrable": "off",
    "default_transaction_isolation": "read committed", "default_transaction_read_only": "off",
    "extra_float_digits": "1", "idle_in_transaction_session_timeout": "0", "in_hot_standby": "off",
    "integer_datetimes": "on", "intervalstyle": "postgres", "is_superuser": "on", "jit": "on", "lc_collate": "C.UTF-8",
    "lc_ctype": "C.UTF-8", "lc_messages": "C.UTF-8", "lock_timeout": "0", "maintenance_work_mem": "64MB",
    "max_connections": "100", "max_identifier_length": "63", "max_index_keys": "32",
    "max_locks_per_transaction": "64",
    "max_parallel_maintenance_workers": "2", "row_security": "on", "server_encoding": "UTF8",
    "session_authorization": "user",
    "session_replication_role": "origin", "shared_preload_libraries": "", "standard_conforming_strings": "on",
    "statement_timeout": "0", "temp_tablespaces": "", "timezone": "UTC", "transaction_isolation": "read committed",
    "transaction_read_only": "off", "transaction_timeout": "0", "wal_level": "replica", "work_mem": "4MB",
}  # fmt: skip
"""PostgreSQL's defaults of the settings that scripts ask for."""

UNITS = {
    "ms": ("deadlock_timeout", "idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout",
           "transaction_timeout"),
    "kB": ("maintenance_work_mem", "work_mem"),
}  # fmt: skip
FACTORS = {"ms": {"": 1, "us": 0.001, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000},
           "kB": {"": 1, "B": 1 / 1024, "kB": 1, "MB": 1024, "GB": 1024**2, "TB": 1024**3}}  # fmt: skip


def setting(database: Database, name: str) -> str | None:
    """The value of a setting as SHOW gives it; None for one that is not known."""
    name = name.lower()
    catalog, server = database.catalog, database.server
    own = {
        "server_version": ".".join(str(v) for v in server.version),
        "server_version_num": str(server.version[0] * 10000 + (server.version[1] if len(server.version) > 1 else 0)),
        "search_path": ", ".join(catalog.search_path),
        "timezone": server.timezone or DEFAULTS["timezone"],
    }
    value = catalog.local_variables.get(name) or catalog.variables.get(name)
    return value if value is not None else own.get(name, DEFAULTS.get(name))


def rows(database: Database) -> Iterator[Mapping[str, Any]]:
    """pg_settings, in which times are counted in milliseconds and sizes in kilobytes."""
    known = {*DEFAULTS, "server_version", "server_version_num", "search_path",
             *database.catalog.variables, *database.catalog.local_variables}  # fmt: skip
    for name in sorted(known):
        value = setting(database, name)
        unit = next((u for u, names in UNITS.items() if name in names), None)
        counted = in_unit(value, unit) if value is not None and unit is not None else value
        yield {"name": name, "setting": counted, "unit": unit, "category": "", "short_desc": "", "context": "user",
               "vartype": "integer" if unit is not None else "string", "source": "default", "boot_val": counted,
               "reset_val": counted, "min_val": None, "max_val": None, "enumvals": None,
               "pending_restart": False}  # fmt: skip


def in_unit(value: str, unit: str) -> str:
    """A time or size such as `5s` as a number of units."""
    found = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", value.strip("'"))
    factor = FACTORS[unit].get(found[2]) if found is not None else None
    return value if found is None or factor is None else str(round(float(found[1]) * factor))
