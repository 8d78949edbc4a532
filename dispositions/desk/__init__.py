"""A rep's desk: the queue, the brief of a lead, the panels in which its outcome is said, the next step."""
