"""tidy up customers

Revision ID: 9d62b1c4f837
Revises: 8c0f57a3e6d2
Create Date: 2026-03-12 10:21:44.318205

"""

import sqlalchemy as sa
from alembic import op

revision = "9d62b1c4f837"
down_revision = "8c0f57a3e6d2"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.alter_column("customers", "name", new_column_name="full_name")
    op.drop_column("customers", "fax")


def downgrade():
    op.add_column("customers", sa.Column("fax", sa.Text(), nullable=True))
    op.alter_column("customers", "full_name", new_column_name="name")
