"""What the library asks of the database: declare, install and compare triggers, carry the context."""
