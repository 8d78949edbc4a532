"""Machine tests of an agreement's clauses: what each kind asks for, and how it judges what is known of a lead. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from funnel.attributes import Attribute
from funnel.free_mail import FREE_MAIL_DOMAINS

Arguments = Mapping[str, Any]
Fact = str | int | Decimal | None

FIELDS: Mapping[str, str] = {
    "email": "E-mail address",
    "phone": "Phone number",
    "first_name": "First name",
    "last_name": "Last name",
    "title": "Title",
    "channel": "Channel",
    "self_reported_source": "Self-reported source",
    "company.name": "Company",
    "company.domain": "Company's domain",
    "company.naics": "NAICS code",
    "company.country": "Country",
    "company.employees": "Employees",
    "company.annual_revenue": "Annual revenue",
    "company.locations": "Locations",
    "expected_value": "Expected value",
}
NUMBER_FIELDS = ("company.employees", "company.annual_revenue", "company.locations", "expected_value")
# What a clause that people judge may be about, beside the fields and attributes.
SUBJECTS: Mapping[str, str] = {**dict(Attribute.choices), **FIELDS, "score": "Score", "segment": "Segment"}


@dataclass(frozen=True)
class Learned:
    """What is known of an attribute: in whose words (a person or a system), and since when."""

    text: str
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that a clause may look at. `fields`: by the names of FIELDS; a blank or missing one is unknown."""

    fields: Mapping[str, Fact] = field(default_factory=dict)
    known: Mapping[str, Learned] = field(default_factory=dict)
    score: int | None = None
    country: str = ""


@dataclass(frozen=True)
class ClauseResult:
    """`met` is None where people have to judge. `evidence` says in words what was found."""

    number: int
    sentence: str
    met: bool | None
    evidence: str


