"""register: being built."""
