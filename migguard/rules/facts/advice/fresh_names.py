"""Names for what an advice makes: by the project's own convention where it has one, and not taken yet."""

from itertools import takewhile

from migguard.catalog.lookup import relation_key, table_of_index
from migguard.catalog.naming import clip, relation_taken
from migguard.catalog.schema import Catalog, Table
from migguard.changes import DropConstraint, DropIndex, Update
from migguard.rules.facts.schema.deployment_end import before_this
from migguard.rules.facts.schema.name_templates import Named, example
from migguard.rules.frame import StepContext, table_at
from migguard.trace import Step

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


def kept_apart(done: Update, table: Table, ctx: StepContext) -> str:
    """The name of a table with the old values: each UPDATE of a deployment that needs one has one of its own."""
    before = sum(
        isinstance(step.change, Update) and step.change.table.name == done.table.name
        for step in takewhile(lambda step: step is not ctx.step, ctx.deployment.steps())
    )
    for number in range(before + 1, before + 100):
        suffix = f"_before_update{'' if number == 1 else f'_{number}'}"
        name = clip(done.table.name, ROOM - len(suffix)) + suffix
        if not relation_taken(ctx.before, table.key[0], name):
            break
    return name


def built_before(wanted: str, table: Table, ctx: StepContext) -> str:
    """The name, or one like it, for what is to be built in a revision before this one: there this one, which may give
    the name up and use it again, has not run yet."""
    catalogs = [ctx.before, ctx.step.statement.steps[0].before]
    if ctx.trace is not None:
        catalogs.append(ctx.trace.before)
    name, dropped = free(wanted, table, *catalogs), given_up(wanted, table, ctx)
    if name != wanted or dropped is None or in_use(wanted, table, dropped.before):
        return name
    own = ctx.trace is not None and ctx.known.transactions.revision(dropped.statement) == ctx.trace.revision
    return free(f"{wanted}_new", table, *catalogs) if own else name  # what it drops was made by no revision


def given_up(name: str, table: Table, ctx: StepContext) -> Step | None:
    """The last step of the deployment before this one that drops a constraint or an index of that name of the table."""
    found = None
    for step in before_this(ctx):
        change = step.change
        if step.refusal is not None:
            continue
        if isinstance(change, DropConstraint) and change.name == name:
            there = table_at(relation_key(step.before, change.table), step.before)
        elif isinstance(change, DropIndex) and change.index.name == name:
            key = table_of_index(step.before, change.index, change.table)
            there = table_at(key, step.before)
            if key is None and change.index.schema in (None, table.key[0]):
                found = step  # no revision made it; its name is one of the schema
        else:
            continue
        found = step if there is not None and there.oid == table.oid != 0 else found
    return found
