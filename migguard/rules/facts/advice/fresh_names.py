"""Names for what an advice makes: by the project's own convention where it has one, and not taken yet."""

from migguard.catalog.naming import clip, relation_taken
from migguard.catalog.schema import Catalog, Table
from migguard.rules.facts.schema.name_templates import Named, example
from migguard.rules.frame import StepContext

TEMPLATES = {
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
}
"""A convention for who has none: none of its names depends on the server."""

ROOM = 63


def suggested(kind: str, about: Named, ctx: StepContext) -> str:
    """The name that the project's convention makes of a constraint (`uq`, `ck`, `fk`); ours where it has none."""
    conventions = [ctx.settings.naming, *(dict(one) for one in ctx.deployment.environment.conventions)]
    own = "_".join(c for c in about.columns if c is not None) or "check"
    for template in (*(one[kind] for one in conventions if kind in one), TEMPLATES[kind]):
        made = example(template.replace("%(constraint_name)s", own.replace("%", "%%")), about)
        if "…" not in made:
            return made
    return "_".join((kind, about.table, own))


def free(wanted: str, table: Table, *catalogs: Catalog) -> str:
    """The name, or the first like it that no constraint or index of the table, and no relation beside it, has."""

    def taken(name: str) -> bool:
        return any(in_use(name, table, catalog) for catalog in catalogs)

    for suffix in ("", "_new", *(f"_{number}" for number in range(2, 100))):
        name = clip(wanted, ROOM - len(suffix)) + suffix
        if not taken(name):
            break
    return name


def in_use(name: str, table: Table, catalog: Catalog) -> bool:
    """Whether a constraint of the table, or a relation of its schema, has the name."""
    there = catalog.tables.get(table.key)
    if there is not None and (there.constraint(name) is not None or there.index(name) is not None):
        return True
    return relation_taken(catalog, table.key[0], name)
