"""notice: being built."""
