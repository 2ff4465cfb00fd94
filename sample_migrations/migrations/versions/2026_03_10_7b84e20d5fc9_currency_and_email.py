"""orders have a currency, customers an email

Revision ID: 7b84e20d5fc9
Revises: 6a31c9f50e84
Create Date: 2026-03-10 10:21:44.318205

"""

import sqlalchemy as sa
from alembic import op

revision = "7b84e20d5fc9"
down_revision = "6a31c9f50e84"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.add_column("orders", sa.Column("currency", sa.Text(), nullable=False))
    op.alter_column("customers", "email", existing_type=sa.Text(), nullable=False)


def downgrade():
    op.alter_column("customers", "email", existing_type=sa.Text(), nullable=True)
    op.drop_column("orders", "currency")
