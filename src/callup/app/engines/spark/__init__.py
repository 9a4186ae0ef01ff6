"""Spark: the stages over a whole register on a cluster, by SQL alone; nothing of callup is installed on its machines (ADR 0032)."""
