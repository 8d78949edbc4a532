"""Each component in its states, for the gallery: what it is given, as a page would give it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms

from accounts.models import SavedView, Team, User
from accounts.saved_views import Shown
from funnel.lifecycle import Stage

Contexts = Sequence[Mapping[str, Any]]

# What frames every page; the gallery itself is its specimen.
FRAME = ("_sidebar", "_stylesheets", "_tabbar")
_ICONS = ("queue", "black-hole", "report", "nurture", "agreement", "dispute", "bell", "info", "settings", "check")
_MORE_ICONS = ("alert", "x", "search", "phone", "mail", "undo", "arrow", "circle", "sun", "moon", "auto", "log-out")


class SampleForm(forms.Form):
    name = forms.CharField(help_text="As on the business card.")
    company = forms.CharField(required=False)
    due = forms.DateField(label="Wake up on", widget=forms.DateInput({"type": "date"}), required=False)
    stage = forms.ChoiceField(choices=Stage.choices)
    mails = forms.ChoiceField(choices=[("now", "At once"), ("daily", "Once a day")], widget=forms.RadioSelect)
    note = forms.CharField(widget=forms.Textarea({"rows": 2}), required=False)
    urgent = forms.BooleanField(required=False, help_text="It goes to the top of the queue.")

    def clean(self) -> None:
        raise forms.ValidationError("Somebody changed this lead at the same moment.")


def specimens(*, theme: str, now: datetime) -> dict[str, Contexts]:
    """Component -> a context for each of its states. `theme` keeps the ids of the two halves of the page apart."""
    initial = {"name": "Bea Buyer", "stage": Stage.SAL, "mails": "now"}
    form = SampleForm(initial=initial, prefix=theme)
    bad = f"{theme}-refused"
    refused = SampleForm({f"{bad}-stage": "mars", f"{bad}-note": "Kept as typed."}, prefix=bad)
    incomplete = SampleForm({}, prefix=theme)
    incomplete.errors.pop("__all__")
    return _on_their_own(theme, now) | {
        "field": [{"field": field} for one in (form, refused) for field in one],
        "_help_and_errors": [{"field": form["name"]}, {"field": refused["name"]}],
        "form_errors": [{"form": refused}, {"form": incomplete}],
    }


def _on_their_own(theme: str, now: datetime) -> dict[str, Contexts]:
    choices = [
        {"label": "All", "url": "#", "active": True, "count": 1204},
        {"label": "Answer now", "url": "#", "active": False, "count": 7},
        {"label": "Back again", "url": "#", "active": False},
    ]
    return {
        "_account_links": [{}],
        "_mark": [{}],
        "avatar": [{"initials": "RR"}, {"initials": "MM", "large": True}],
        "button": [
            {"label": "Save", "variant": "primary"},
            {"label": "Accept", "key": "A"},
            {"label": "Open", "icon": "arrow"},
            {"label": "Cancel", "variant": "quiet"},
            {"label": "Discard", "variant": "danger"},
            {"label": "A link", "href": "#"},
            {"label": "Small", "small": True},
        ],
        "countdown": [
            {"due_at": now + timedelta(days=2), "text": "2 d left", "state": "ok"},
            {"due_at": now + timedelta(hours=1), "text": "1 h left", "state": "soon"},
            {"due_at": now - timedelta(hours=3), "text": "3 h late", "state": "late"},
        ],
        "empty": [
            {"title": "Nothing waits", "text": "New leads come here as marketing hands them over.", "icon": "check"},
            {"title": "No campaign yet", "action_url": "#", "action_label": "Add the first"},
        ],
        "export": [{"url": "/exports/leads/", "query": "stage=sal", "what": f"These leads, {theme}"}],
        "flag_badge": [
            {"kind": "black_hole", "label": "Black Hole", "detail": "since 4 Mar"},
            {"kind": "stale", "label": "Stale"},
        ],
        "icon": [{"name": name} for name in (*_ICONS, *_MORE_ICONS)],
        "kbd": [{"key": key} for key in ("A", "J", "/", "?")],
        "page_heading": [
            {"title": f"Heading, {theme}", "text": "What the page is for.", "action_url": "#", "action_label": "Add"}
        ],
        "pagination": [
            {"summary": "51–100 of 1,204", "previous_url": "#", "next_url": "#"},
            {"summary": "1–3 of 3"},
        ],
        "pills": [{"label": f"Lane, {theme}", "pills": choices}],
        "stage_badge": [{"stage": stage, "label": stage.label} for stage in Stage],
        "stat": [
            {"label": "Leads", "value": "1,204", "note": "312 handed to sales"},
            {"label": "Accepted", "value": "87 %", "state": "good"},
            {"label": "At risk", "value": "12", "state": "warn"},
            {"label": "Black Hole", "value": "5", "state": "bad", "href": "#"},
        ],
        "saved_views": [
            {"views": _views(), "page": "leads", "query": "stage=sal", "back": "/leads/", "csrf_token": ""},
            {"views": [], "page": "leads", "query": "stage=mql", "back": "/leads/", "csrf_token": ""},
        ],
        "tabs": [{"label": f"Views, {theme}", "tabs": choices}],
        "th": [
            {"label": "Lead"},
            {"label": "Age", "sort_url": "#", "sorted": "descending"},
            {"label": "Amount", "number": True},
        ],
        "toast": [{"text": f"This is {level}.", "level": level} for level in ("info", "success", "warning", "error")],
    }


def _views() -> list[Shown]:
    west = Team(pk=1, name="West")
    own, shared = SavedView(pk=1, name="Late ones"), SavedView(pk=2, name="West", team=west, owner=User(name="Mia"))
    return [
        Shown(own, "?stage=sal", active=True, is_mine=True),
        Shown(shared, "?team=1", active=False, is_mine=False),
    ]
