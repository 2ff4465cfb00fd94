"""orders are no longer put on hold

Revision ID: a05e7d93c2b8
Revises: 9d62b1c4f837
Create Date: 2026-03-13 10:21:44.318205

"""

import sqlalchemy as sa
from alembic import op

revision = "a05e7d93c2b8"
down_revision = "9d62b1c4f837"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("UPDATE orders SET status = 'pending' WHERE status = 'on_hold'")
    op.execute("ALTER TYPE order_status RENAME TO order_status_old")
    status = sa.Enum("pending", "paid", "shipped", name="order_status")
    status.create(op.get_bind())
    op.alter_column("orders", "status", server_default=None)
    op.execute("ALTER TABLE orders ALTER COLUMN status TYPE order_status USING status::text::order_status")
    op.alter_column("orders", "status", server_default="pending")
    op.execute("DROP TYPE order_status_old")


def downgrade():
    pass
