"""The page of a rule: what `migguard explain` prints and what stands under docs/rules."""

from textwrap import dedent

from migguard.rules.frame import ALL_ENGINES, Example, Rule


def page(rule: Rule) -> str:
    """The rule's page as Markdown."""
    engines = "all engines" if rule.engines == ALL_ENGINES else ", ".join(sorted(rule.engines))
    parts = [
        f"# {rule.code} {rule.name}",
        rule.summary,
        f"Severity: **{rule.severity.word}**. Looks at {engines}.",
        rule.documentation,
    ]
    if rule.bad is not None:
        parts += ["## What it finds", shown(rule.bad)]
    if rule.good is not None:
        parts += ["## The safe way", shown(rule.good)]
    parts += [
        "## How to let one through",
        f"On the statement's line, with a reason: `# migguard: ignore[{rule.code}] -- why`. For the whole project: "
        f'`ignore = ["{rule.code}"]`, or another severity: `severity = {{{rule.code} = "notice"}}` under '
        "`[tool.migguard]`.",
    ]
    return "\n\n".join(parts) + "\n"


def shown(example: Example) -> str:
    """An example as Markdown: the schema before, earlier revisions, the code."""
    parts = []
    if example.given:
        statements = ";\n".join(s.strip() for s in example.given.split(";") if s.strip())
        parts.append(f"Given\n\n```sql\n{statements};\n```")
    parts += [
        f"after an earlier revision\n\n```python\n{dedent(code).strip()}\n```"
        for code in (*example.released, *example.earlier)
    ]
    if example.models:
        parts.append(f"while this code runs\n\n```python\n{dedent(example.models).strip()}\n```")
    if example.env:
        parts.append(f"with `context.configure(…, {', '.join(f'{o}=True' for o in example.env)})` in env.py")
    parts.append(f"```python\n{dedent(example.code).strip()}\n```")
    if example.downgrade != "pass":
        parts.append(f"and in `downgrade()`\n\n```python\n{dedent(example.downgrade).strip()}\n```")
    return "\n\n".join(parts)
