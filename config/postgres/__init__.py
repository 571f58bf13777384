"""Django's PostgreSQL backend, which also tells the database on whose behalf it writes."""
