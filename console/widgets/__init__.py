"""The parts of a screen: each shows what it is given and says what the operator did."""
