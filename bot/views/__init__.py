"""What the operator reads: domain values in, HTML out. Pure."""
