"""tlog: being built."""
