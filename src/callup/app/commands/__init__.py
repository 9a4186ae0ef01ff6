"""The commands of callup, one module a group."""
