"""Grouped queries over a cohort. Each is one statement, so that joins never multiply one another's counts."""
