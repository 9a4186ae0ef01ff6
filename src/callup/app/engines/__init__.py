"""Engines that run what the rooms write: DuckDB for queries, Typst for letters."""
