"""Sources of inbound hooks: their addresses and secrets."""

import secrets


def new_token() -> str:
    """The last part of a hook's address: nobody guesses it."""
    return secrets.token_urlsafe(24)


def new_secret() -> str:
    return secrets.token_urlsafe(32)
