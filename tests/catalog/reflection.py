"""What a PostgreSQL server says of its schema, read from pg_catalog as the facts of `facts.py`."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.catalog.facts import Facts

SCHEMA = "CASE WHEN {0}.nspname LIKE 'pg\\_temp%' THEN 'pg_temp' ELSE {0}.nspname::text END"
OURS = "{0}.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND {0}.nspname NOT LIKE 'pg\\_toast%'"
NOT_OF_EXTENSION = (
    "NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.deptype = 'e' AND e.classid = '{0}'::regclass AND e.objid = {1})"
)


def named(alias: str, namespace: str) -> str:
    """SQL for schema.name of a pg_class row."""
    return f"{SCHEMA.format(namespace)} || '.' || {alias}.relname::text"


RELATIONS = f"""
SELECT {named("c", "n")}, c.relkind, c.relpersistence, c.relrowsecurity, obj_description(c.oid, 'pg_class'), c.relispartition,
  c.relispopulated,
  ARRAY(SELECT {named("p", "pn")} FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
        JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE i.inhrelid = c.oid ORDER BY i.inhseqno)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {OURS.format("n")} AND c.relkind IN ('r', 'p', 'v', 'm') AND {NOT_OF_EXTENSION.format("pg_class", "c.oid")}
"""
COLUMNS = f"""
SELECT {named("c", "n")}, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
  pg_get_expr(d.adbin, d.adrelid),
  CASE WHEN a.attcollation <> t.typcollation THEN co.collname::text END, a.attinhcount > 0,
  col_description(c.oid, a.attnum), c.relkind
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation
WHERE {OURS.format("n")} AND c.relkind IN ('r', 'p', 'v', 'm') AND {NOT_OF_EXTENSION.format("pg_class", "c.oid")}
ORDER BY c.oid, a.attnum
"""
CONSTRAINTS = f"""
SELECT {named("c", "n")}, k.conname::text, k.contype,
  ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(num, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.place),
  k.convalidated, k.coninhcount > 0, obj_description(k.oid, 'pg_constraint'),
  {named("f", "fn")},
  ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(num, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY u.place),
  k.confdeltype, k.confupdtype, k.condeferrable, k.condeferred, k.connoinherit, x.relname::text,
  coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class f ON f.oid = k.confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
LEFT JOIN pg_class x ON x.oid = k.conindid
LEFT JOIN pg_constraint above ON above.oid = k.conparentid
WHERE {OURS.format("n")} AND k.contype <> 't' AND (above.oid IS NULL OR above.conrelid <> k.conrelid)
  AND {NOT_OF_EXTENSION.format("pg_class", "c.oid")}
