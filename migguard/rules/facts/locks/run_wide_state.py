"""What env.py makes for one transaction and means for the whole run."""

from migguard.source import Origin
from migguard.trace import Environment, Given


def local_settings(environment: Environment) -> list[Given]:
    """The settings of env.py that end with the transaction that the first revision begins in."""
    last = {given.name: given for given in environment.given if given.origin is not None or given.local}
    in_force = {name for name, _ in environment.variables}
    return [given for given in last.values() if given.local and given.value is not None and given.name in in_force]


def of_the_transaction(environment: Environment) -> str:
    """What env.py took or set for the transaction that the first revision begins in, with its lines; or nothing."""
    parts = [f"its SET LOCAL {given.name}{line(given.origin)}" for given in local_settings(environment)]
    parts += [f"its advisory lock{line(origin)}" for origin in environment.advisory[:1]]
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else "".join(parts)


def line(origin: Origin | None) -> str:
    """Where in env.py."""
    return f" (line {origin.line})" if origin is not None else ""


def where(environment: Environment) -> str:
    """In which file `context.configure` is called."""
    called, own = environment.configured, environment.origin
    elsewhere = called is not None and (own is None or called.path != own.path)
    return f"in line {called.line} of {called.path.name}" if called is not None and elsewhere else "in env.py"