class InvalidArguments(ValueError):
    """A clause whose test cannot be run: argument -> sentence."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(self.problems.values()))


Judgement = tuple[bool | None, str]


@dataclass(frozen=True)
class Kind:
    """One machine test. `subject`: what it looks at; `operand`: what it compares with. Both name an argument."""

    slug: str
    label: str
    judge: Callable[[Arguments, Facts], Judgement]
    words: str
    subject: str = ""
    operand: str = ""
    about: str = ""
    fields: tuple[str, ...] = tuple(FIELDS)


def evaluate(*, number: int, sentence: str, test: str, arguments: Arguments, facts: Facts) -> ClauseResult:
    met, evidence = KINDS[test].judge(arguments, facts)
    return ClauseResult(number, sentence, met, evidence)


# --- what each kind finds -------------------------------------------------------------------------------------


def _by_people(_arguments: Arguments, _facts: Facts) -> Judgement:
    return None, "To be judged by people"


def _attribute_known(arguments: Arguments, facts: Facts) -> Judgement:
    label = Attribute(arguments["attribute"]).label
    learned = facts.known.get(arguments["attribute"])
    return (False, f"{label}: not known") if learned is None else (True, f"{label}: {_said(learned)}")


def _said(learned: Learned) -> str:
    when = f"{learned.at.day} {learned.at:%b}" if learned.at else ""
    source = ", ".join(filter(None, (learned.by, when)))
    return f"{learned.text} ({source})" if source else learned.text


def _field_present(arguments: Arguments, facts: Facts) -> Judgement:
    value = _value(arguments, facts)
    return value is not None, _found(arguments, value)


def _field_equals(arguments: Arguments, facts: Facts) -> Judgement:
    value, wanted = _value(arguments, facts), arguments["value"]
    met = _key(value) == _key(wanted)
    return met, _found(arguments, value) + ("" if met else f", needs {wanted}")


def _field_in_list(arguments: Arguments, facts: Facts) -> Judgement:
    value, wanted = _value(arguments, facts), arguments["values"]
    met = _key(value) in {_key(one) for one in wanted}
    return met, _found(arguments, value) + ("" if met else f", needs one of {', '.join(wanted)}")


def _field_at_least(arguments: Arguments, facts: Facts) -> Judgement:
    value, least = _value(arguments, facts), Decimal(str(arguments["at_least"]))
    met = value is not None and Decimal(value) >= least
    return met, _found(arguments, value) + ("" if met else f", needs {_number(least)}")


def _score_at_least(arguments: Arguments, facts: Facts) -> Judgement:
    least = arguments["at_least"]
    if facts.score is None:
        return False, f"No score, needs {least}"
    met = facts.score >= Decimal(str(least))
    return met, f"Score {facts.score}" + ("" if met else f", needs {least}")


def _segment_not_in_list(arguments: Arguments, facts: Facts) -> Judgement:
    learned = facts.known.get(Attribute.INDUSTRY_CODE)
    in_words = re.match(r"\d{2,6}", learned.text) if learned else None
    code = str(facts.fields.get("company.naics") or (in_words[0] if in_words else ""))
    if not code:
        return None, "Industry code not known: to be judged by people"
    excluded = next((prefix for prefix in arguments["values"] if code.startswith(prefix)), None)
    if excluded is None:
        return True, f"Industry code {code}, not among those left out"
    return False, f"Industry code {code} is left out ({excluded})"


def _email_not_free_mail(_arguments: Arguments, facts: Facts) -> Judgement:
    domain = str(facts.fields.get("email") or "").rpartition("@")[2].lower()
    if not domain:
        return False, "No e-mail address"
    met = domain not in FREE_MAIL_DOMAINS
    return met, f"{domain} is a free-mail service" if not met else f"E-mail at {domain}"


def _country_in_list(arguments: Arguments, facts: Facts) -> Judgement:
    wanted = ", ".join(arguments["values"])
    if not facts.country:
        return False, f"Country not known, needs one of {wanted}"
    met = facts.country.upper() in arguments["values"]
    return met, f"Country {facts.country.upper()}" + ("" if met else f", needs one of {wanted}")


def _value(arguments: Arguments, facts: Facts) -> Fact:
    value = facts.fields.get(arguments["field"])
    return None if value == "" else value


def _found(arguments: Arguments, value: Fact) -> str:
    label = FIELDS[arguments["field"]]
    if value is None:
        return f"{label}: not known"
    return f"{label}: {value if isinstance(value, str) else _number(Decimal(value))}"


def _key(value: Fact) -> str | None:
    if value is None:
        return None
    return value.strip().casefold() if isinstance(value, str) else _number(Decimal(value)).replace(",", "")


def _number(value: Decimal) -> str:
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,}"


_ALL_KINDS = (
    Kind("", "People judge it", _by_people, "People judge it", subject="about"),
    Kind("attribute_known", "Attribute is known", _attribute_known, "{subject} is known", subject="attribute"),
    Kind("field_present", "Field is filled in", _field_present, "{subject} is filled in", subject="field"),
    Kind("field_equals", "Field equals", _field_equals, "{subject} is {operand}", subject="field", operand="value"),
    Kind(
        "field_in_list",
        "Field is one of",
        _field_in_list,
        "{subject} is one of {operand}",
        subject="field",
        operand="values",
    ),
    Kind(
        "field_at_least",
        "Field is at least",
        _field_at_least,
        "{subject} is at least {operand}",
        subject="field",
        operand="at_least",
        fields=NUMBER_FIELDS,
    ),
    Kind(
        "score_at_least",
        "Score is at least",
        _score_at_least,
        "Score is at least {operand}",
        operand="at_least",
        about="score",
    ),
    Kind(
        "segment_not_in_list",
        "Segment is not one of",
        _segment_not_in_list,
        "Industry code does not begin with {operand}",
        operand="values",
        about="segment",
    ),
    Kind(
        "email_not_free_mail",
        "E-mail is not free mail",
        _email_not_free_mail,
        "E-mail address is not of a free-mail service",
        about="email",
    ),
    Kind(
        "country_in_list",
        "Country is one of",
        _country_in_list,
        "Country is one of {operand}",
        operand="values",
        about="company.country",
    ),
)
KINDS: Mapping[str, Kind] = {kind.slug: kind for kind in _ALL_KINDS}


# --- what is written of a test --------------------------------------------------------------------------------


def describe(test: str, arguments: Arguments) -> str:
    """The test in words: “Score is at least 60”."""
    kind = KINDS[test]
    operand = arguments.get(kind.operand, "")
    listed = ", ".join(operand) if isinstance(operand, list) else str(operand)
    subject = SUBJECTS.get(str(arguments.get(kind.subject, "")), "")
    if not test and subject:
        return f"{kind.words}: {subject}"
    return kind.words.format(subject=subject, operand=listed)


def subject_of(test: str, arguments: Arguments) -> str:
    """What a clause is about, one of SUBJECTS; blank where people judge it and nobody said."""
    kind = KINDS[test]
    return kind.about or str(arguments.get(kind.subject, ""))


def arguments_of(test: str, *, subject: str = "", operand: str = "") -> dict[str, Any]:
    """The typed arguments, from what a person chose and typed. Raises InvalidArguments."""
    if test not in KINDS:
        raise InvalidArguments({"test": f"“{test}” is not a test."})
    kind = KINDS[test]
    given: dict[str, Any] = {}
    if kind.subject and subject:
        given[kind.subject] = subject
    if kind.operand == "values":
        given["values"] = [one.strip() for one in operand.split(",") if one.strip()]
    elif kind.operand:
        given[kind.operand] = operand.strip()
    return checked_arguments(test, given)


def checked_arguments(test: str, arguments: Arguments) -> dict[str, Any]:
    """The arguments as they are stored. Raises InvalidArguments that names every one that is wrong."""
    if test not in KINDS:
        raise InvalidArguments({"test": f"“{test}” is not a test."})
    kind, problems = KINDS[test], {}
    checked: dict[str, Any] = {}
    for name in arguments.keys() - {kind.subject, kind.operand}:
        problems[name] = f"“{kind.label}” takes no “{name}”."
    for name in filter(None, (kind.subject, kind.operand)):
        try:
            checked[name] = _CHECKS[name](arguments.get(name), kind)
        except ValueError as problem:
            problems[name] = str(problem)
    if problems:
        raise InvalidArguments(problems)
    return {name: value for name, value in checked.items() if value != ""}


def _check_about(given: Any, _kind: Kind) -> str:
    if given in {None, ""}:
        return ""
    return _one_of(given, SUBJECTS, "Choose what the clause is about.")


def _check_attribute(given: Any, _kind: Kind) -> str:
    return _one_of(given, Attribute.values, "Choose one of the ten attributes.")


def _check_field(given: Any, kind: Kind) -> str:
    return _one_of(
        given, kind.fields, f"Choose {'a field with a number' if kind.operand == 'at_least' else 'a field'}."
    )


def _one_of(given: Any, choices: Iterable[str], sentence: str) -> str:
    if given not in set(choices):
        raise ValueError(sentence)
    return str(given)


def _check_value(given: Any, _kind: Kind) -> str:
    if not isinstance(given, str) or not given.strip():
        raise ValueError("Say which value it needs.")
    return given.strip()


def _check_values(given: Any, kind: Kind) -> list[str]:
    listed = [str(one).strip() for one in given] if isinstance(given, list) else []
    if not all(listed) or not listed:
        raise ValueError("Give the values, with commas between them.")
    if kind.slug == "segment_not_in_list" and not all(re.fullmatch(r"\d{2,6}", one) for one in listed):
        raise ValueError("Give NAICS codes or their beginnings, 2 to 6 digits each.")
    if kind.slug == "country_in_list":
        listed = [one.upper() for one in listed]
        if not all(re.fullmatch(r"[A-Z]{2}", one) for one in listed):
            raise ValueError("Give country codes of two letters, for example DE, AT, CH.")
    return listed


def _check_at_least(given: Any, _kind: Kind) -> int:
    text = str(given).replace(",", "").strip() if given is not None else ""
    if not re.fullmatch(r"-?\d{1,12}", text):
        raise ValueError("Give a whole number.")
    return int(text)


_CHECKS: Mapping[str, Callable[[Any, Kind], Any]] = {
    "about": _check_about,
    "attribute": _check_attribute,
    "field": _check_field,
    "value": _check_value,
    "values": _check_values,
    "at_least": _check_at_least,
}


# --- evidence as text -----------------------------------------------------------------------------------------


def numbered_lines(texts: Mapping[int, str]) -> str:
    """One line a clause: “2: Score 42, needs 60”. Empty texts are left out."""
    return "\n".join(f"{number}: {' '.join(text.split())}" for number, text in sorted(texts.items()) if text.strip())


def read_numbered_lines(text: str) -> dict[int, str]:
    lines = (line.partition(": ") for line in text.splitlines())
    return {int(number): said for number, _, said in lines if number.isdecimal()}
