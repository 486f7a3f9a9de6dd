"""What guided a grid, answers to comparisons, and what a person set."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("generations", sa.Column("guidance", sa.JSON(), nullable=True))
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("left_genome_id", sa.Integer(), nullable=False),
        sa.Column("right_genome_id", sa.Integer(), nullable=False),
        sa.Column("preferred", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
        sa.UniqueConstraint("public_id", name="uq_answers_public_id"),
        sa.ForeignKeyConstraint(
            ["left_genome_id"], ["genomes.id"], name="fk_answers_left_genome_id_genomes"
        ),
        sa.ForeignKeyConstraint(
            ["right_genome_id"], ["genomes.id"], name="fk_answers_right_genome_id_genomes"
        ),
    )
    for column in ("left_genome_id", "right_genome_id", "answered_at"):
        op.create_index(f"ix_answers_{column}", "answers", [column])
    op.create_table(
        "preferences",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_preferences"),
    )
