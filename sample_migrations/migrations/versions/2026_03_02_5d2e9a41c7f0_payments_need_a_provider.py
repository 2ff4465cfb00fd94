"""payments need a provider from now on

Revision ID: 5d2e9a41c7f0
Revises: 4fa7206d8be5
Create Date: 2026-03-02 10:21:44.318205

"""

import sqlalchemy as sa
from alembic import op

revision = "5d2e9a41c7f0"
down_revision = "4fa7206d8be5"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_check_constraint("provider_given", "payments", "provider IS NOT NULL", postgresql_not_valid=True)


def downgrade():
    op.drop_constraint("provider_given", "payments", type_="check")
