"""Parts of a text."""

Span = tuple[int, int]
"""From the first number on, up to but without the second, in code points."""
