"""Alembic's entry: runs the scripts on the connection that was handed in.

Stands alone, as every script here does: what it did to a database yesterday must be what it does
in ten years, whatever breeder's code has become. By hand, a database is named like so:
`alembic -x url=sqlite:///art.db current`.
"""

from alembic import context
from sqlalchemy import Connection, create_engine


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("metadata"),
        render_as_batch=True,  # SQLite changes a table by building it anew
        transactional_ddl=True,  # all scripts or none: an upgrade that fails leaves no trace
    )
    with context.begin_transaction():
        context.run_migrations()


handed_in = context.config.attributes.get("connection")
if handed_in is not None:
    run(handed_in)
else:
    with create_engine(context.get_x_argument(as_dictionary=True)["url"]).connect() as opened:
        run(opened)
        opened.commit()
