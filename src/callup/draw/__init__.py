"""draw: being built."""
