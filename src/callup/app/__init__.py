"""app: being built."""
