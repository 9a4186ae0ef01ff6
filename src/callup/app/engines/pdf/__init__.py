"""A writer of tagged PDF for letters in mass: one subset of a font a wave, fixed parts once a file, lines broken by widths (ADR 0026)."""
