"""What every page is made of many times over, made without Django's long way round."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django.contrib.staticfiles.storage import StaticFilesStorage
from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from whitenoise.storage import CompressedManifestStaticFilesStorage

_INPUTS = frozenset(
    f"django/forms/widgets/{name}.html"
    for name in ("input", "text", "number", "email", "url", "tel", "search", "hidden", "date", "datetime")
)


_SELECT = "django/forms/widgets/select.html"


class QuickInputs(DjangoTemplates):
    """Django renders three templates for each <input> and two for each <option>, and pages have dozens of them."""

    def render(
        self, template_name: str, context: Mapping[str, Any], request: HttpRequest | None = None
    ) -> SafeString | str:
        if template_name in _INPUTS:
            return _input(context["widget"])
        if template_name == _SELECT:
            return _select(context["widget"])
        return super().render(template_name, dict(context), request)


def _input(widget: Mapping[str, Any]) -> SafeString:
    shown = {} if widget["value"] is None else {"value": widget["value"]}
    given = {name: value for name, value in widget["attrs"].items() if value is not None}
    return format_html("<input{}>", flatatt({"type": widget["type"], "name": widget["name"]} | shown | given))


def _select(widget: Mapping[str, Any]) -> SafeString:
    groups = format_html_join("", "{}", ((_group(name, options),) for name, options, _ in widget["optgroups"]))
    return format_html("<select{}>{}</select>", flatatt({"name": widget["name"]} | widget["attrs"]), groups)


def _group(name: str | None, options: Iterable[Mapping[str, Any]]) -> SafeString:
    """`name`: where the options have a heading."""
    shown = format_html_join(
        "",
        "<option{}>{}</option>",
        ((flatatt({"value": str(one["value"])} | one["attrs"]), one["label"]) for one in options),
    )
    return format_html('<optgroup label="{}">{}</optgroup>', name, shown) if name else shown


class StaticFiles(StaticFilesStorage):
    """Works the address of a file out once: all icons of a page are in one."""

    @cached_property
    def _addresses(self) -> dict[str | None, str]:
        return {}

    def url(self, name: str | None, *args: Any) -> str:
        if name not in self._addresses:
            self._addresses[name] = super().url(name, *args)
        return self._addresses[name]


class HashedStaticFiles(StaticFiles, CompressedManifestStaticFilesStorage):
    """With the hash of what is in a file in its name, for production."""
