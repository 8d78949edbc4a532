"""The parameters of reports: parsed once, from the strings of a URL, a form or a command line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.principals import Principal

# Far enough for any business, near enough for every database and time zone to compute with.
EARLIEST, LATEST = date(1970, 1, 1), date(2100, 12, 31)


class InvalidParameter(Exception):
    """The sentence names the parameter and says what is wrong with it."""


@dataclass(frozen=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True)
class Parameter:
    """`read` raises ValueError with a sentence. Parameters with `options` are chosen from a list on the page.

    `blank`: what it is called there when nothing is chosen.
    """

    name: str
    label: str
    help: str
    read: Callable[[str, Principal], Any]
    options: Callable[[Principal], Sequence[Option]] | None = None
    default: str = ""
    blank: str = "All"

    @property
    def is_view(self) -> bool:
        """Whether it says what the rows stand for: on the page a row of tabs."""
        return self.name == "by"


@dataclass(frozen=True)
class Parameters:
    """`texts` as they were given, defaults filled in; `values` what they mean, None where nothing was given."""

    texts: Mapping[str, str]
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str) -> Any:
        """None also where the report has no such parameter."""
        return self.values.get(name)


def parse_parameters(declared: Sequence[Parameter], given: Mapping[str, str], principal: Principal) -> Parameters:
    """A blank text is a parameter not given. Raises InvalidParameter."""
    known = {parameter.name: parameter for parameter in declared}
    for name in given:
        if name not in known:
            raise InvalidParameter(f"There is no parameter “{name}”. This report has: {', '.join(known)}.")
    texts = {name: given.get(name, "").strip() or parameter.default for name, parameter in known.items()}
    return Parameters(texts, {name: _value(known[name], text, principal) for name, text in texts.items()})


def _value(parameter: Parameter, text: str, principal: Principal) -> Any:
    if not text:
        return None
    try:
        return parameter.read(text, principal)
    except ValueError as error:
        raise InvalidParameter(f"{parameter.name}: {error}") from error


def read_date(text: str, _: Principal) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"“{text}” is not a date. Write it as YYYY-MM-DD, for example 2024-03-31.") from error
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"{text} is not between {EARLIEST} and {LATEST}.")
    return day


def choice(name: str, label: str, options: Sequence[Option], *, text: str) -> Parameter:
    """One of a fixed list; the first is what is meant when nothing is said. `text` is its help."""
    values = [option.value for option in options]

    def read(given: str, _: Principal) -> str:
        if given not in values:
            raise ValueError(f"“{given}” is not possible. Choose one of: {', '.join(values)}.")
        return given

    return Parameter(name, label, text, read, lambda _: options, default=values[0])
