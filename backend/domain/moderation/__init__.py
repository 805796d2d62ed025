"""Moderation as rules without I/O: acts write registers, an undo makes an act as if it had not been."""
