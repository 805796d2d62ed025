"""What the operator sees, as data: no terminal, no network, no clock."""
