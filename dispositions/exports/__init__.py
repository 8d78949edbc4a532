"""The lists of the desk, the team and marketing, as files. What a file has fits who takes it away."""
