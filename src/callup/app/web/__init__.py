"""Pages that callup serves or publishes."""
