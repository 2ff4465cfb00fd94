"""order lines refer to products

Revision ID: 8c0f57a3e6d2
Revises: 7b84e20d5fc9
Create Date: 2026-03-11 10:21:44.318205

"""

import sqlalchemy as sa
from alembic import op

revision = "8c0f57a3e6d2"
down_revision = "7b84e20d5fc9"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_foreign_key(op.f("fk_order_lines_product_id_products"), "order_lines", "products", ["product_id"], ["id"])


def downgrade():
    op.drop_constraint(op.f("fk_order_lines_product_id_products"), "order_lines", type_="foreignkey")
