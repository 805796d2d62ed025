"""Recorded-looking chat with labelled raids in it, and how well the radar finds them: `python -m tests.raids`."""
