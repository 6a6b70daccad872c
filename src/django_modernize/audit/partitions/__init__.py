"""Monthly partitions of the table of events, on PostgreSQL."""
