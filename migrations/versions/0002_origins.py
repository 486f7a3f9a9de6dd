"""Where genomes that came from elsewhere come from, in words."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "origins",
        sa.Column("genome_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("genome_id", name="pk_origins"),
        sa.ForeignKeyConstraint(["genome_id"], ["genomes.id"], name="fk_origins_genome_id_genomes"),
    )
