"""What the library asks of the database: triggers to declare, install and compare."""
