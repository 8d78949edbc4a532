"""The agreement and its disputes, as pages show them."""
