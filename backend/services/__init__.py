"""Use cases: authorize, load, decide, save, and tell after the commit."""
