"""planning: being built."""
