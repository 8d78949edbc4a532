"""One person, one key: spellings of an e-mail address or a company that mean the same give the same key. Pure."""

import re
import unicodedata
from functools import lru_cache

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

# Addresses of this plain shape are their own key; to look closer takes fifty times as long.
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(
    rf"(?=.{{6,254}}\Z)(?=[^@]{{1,64}}@)(?!.*@.*--){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+([a-z]{{2,63}})", re.ASCII
)
_SPECIAL = frozenset(name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES)

# What LeadFlow itself calls a lead towards a system that has no name for it.
OWN_NAME_PREFIX = "leadflow:"


class InvalidEmail(ValueError):
    """Not an e-mail address; the sentence quotes it."""


@lru_cache(maxsize=8192)  # an importer asks for the key of each row of a chunk before `receive_leads` does
def email_key(address: str) -> str:
    """The key of an address: NFKC, trimmed, lower case, the domain in IDNA. Raises InvalidEmail."""
    plain = unicodedata.normalize("NFKC", address).strip().lower()
    if (match := _PLAIN.fullmatch(plain)) and match[1] not in _SPECIAL:
        return plain
    try:
        checked = validate_email(plain, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise InvalidEmail(f"“{address[:80]}” is not an e-mail address.") from error
    return f"{checked.local_part}@{checked.ascii_domain}"


def name_key(name: str) -> str:
    """The key of a company's name: NFKC, one space between words, case folded."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:200]


def domain_key(domain: str) -> str:
    """A bare host in lower case, without a leading www."""
    bare = domain.strip().lower().removeprefix("https://").removeprefix("http://").split("/")[0]
    return bare.removeprefix("www.")
