"""The REST transport: thin handlers over the use cases, served from the table of endpoints."""
