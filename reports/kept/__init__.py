"""Answers of reports kept by blocks of leads: only blocks whose facts were written since are counted again."""
