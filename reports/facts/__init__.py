"""The history of leads as facts to count: read, kept up to date, rebuilt."""
