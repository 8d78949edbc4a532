"""A mapping as TOML: what the page's form says, in the words that the commands read."""

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def mapping_text(source: str, columns: Mapping[str, Any], constants: Mapping[str, Any]) -> str:
    """`columns`: by field, the name of a column or a table with `column` and more."""
    lines = [f"source = {_value(source)}", "", "[columns]"]
    lines += [f"{_key(field)} = {_value(declared)}" for field, declared in columns.items()]
    if constants:
        lines += ["", "[constants]", *(f"{_key(field)} = {_value(value)}" for field, value in constants.items())]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    match value:
        case Mapping():
            return "{ " + ", ".join(f"{_key(name)} = {_value(one)}" for name, one in value.items()) + " }"
        case bool():
            return str(value).lower()
        case _:
            # JSON's strings are TOML's, but for the one control character that JSON leaves as it is.
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
