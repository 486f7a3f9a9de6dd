"""What a gallery says of pictures, the words they are found by, and which runs were purged."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

EMPTY = "1970-01-01 00:00:00.000000"
COLUMNS = (
    sa.Column("description", sa.Text(), nullable=False, server_default=""),
    sa.Column("tags", sa.Text(), nullable=False, server_default=""),
    sa.Column("stars", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("published_at", sa.DateTime(), nullable=True),
    sa.Column("updated_at", sa.DateTime(), nullable=False, server_default=EMPTY),
    sa.Column("title_key", sa.Text(), nullable=False, server_default=""),
    sa.Column("complexity", sa.Double(), nullable=False, server_default="-1"),
    sa.Column("colors", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("looks_version", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("vector", sa.LargeBinary(), nullable=True),
)
INDEXES = (
    ["created_at", "id"],
    ["published_at", "id"],
    ["stars", "id"],
    ["title_key", "id"],
    ["complexity", "id"],
    ["run_id"],
)
WORDS = (
    """CREATE VIRTUAL TABLE gallery_words USING fts5(
        title, description, tags, content='favourites', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2', prefix='2 3')""",
    """CREATE TRIGGER gallery_words_insert AFTER INSERT ON favourites BEGIN
        INSERT INTO gallery_words (rowid, title, description, tags)
        VALUES (new.id, new.title, new.description, new.tags); END""",
    """CREATE TRIGGER gallery_words_delete AFTER DELETE ON favourites BEGIN
        INSERT INTO gallery_words (gallery_words, rowid, title, description, tags)
        VALUES ('delete', old.id, old.title, old.description, old.tags); END""",
    """CREATE TRIGGER gallery_words_update AFTER UPDATE OF title, description, tags ON favourites
        BEGIN
        INSERT INTO gallery_words (gallery_words, rowid, title, description, tags)
        VALUES ('delete', old.id, old.title, old.description, old.tags);
        INSERT INTO gallery_words (rowid, title, description, tags)
        VALUES (new.id, new.title, new.description, new.tags); END""",
    "INSERT INTO gallery_words (gallery_words) VALUES ('rebuild')",
)


def upgrade() -> None:
    op.add_column("runs", sa.Column("purged_at", sa.DateTime(), nullable=True))
    # Without these, SQLite would look through whole tables for each row that is deleted.
    op.create_index("ix_parentage_genome_id", "parentage", ["genome_id"])
    op.create_index("ix_generations_forward_id", "generations", ["forward_id"])
    op.create_index("ix_generations_copied_from_id", "generations", ["copied_from_id"])
    extend_favourites()
    create_tags()
    if op.get_bind().dialect.name == "sqlite":
        for statement in WORDS:
            op.execute(statement)


def extend_favourites() -> None:
    for column in COLUMNS:
        op.add_column("favourites", column)
    connection = op.get_bind()
    connection.execute(sa.text("UPDATE favourites SET updated_at = created_at"))
    for key, title in connection.execute(sa.text("SELECT id, title FROM favourites")).all():
        connection.execute(
            sa.text("UPDATE favourites SET title_key = :folded WHERE id = :key"),
            {"folded": title.casefold(), "key": key},
        )
    for columns in INDEXES:
        op.create_index(f"ix_favourites_{'_'.join(columns)}", "favourites", columns)


def create_tags() -> None:
    op.create_table(
        "tags",
        sa.Column("favourite_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(50), nullable=False),
        sa.PrimaryKeyConstraint("favourite_id", "tag", name="pk_tags"),
        sa.ForeignKeyConstraint(
            ["favourite_id"], ["favourites.id"], name="fk_tags_favourite_id_favourites"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tags_tag_favourite_id", "tags", ["tag", "favourite_id"])
