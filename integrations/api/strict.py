"""A serializer that takes what it knows and nothing else, made for hundreds of objects in a call."""

import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import empty

_of_thread = threading.local()


class StrictSerializer(serializers.Serializer[Any]):
    """An object of JSON in which every key is known. Errors of all fields are told at once."""

    _said: Collection[str] = ()
    not_writable: ClassVar[frozenset[str]] = frozenset()
    also_in_schema: ClassVar[Mapping[str, Any]] = {}  # what OpenAPI says of the object beside its fields

    @classmethod
    def read(cls, data: Any, *, at: datetime) -> dict[str, Any]:
        """The object in our own types; `at`: the request's time. Raises ValidationError.

        Each thread keeps one reader of a kind: to make its fields takes longer than to judge by them.
        """
        readers: dict[type, Any] = vars(_of_thread).setdefault("readers", {})
        reader = readers.get(cls) or readers.setdefault(cls, cls())
        reader._context = {"at": at}  # noqa: SLF001  # what the constructor takes as `context`
        read: dict[str, Any] = reader.run_validation(data)
        return read

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise ValidationError({"non_field_errors": [ErrorDetail("This has to be an object.", "wrong-type")]})
        errors: dict[str, Any] = {name: [self._refusal(name)] for name in data.keys() - self.fields.keys()}
        values: dict[str, Any] = {}
        self._said = data
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            errors |= error.detail if isinstance(error.detail, Mapping) else {"non_field_errors": error.detail}
        if errors:
            raise ValidationError(dict(sorted(errors.items())))
        return values

    def run_validators(self, value: dict[str, Any]) -> None:
        """REST framework would look for defaults of fields that nobody may write, object by object."""
        if self.validators:
            super().run_validators(value)

    @property
    def _writable_fields(self) -> list[serializers.Field[Any, Any, Any, Any]]:
        """Those that have something to judge. Most bodies name few of the fields there are."""
        return [field for name, field, is_always in self._all_fields if is_always or name in self._said]

    @cached_property
    def _all_fields(self) -> Sequence[tuple[str, serializers.Field[Any, Any, Any, Any], bool]]:
        """With their names, and whether they are judged though nothing is said."""
        return [
            (name, field, field.required or field.default is not empty)
            for name, field in self.fields.items()
            if not field.read_only
        ]

    def _refusal(self, name: str) -> ErrorDetail:
        if name in self.not_writable:
            return ErrorDetail("Only LeadFlow writes this field.", "field-not-writable")
        return ErrorDetail("There is no such field.", "unknown-field")
