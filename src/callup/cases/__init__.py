"""cases: being built."""
