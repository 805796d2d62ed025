"""RTMP as publishers speak it ("Adobe's Real Time Messaging Protocol" 1.0): bytes in, events out, no I/O."""
