"""payments

Revision ID: 3c58f1e7b942
Revises: 2e93d5a80c16
Create Date: 2026-02-02 10:21:44.318205

"""

import sqlalchemy as sa
from alembic import op

revision = "3c58f1e7b942"
down_revision = "2e93d5a80c16"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(10, 2), nullable=False),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
    )


def downgrade():
    op.drop_table("payments")
