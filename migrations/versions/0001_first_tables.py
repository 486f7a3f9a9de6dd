"""The first tables: runs, their trees of generations, genomes, picks, favourites."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_runs_and_genomes()
    create_generations()
    create_individuals()
    create_favourites()


def create_runs_and_genomes() -> None:
    op.create_table(
        "genomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("color", sa.String(16), nullable=False),
        sa.Column("nodes", sa.Integer(), nullable=False),
        sa.Column("connections", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_genomes"),
        sa.UniqueConstraint("public_id", name="uq_genomes_public_id"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("seed", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("public_id", name="uq_runs_public_id"),
    )
    op.create_index("ix_runs_name", "runs", ["name"])
    op.create_index("ix_runs_updated_at", "runs", ["updated_at"])


def create_generations() -> None:
    op.create_table(
        "generations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("forward_id", sa.Integer(), nullable=True),
        sa.Column("copied_from_id", sa.Integer(), nullable=True),
        sa.Column("bred_from", sa.String(200), nullable=False),
        sa.Column("seed", sa.String(32), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("screening", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("fingerprints", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_generations"),
        sa.UniqueConstraint("public_id", name="uq_generations_public_id"),
        references("generations", "run_id", "runs"),
        references("generations", "parent_id", "generations"),
        references("generations", "forward_id", "generations"),
        references("generations", "copied_from_id", "generations"),
    )
    op.create_index("ix_generations_run_id", "generations", ["run_id"])
    op.create_index("ix_generations_parent_id_bred_from", "generations", ["parent_id", "bred_from"])
    op.create_table(
        "cursors",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("generation_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_cursors"),
        references("cursors", "run_id", "runs"),
        references("cursors", "generation_id", "generations"),
    )


def create_individuals() -> None:
    op.create_table(
        "individuals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("generation_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("genome_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("candidate", sa.Integer(), nullable=True),
        sa.Column("mutations", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_individuals"),
        sa.UniqueConstraint("generation_id", "slot", name="uq_individuals_generation_id_slot"),
        references("individuals", "generation_id", "generations"),
        references("individuals", "genome_id", "genomes"),
    )
    op.create_index("ix_individuals_genome_id", "individuals", ["genome_id"])
    op.create_table(
        "parentage",
        sa.Column("individual_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("genome_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("individual_id", "position", name="pk_parentage"),
        references("parentage", "individual_id", "individuals"),
        references("parentage", "genome_id", "genomes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "picks",
        sa.Column("individual_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("picked_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("individual_id", name="pk_picks"),
        references("picks", "individual_id", "individuals"),
        references("picks", "run_id", "runs"),
    )
    op.create_index("ix_picks_run_id_picked_at", "picks", ["run_id", "picked_at"])


def create_favourites() -> None:
    op.create_table(
        "favourites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("genome_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_favourites"),
        sa.UniqueConstraint("genome_id", name="uq_favourites_genome_id"),
        references("favourites", "genome_id", "genomes"),
        references("favourites", "run_id", "runs"),
    )


def references(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")
