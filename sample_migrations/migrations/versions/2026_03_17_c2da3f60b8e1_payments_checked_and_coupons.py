"""every payment has its order and its provider; coupons

Revision ID: c2da3f60b8e1
Revises: b1749ce85d03
Create Date: 2026-03-17 10:21:44.318205

"""

import sqlalchemy as sa
from alembic import op

revision = "c2da3f60b8e1"
down_revision = "b1749ce85d03"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE payments VALIDATE CONSTRAINT fk_payments_order_id_orders")
    op.execute("ALTER TABLE payments VALIDATE CONSTRAINT ck_payments_provider_given")
    op.alter_column("payments", "provider", existing_type=sa.Text(), nullable=False)
    op.drop_constraint("provider_given", "payments", type_="check")
    op.add_column("payments", sa.Column("note", sa.Text(), nullable=True))
    op.create_table(
        "coupons",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_coupons"),
    )
    op.create_index("ix_coupons_created_at", "coupons", ["created_at"])


def downgrade():
    op.drop_table("coupons")
    op.drop_column("payments", "note")
    op.create_check_constraint("provider_given", "payments", "provider IS NOT NULL", postgresql_not_valid=True)
    op.alter_column("payments", "provider", existing_type=sa.Text(), nullable=True)
