"""/team/: what a manager sees of the teams below him, as it is now."""
