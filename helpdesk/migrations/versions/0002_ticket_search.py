"""Full-text search, in a table of the kind each database has for it, and an index Alembic does not write."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = """
CREATE VIRTUAL TABLE ticket_search
USING fts5(body, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2')
"""
POSTGRESQL = """
CREATE TABLE ticket_search (
    ticket_id BIGINT NOT NULL CONSTRAINT fk_ticket_search_ticket_id_ticket REFERENCES ticket (id),
    is_for_customer SMALLINT NOT NULL,
    body TSVECTOR NOT NULL,
    CONSTRAINT pk_ticket_search PRIMARY KEY (ticket_id, is_for_customer)
);
CREATE INDEX ix_ticket_search_of_agents ON ticket_search USING gin (body) WHERE is_for_customer = 0;
CREATE INDEX ix_ticket_search_of_customers ON ticket_search USING gin (body) WHERE is_for_customer = 1
"""


def upgrade() -> None:
    """Make both."""
    kind = op.get_bind().dialect.name
    for statement in (SQLITE if kind == "sqlite" else POSTGRESQL).split(";"):
        op.execute(statement)
    op.execute("CREATE INDEX ix_ticket_by_title ON ticket (lower(title), id, queue_id, state)")


def downgrade() -> None:
    """Drop both."""
    op.execute("DROP INDEX ix_ticket_by_title")
    op.execute("DROP TABLE ticket_search")
