"""index orders by customer

Revision ID: 4fa7206d8be5
Revises: 3c58f1e7b942
Create Date: 2026-02-16 10:21:44.318205

"""

import sqlalchemy as sa
from alembic import op

revision = "4fa7206d8be5"
down_revision = "3c58f1e7b942"
branch_labels = None
depends_on = None


def upgrade():
    with op.get_context().autocommit_block():
        op.create_index("ix_orders_customer_id", "orders", ["customer_id"], postgresql_concurrently=True)


def downgrade():
    with op.get_context().autocommit_block():
        op.drop_index("ix_orders_customer_id", table_name="orders", postgresql_concurrently=True)
