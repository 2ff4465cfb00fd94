"""Which libraries are known to be no project's own."""

from __future__ import annotations

KNOWN_LIBRARIES = frozenset(
    """
    sqlalchemy alembic sqlmodel sqlalchemy_utils geoalchemy2 pgvector citext sqlalchemy_citext psycopg psycopg2
    asyncpg pymysql MySQLdb aiomysql asyncmy mysql oracledb cx_Oracle pyodbc pymssql alembic_utils
    alembic_postgresql_enum flask flask_sqlalchemy flask_migrate flask_appbuilder django fastapi
    fastapi_users_db_sqlalchemy pydantic pydantic_settings sqlalchemy_json sqlalchemy_jsonfield
    sqlalchemy_continuum advanced_alchemy oslo_config oslo_db oslo_log oslo_utils oslo_serialization cryptography
    dotenv decouple environs requests httpx numpy pandas yaml ruamel orjson ujson tqdm rich click typer structlog
    loguru sentry_sdk boto3 botocore redis celery passlib bcrypt jwt itsdangerous werkzeug jinja2 markupsafe babel
    pytz dateutil tzdata six attrs attr msgspec simplejson packaging setuptools pkg_resources greenlet anyio trio
    uvloop tenacity arrow pendulum slugify shortuuid ulid nanoid uuid6 uuid_utils more_itertools toolz deepdiff
    jsonschema marshmallow wtforms ckan_common paste webob zope transaction sqlakeyset snowflake google azure
    openai transformers torch
    """.split()
)
"""Distributions that are no project's own: a missing one is stood in for, but it is not the application."""