"""
INDEXES = f"""
SELECT {named("i", "n")}, {named("c", "n")}, x.indnkeyatts,
  ARRAY(SELECT coalesce((SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = x.indrelid AND a.attnum = u.num AND u.num <> 0), 'expr')
        FROM unnest(x.indkey::int2[]) WITH ORDINALITY u(num, place) ORDER BY u.place),
  x.indoption::int2[],
  ARRAY(SELECT CASE WHEN o.opcdefault THEN NULL ELSE o.opcname::text END
        FROM unnest(x.indclass::oid[]) WITH ORDINALITY u(class, place) JOIN pg_opclass o ON o.oid = u.class ORDER BY u.place),
  x.indisunique, x.indisprimary, m.amname::text, x.indisvalid, x.indpred IS NOT NULL,
  coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false),
  (SELECT k.conname::text FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')),
  (SELECT {named("p", "pn")} FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent
   JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE h.inhrelid = x.indexrelid),
  obj_description(i.oid, 'pg_class')
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = i.relam
WHERE {OURS.format("n")} AND {NOT_OF_EXTENSION.format("pg_class", "c.oid")}
"""
SEQUENCES = f"""
SELECT {named("c", "n")}, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
  {named("t", "tn")} || '.' || a.attname::text, coalesce(d.deptype = 'i', false), obj_description(c.oid, 'pg_class')
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
  AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
LEFT JOIN pg_class t ON t.oid = d.refobjid LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE {OURS.format("n")}
"""
TYPES = f"""
SELECT {SCHEMA.format("n")} || '.' || t.typname::text, t.typtype, t.typnotnull, t.typdefault IS NOT NULL,
  format_type(t.typbasetype, t.typtypmod), obj_description(t.oid, 'pg_type'),
  ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
  (SELECT coalesce(jsonb_agg(jsonb_build_array(k.conname, k.convalidated) ORDER BY k.conname::text COLLATE "C"), '[]') FROM pg_constraint k
   WHERE k.contypid = t.oid AND k.contype = 'c'),
  (SELECT coalesce(jsonb_agg(jsonb_build_array(a.attname, format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum), '[]')
   FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE {OURS.format("n")} AND t.typtype IN ('e', 'd', 'c', 'r') AND (c.oid IS NULL OR c.relkind = 'c')
  AND {NOT_OF_EXTENSION.format("pg_type", "t.oid")}
"""
TRIGGERS = f"""
SELECT {named("c", "n")}, g.tgname::text FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT g.tgisinternal
"""
POLICIES = f"""
SELECT {named("c", "n")}, 'policy', p.polname::text FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
UNION ALL
SELECT {named("c", "n")}, 'rule', r.rulename::text FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN' AND {OURS.format("n")}
"""
FUNCTIONS = f"""
SELECT {SCHEMA.format("n")} || '.' || p.proname::text, count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {OURS.format("n")} AND {NOT_OF_EXTENSION.format("pg_proc", "p.oid")}
  AND NOT EXISTS (SELECT 1 FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i')
GROUP BY 1
"""
SCHEMAS = f"SELECT nspname::text FROM pg_namespace n WHERE {OURS.format('n')} AND nspname NOT LIKE 'pg\\_temp%'"
EXTENSIONS = "SELECT extname::text FROM pg_extension WHERE extname <> 'plpgsql'"
IDENTITY = {"a": "always", "d": "by default", "": None}
TYPE_KINDS = {"e": "enum", "d": "domain", "c": "composite", "r": "range"}


def reflect(connection: psycopg.Connection[Any]) -> Facts:
    """The facts of the database that the connection is on, shown with the search path of the session."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        return connection.execute(query.replace("%", "%%") if "%s" in query else query).fetchall()

    facts: Facts = {}
    for (schema,) in rows(SCHEMAS):
        facts["schema", schema] = ()
    for (extension,) in rows(EXTENSIONS):
        facts["extension", extension] = ()
    view_columns: dict[str, list[tuple[str, str]]] = {}
    table_columns: dict[str, list[str]] = {}
    for name, column, kind_of_type, not_null, identity, generated, default, collation, inherited, comment, kind in rows(
        COLUMNS
    ):
        if kind in "vm":
            view_columns.setdefault(name, []).append((column, kind_of_type))
            continue
        table_columns.setdefault(name, []).append(column)
        facts["column", name, column] = (
            kind_of_type, not_null, IDENTITY[identity], generated != "", generated == "s",
            None if generated else default, collation, inherited, comment,
        )  # fmt: skip
    for name, kind, persistence, row_security, comment, partition, populated, parents in rows(RELATIONS):
        if kind in "vm":
            facts["view", name] = (kind == "m", tuple(view_columns.get(name, [])), populated, comment)
            continue
        parent, inherits = (parents[0], ()) if partition else (None, tuple(parents))
        facts["table", name] = (kind, persistence, parent, inherits, row_security, comment)
        facts["columns", name] = (tuple(table_columns.get(name, [])),)
    for name, constraint, kind, columns, valid, inherited, comment, target, target_columns, delete, update, deferrable, deferred, no_inherit, index, enforced in rows(CONSTRAINTS):  # fmt: skip
        found: tuple[object, ...]
        if kind == "f":
            found = (
                "f", tuple(columns), valid, inherited, comment, target, tuple(target_columns), delete, update,
                deferrable, deferred, enforced,
            )  # fmt: skip
        elif kind == "c":
            found = ("c", tuple(sorted(columns)), valid, inherited, comment, no_inherit, enforced)
        elif kind == "n":
            found = ("n", tuple(columns), valid, inherited, comment)
        else:
            found = (kind, tuple(columns), valid, inherited, comment, deferrable, deferred, index)
        facts["constraint", name, constraint] = found
    for name, table, count, columns, options, classes, unique, primary, method, valid, partial, nulls, constraint, parent, comment in rows(INDEXES):  # fmt: skip
        keys = tuple(
            (c, bool(o & 1), bool(o & 2), k) for c, o, k in zip(columns[:count], options, classes, strict=False)
        )
        facts["index", name] = (
            table, keys, tuple(columns[count:]), unique, primary, method, valid, partial, nulls, constraint, parent, comment,
        )  # fmt: skip
    for name, *values in rows(SEQUENCES):
        facts["sequence", name] = tuple(values)
    for name, kind, not_null, default, base, comment, labels, checks, attributes in rows(TYPES):
        match kind:
            case "e":
                facts["type", name] = ("enum", tuple(labels), comment)
            case "d":
                facts["type", name] = ("domain", base, not_null, default, tuple(map(tuple, checks)), comment)
            case _:
                facts["type", name] = (TYPE_KINDS[kind], tuple(map(tuple, attributes)), comment)
    for name, trigger in rows(TRIGGERS):
        facts["trigger", name, trigger] = ()
    for name, kind, policy in rows(POLICIES):
        facts[kind, name, policy] = ()
    for name, count in rows(FUNCTIONS):
        facts["function", name] = (count,)
    return facts
