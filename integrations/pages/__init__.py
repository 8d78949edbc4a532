"""What the pages about connected tools show, worked out apart from the views."""
