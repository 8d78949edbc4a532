"""The figures of each report: what a column is called, what it means, and its formula."""
