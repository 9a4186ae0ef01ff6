"""statistics: being built."""
