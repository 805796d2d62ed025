"""Every change of the schema since the first day, oldest first."""
