"""jurisdictions: being built."""
