"""law: being built."""
