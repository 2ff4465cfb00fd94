"""The definitions of a live PostgreSQL database's schema, as the statements that would make it.

As pg_dump does, with the server's own functions that spell definitions (pg_get_expr, pg_get_constraintdef, …); queries
only read pg_catalog, and need no right beyond connecting. No `%` stands in them, so that any driver takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

Ask = Callable[[str], Sequence[Sequence[Any]]]
"""Runs a query and gives its rows."""

OURS = "n.nspname <> 'information_schema' AND left(n.nspname, 3) <> 'pg_'"
NOT_OF_EXTENSION = (
    "NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e WHERE e.deptype = 'e'"
    " AND e.classid = 'pg_catalog.{0}'::pg_catalog.regclass AND e.objid = {1})"
)
NAME = "pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)"
TABLES_TOO = f"{OURS} AND c.relpersistence <> 't' AND {NOT_OF_EXTENSION.format('pg_class', 'c.oid')}"

SCHEMAS = f"SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_namespace n WHERE {OURS} ORDER BY n.oid"
EXTENSIONS = "SELECT extname FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql' ORDER BY oid"
TYPES = f"""
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname), t.typtype::text,
  pg_catalog.format_type(t.typbasetype, t.typtypmod), t.typnotnull,
  CASE WHEN t.typdefaultbin IS NOT NULL THEN pg_catalog.pg_get_expr(t.typdefaultbin, 0) END,
  ARRAY(SELECT pg_catalog.quote_literal(e.enumlabel) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid
        ORDER BY e.enumsortorder),
  ARRAY(SELECT 'CONSTRAINT ' || pg_catalog.quote_ident(k.conname) || ' ' || pg_catalog.pg_get_constraintdef(k.oid)
        FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname),
  ARRAY(SELECT pg_catalog.quote_ident(a.attname) || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum),
  (SELECT pg_catalog.format_type(r.rngsubtype, NULL) FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid),
  pg_catalog.obj_description(t.oid, 'pg_type'),
  (SELECT pg_catalog.quote_ident(o.collname) FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_type b
     ON b.oid = t.typbasetype WHERE o.oid = t.typcollation AND t.typcollation <> b.typcollation)
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE {OURS} AND t.typtype IN ('e', 'd', 'c', 'r') AND (c.oid IS NULL OR c.relkind = 'c')
  AND {NOT_OF_EXTENSION.format("pg_type", "t.oid")}
ORDER BY t.oid
"""
FUNCTIONS = f"""
SELECT pg_catalog.pg_get_functiondef(p.oid) FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE {OURS} AND p.prokind IN ('f', 'p') AND {NOT_OF_EXTENSION.format("pg_proc", "p.oid")}
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend i WHERE i.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                  AND i.objid = p.oid AND i.deptype = 'i')
ORDER BY p.oid
"""
SEQUENCES = f"""
SELECT {NAME}, pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
  s.seqcycle, d.deptype::text,
  (SELECT pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.relname) || '.' ||
          pg_catalog.quote_ident(a.attname)
   FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
   JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid WHERE t.oid = d.refobjid),
  pg_catalog.obj_description(c.oid, 'pg_class'), d.refobjid, d.refobjsubid
FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
WHERE {TABLES_TOO} ORDER BY c.oid
"""
TABLES = f"""
SELECT c.oid, {NAME}, c.relkind::text, c.relpersistence::text, c.relispartition, c.reloptions,
  CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
  CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END,
  ARRAY(SELECT pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(p.relname)
        FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
        JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace WHERE i.inhrelid = c.oid ORDER BY i.inhseqno),
  c.relrowsecurity, pg_catalog.obj_description(c.oid, 'pg_class')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {TABLES_TOO} AND c.relkind IN ('r', 'p') ORDER BY c.oid
"""
COLUMNS = f"""
SELECT c.oid, pg_catalog.quote_ident(a.attname), a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
  a.attnotnull,
  a.attidentity::text, a.attgenerated::text, pg_catalog.pg_get_expr(d.adbin, d.adrelid),
  CASE WHEN a.attcollation <> t.typcollation THEN pg_catalog.quote_ident(o.collname) END,
  a.attislocal, pg_catalog.col_description(c.oid, a.attnum), a.attnum
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation
WHERE {TABLES_TOO} AND c.relkind IN ('r', 'p') ORDER BY c.oid, a.attnum
"""
CONSTRAINTS = f"""
SELECT c.oid, pg_catalog.quote_ident(k.conname), k.contype::text, pg_catalog.pg_get_constraintdef(k.oid), k.conislocal,
  k.coninhcount, k.conparentid <> 0, pg_catalog.obj_description(k.oid, 'pg_constraint'),
  pg_catalog.obj_description(k.conindid, 'pg_class')
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {TABLES_TOO} AND k.contype IN ('p', 'u', 'f', 'c', 'x') ORDER BY k.oid
"""
INDEXES = f"""
SELECT {NAME.replace("c.", "i.")}, pg_catalog.pg_get_indexdef(x.indexrelid), x.indisvalid,
  pg_catalog.obj_description(i.oid, 'pg_class'),
  (SELECT pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(p.relname)
   FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class p ON p.oid = h.inhparent
   JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace WHERE h.inhrelid = x.indexrelid),
  EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')),
  i.relname, n.nspname, c.relname
FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {TABLES_TOO} ORDER BY i.oid
"""
VIEWS = f"""
SELECT {NAME}, c.relkind::text, pg_catalog.pg_get_viewdef(c.oid), pg_catalog.obj_description(c.oid, 'pg_class')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {TABLES_TOO} AND c.relkind IN ('v', 'm') ORDER BY c.oid
"""
TRIGGERS = f"""
SELECT pg_catalog.pg_get_triggerdef(g.oid) FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {TABLES_TOO} AND NOT g.tgisinternal
  AND coalesce((pg_catalog.to_jsonb(g) ->> 'tgparentid')::bigint, 0) = 0 ORDER BY g.oid
"""
POLICIES = f"""
SELECT pg_catalog.quote_ident(p.polname), {NAME}, p.polcmd::text, p.polpermissive,
  pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE {TABLES_TOO} ORDER BY p.oid
"""
RULES = f"""
SELECT pg_catalog.pg_get_ruledef(r.oid) FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE {TABLES_TOO} AND r.rulename <> '_RETURN' ORDER BY r.oid
"""
COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}


def literal(text: str) -> str:
    """A string in SQL."""
    return "'" + text.replace("'", "''") + "'"


def statements(ask: Ask) -> Iterator[str]:
    """The statements that make the schema, those that others rest on first as far as that is told by their age."""
    for (name,) in ask(SCHEMAS):
        yield f"CREATE SCHEMA IF NOT EXISTS {name}"
    for (name,) in ask(EXTENSIONS):
        yield f'CREATE EXTENSION IF NOT EXISTS "{name}"'
    yield from types(ask)
    for (definition,) in ask(FUNCTIONS):
        yield definition
    sequences = ask(SEQUENCES)
    yield from (made for row in sequences if row[8] != "i" for made in [sequence(row)])
    identities = {(row[11], row[12]): row for row in sequences if row[8] == "i"}
    yield from tables(ask, identities)
    for row in sequences:
        if row[8] == "a":
            yield f"ALTER SEQUENCE {row[0]} OWNED BY {row[9]}"
        if row[10]:
            yield f"COMMENT ON SEQUENCE {row[0]} IS {literal(row[10])}"
    for name, kind, definition, comment in ask(VIEWS):
        word = "MATERIALIZED VIEW" if kind == "m" else "VIEW"
        yield f"CREATE {word} {name} AS {definition}"
        if comment:
            yield f"COMMENT ON {word} {name} IS {literal(comment)}"
    yield from indexes(ask)
    yield from (definition for (definition,) in ask(TRIGGERS))
    yield from (definition for (definition,) in ask(RULES))
    for name, table, command, permissive, condition, check in ask(POLICIES):
        kind = "" if permissive else " AS RESTRICTIVE"
        using = f" USING ({condition})" if condition is not None else ""
        checking = f" WITH CHECK ({check})" if check is not None else ""
        yield f"CREATE POLICY {name} ON {table}{kind} FOR {COMMANDS[command]}{using}{checking}"


def types(ask: Ask) -> Iterator[str]:
    """Enums, domains, composite and range types."""
    for name, kind, base, not_null, default, labels, checks, attributes, subtype, comment, collation in ask(TYPES):
        match kind:
            case "e":
                yield f"CREATE TYPE {name} AS ENUM ({', '.join(labels)})"
            case "d":
                words = [f"CREATE DOMAIN {name} AS {base}", f"COLLATE {collation}" if collation else ""]
                words += [f"DEFAULT {default}" if default else "", "NOT NULL" if not_null else "", *checks]
                yield " ".join(w for w in words if w)
            case "c":
                yield f"CREATE TYPE {name} AS ({', '.join(attributes)})"
            case _:
                yield f"CREATE TYPE {name} AS RANGE (subtype = {subtype})"
        if comment:
            yield f"COMMENT ON {'DOMAIN' if kind == 'd' else 'TYPE'} {name} IS {literal(comment)}"


def sequence(row: Sequence[Any]) -> str:
    """A sequence with all its options."""
    return f"CREATE SEQUENCE {row[0]} AS {row[1]} {options(row)}"


def options(row: Sequence[Any]) -> str:
    """The options of a sequence."""
    _, _, start, increment, low, high, cache, cycle, *_ = row
    made = f"START WITH {start} INCREMENT BY {increment} MINVALUE {low} MAXVALUE {high} CACHE {cache}"
    return f"{made} CYCLE" if cycle else made


def tables(ask: Ask, identities: dict[tuple[int, int], Sequence[Any]]) -> Iterator[str]:
    """Tables with their columns, then what partitions are attached to, then constraints, foreign keys last."""
    columns: dict[int, list[Sequence[Any]]] = {}
    for row in ask(COLUMNS):
        columns.setdefault(row[0], []).append(row)
    rows = ask(TABLES)
    constraints = ask(CONSTRAINTS)
    names = {row[0]: row[1] for row in rows}
    partitions = {row[0] for row in rows if row[4]}
    for row in rows:
        yield table(row, columns.get(row[0], []), identities)
    checks = [k for k in constraints if k[2] == "c" and (k[4] or k[0] in partitions)]
    yield from (f"ALTER TABLE ONLY {names[k[0]]} ADD CONSTRAINT {k[1]} {k[3]}" for k in checks if k[0] in partitions)
    for oid, name, _, _, partition, _, _, bound, parents, *_ in rows:
        if partition and oid in names:
            yield f"ALTER TABLE ONLY {parents[0]} ATTACH PARTITION {name} {bound}"
    parts: list[Sequence[Any]] = [k for k in checks if k[0] not in partitions]
    parts += [k for k in constraints if k[2] in "pux"]
    parts += [k for k in constraints if k[2] == "f" and not k[6]]
    for one in parts:
        only = "" if one[2] in "cf" else "ONLY "
        yield f"ALTER TABLE {only}{names[one[0]]} ADD CONSTRAINT {one[1]} {one[3]}"
    for one in constraints:
        if one[7] and not one[6]:
            yield f"COMMENT ON CONSTRAINT {one[1]} ON {names[one[0]]} IS {literal(one[7])}"
    for oid, name, _, _, _, _, _, _, _, secured, comment in rows:
        if secured:
            yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
        if comment:
            yield f"COMMENT ON TABLE {name} IS {literal(comment)}"
        for row in columns.get(oid, []):
            if row[10]:
                yield f"COMMENT ON COLUMN {name}.{row[1]} IS {literal(row[10])}"


def table(row: Sequence[Any], columns: list[Sequence[Any]], identities: dict[tuple[int, int], Sequence[Any]]) -> str:
    """CREATE TABLE with the columns that are its own."""
    oid, name, _, persistence, partition, storage, key, _, parents, *_ = row
    own = [column(c, identities.get((oid, c[11]))) for c in columns if c[9] or partition or not parents]
    words = ["CREATE UNLOGGED TABLE" if persistence == "u" else "CREATE TABLE", name, f"({', '.join(own)})"]
    if parents and not partition:
        words.append(f"INHERITS ({', '.join(parents)})")
    if key:
        words.append(f"PARTITION BY {key}")
    if storage:
        words.append(f"WITH ({', '.join(storage)})")
    return " ".join(words)


def column(row: Sequence[Any], identity: Sequence[Any] | None) -> str:
    """A column with what is the column's own."""
    _, name, _, kind, not_null, identified, generated, expression, collation, *_ = row
    words = [name, kind]
    if collation:
        words.append(f"COLLATE {collation}")
    if generated:
        words.append(f"GENERATED ALWAYS AS ({expression}) {'STORED' if generated == 's' else 'VIRTUAL'}")
    elif identified:
        which = "ALWAYS" if identified == "a" else "BY DEFAULT"
        own = f" (SEQUENCE NAME {identity[0]} {options(identity)})" if identity is not None else ""
        words.append(f"GENERATED {which} AS IDENTITY{own}")
    elif expression is not None:
        words.append(f"DEFAULT {expression}")
    if not_null:
        words.append("NOT NULL")
    return " ".join(words)


def indexes(ask: Ask) -> Iterator[str]:
    """Indexes that back no constraint, and what is attached to what."""
    rows = ask(INDEXES)
    for _, definition, _, _, _, constraint, *_ in rows:
        if not constraint:
            yield definition
    for name, _, _, comment, parent, constraint, *_ in rows:
        if parent:
            yield f"ALTER INDEX {parent} ATTACH PARTITION {name}"
        if comment and not constraint:
            yield f"COMMENT ON INDEX {name} IS {literal(comment)}"
