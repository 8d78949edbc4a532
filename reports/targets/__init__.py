"""Setting targets and agreeing to them: who may, the form, and the page."""
