"""Pure risk rules: sizing, costs, the gate, breakers, the signal threshold and the exit policy."""
