"""The rules of a live show: pure and synchronous, without I/O."""
