"""channels: being built."""
