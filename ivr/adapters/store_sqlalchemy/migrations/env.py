"""Runs inside the transaction that `migrate.upgrade` opened; there is no other way to run it."""

from alembic import context

from ivr.adapters.store_sqlalchemy.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
