"""The wire contract that the backend and the control room share: stdlib dataclasses, no I/O."""
