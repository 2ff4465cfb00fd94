"""Column types of well-known libraries, which scripts name: known in SQL without the library being installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine, UserDefinedType

Make = Callable[..., TypeEngine[Any]]


class Named(UserDefinedType[Any]):
    """A type of an extension, such as `citext`, under its name in SQL."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        """The name in SQL."""
        return self.name


class Encrypted(sa.TypeDecorator[Any]):
    """A type whose values are texts that only its library can make."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        """Some text."""
        del dialect
        return value if value is None else "encrypted"


def uuid_or(length: int | None = None) -> Make:
    """PostgreSQL's own UUID, elsewhere text or bytes of a length."""
    other: TypeEngine[Any] = sa.CHAR(length) if length is not None else sa.BINARY(16)
    return lambda *_, **__: other.with_variant(postgresql.UUID(), "postgresql")


def zoned(*_: Any, **given: Any) -> TypeEngine[Any]:
    """A time with its zone, unless told otherwise."""
    return sa.DateTime(timezone=given.get("timezone", True))


def vector(name: str) -> Make:
    """One of pgvector's types, with its dimensions."""
    return lambda dim=None, *_, **__: Named(f"{name}({dim})" if dim is not None else name)


def auto_string(length: int | None = None, *_: Any, **__: Any) -> TypeEngine[Any]:
    """SQLModel's AutoString: MySQL, which has no VARCHAR without a length, gets 255."""
    return sa.String(length) if length is not None else sa.String().with_variant(sa.String(255), "mysql")


def utils_uuid(binary: bool = True, *_: Any, **__: Any) -> TypeEngine[Any]:
    """SQLAlchemy-Utils' UUIDType."""
    return (uuid_or() if binary else uuid_or(32))()


TYPES: dict[tuple[str, str], Make] = {
    ("sqlmodel", "AutoString"): auto_string,
    ("sqlalchemy_utils", "UUIDType"): utils_uuid,
    ("sqlalchemy_utils", "EmailType"): lambda length=255, *_, **__: sa.Unicode(length),
    ("sqlalchemy_utils", "URLType"): lambda *_, **__: sa.UnicodeText(),
    ("sqlalchemy_utils", "IPAddressType"): lambda max_length=50, *_, **__: sa.Unicode(max_length),
    ("sqlalchemy_utils", "ArrowType"): lambda *_, **given: sa.DateTime(timezone=bool(given.get("timezone"))),
    ("sqlalchemy_utils", "TSVectorType"): lambda *_, **__: postgresql.TSVECTOR(),
    ("sqlalchemy_utils", "LtreeType"): lambda *_, **__: Named("LTREE"),
    ("sqlalchemy_utils", "StringEncryptedType"): lambda *_, **__: Encrypted(),
    ("sqlalchemy_utils", "EncryptedType"): lambda *_, **__: sa.LargeBinary(),
    ("sqlalchemy_utils", "PasswordType"): lambda max_length=1024, *_, **__: sa.LargeBinary(max_length),
    ("sqlalchemy_utils", "ChoiceType"): lambda choices=(), impl=None, *_, **__: impl or sa.Unicode(255),
    ("sqlalchemy_utils", "JSONType"): lambda *_, **__: sa.UnicodeText().with_variant(postgresql.JSON(), "postgresql"),
    ("sqlalchemy_utils", "ScalarListType"): lambda impl=None, *_, **__: (impl or sa.UnicodeText)(),
    ("sqlalchemy_utils", "PhoneNumberType"): lambda region="US", max_length=20, *_, **__: sa.Unicode(max_length),
    ("sqlalchemy_utils", "CountryType"): lambda *_, **__: sa.String(2),
    ("sqlalchemy_utils", "CurrencyType"): lambda *_, **__: sa.String(3),
    ("sqlalchemy_utils", "LocaleType"): lambda *_, **__: sa.Unicode(10),
    ("sqlalchemy_utils", "TimezoneType"): lambda *_, **__: sa.Unicode(50),
    ("sqlalchemy_utils", "ColorType"): lambda max_length=20, *_, **__: sa.Unicode(max_length),
    ("fastapi_users_db_sqlalchemy", "GUID"): uuid_or(36),
    ("fastapi_users_db_sqlalchemy", "TIMESTAMPAware"): zoned,
    ("fastapi_utils", "GUID"): uuid_or(32),
    ("advanced_alchemy", "GUID"): lambda *_, **__: sa.Uuid(),
    ("advanced_alchemy", "DateTimeUTC"): zoned,
    ("advanced_alchemy", "JsonB"): lambda *_, **__: sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
    ("sqlalchemy_utc", "UtcDateTime"): zoned,
    ("citext", "CIText"): lambda *_, **__: Named("CITEXT"),
    ("pgvector", "Vector"): vector("VECTOR"),
    ("pgvector", "VECTOR"): vector("VECTOR"),
    ("pgvector", "HALFVEC"): vector("HALFVEC"),
    ("pgvector", "SPARSEVEC"): vector("SPARSEVEC"),
    ("pgvector", "BIT"): vector("BIT"),
}
"""By the library's package and the type's name, whichever of its modules it is taken from."""

SHARING = frozenset({"sqlmodel", "flask_sqlalchemy", "sqlalchemy_utils"})
"""Libraries whose modules hold SQLAlchemy's own types too, under their names."""


def known_type(
    path: str, arguments: tuple[Any, ...] = (), given: dict[str, Any] | None = None
) -> TypeEngine[Any] | None:
    """The type that `path(*arguments, **given)` makes; None where this is none of the types known here."""
    package, name = path.partition(".")[0], path.rpartition(".")[2]
    make: Make | None = TYPES.get((package, name))
    if make is None and package in SHARING:
        own = getattr(sa.types, name, None)
        make = own if isinstance(own, type) and issubclass(own, TypeEngine) else None
    if make is None:
        return None
    try:
        return make(*arguments, **(given or {}))
    except (TypeError, ValueError):
        return None  # called otherwise than the library is; its name alone stands in
