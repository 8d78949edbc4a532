"""Forms about a lead itself: its fields section by section, a note, and a new one."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms import BoundField

from accounts.form_fields import AmountField
from accounts.models import User
from accounts.roles import SALES_ROLES, Role
from funnel.attributes import Attribute
from funnel.authority import CONSENTS
from funnel.inputs import CompanyInput, LeadInput
from funnel.models import Channel, Company, Lead
from funnel.services.company_edit import company_values
from funnel.services.create import SELF_SOURCED
from funnel.services.edit import GRANTED, REFUSED, Section

LONGEST_TEXT = 2_000
WORKS_ELSEWHERE = "works_elsewhere"
_MOMENT = "%Y-%m-%dT%H:%M"


class Letters(forms.RegexField):
    """So many capital letters; small ones are raised."""

    def __init__(self, *, count: int, example: str, **kwargs: Any) -> None:
        wrong = {"invalid": f"Give {count} letters, for example {example}."}
        super().__init__(rf"^[A-Z]{{{count}}}$", required=False, max_length=count, error_messages=wrong, **kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).upper()


def _text(label: str, longest: int, *, kind: str = "text", autocomplete: str = "off", **more: Any) -> forms.CharField:
    widget = forms.TextInput({"type": kind, "autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=longest, required=False, widget=widget, **more)


def _zones(blank: str) -> list[tuple[str, str]]:
    return [("", blank), *((name, name.replace("_", " ")) for name in sorted(available_timezones()))]


class SectionForm(forms.Form):
    """One section of a lead. It knows what the person saw, so that only what he changed himself is saved.

    `version` and `seen` (the ledger's length) tell what happened since the form was opened.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.edited:
            self.fields[name].show_hidden_initial = True

    @property
    def edited(self) -> list[str]:
        return [name for name in self.fields if name not in {"version", "seen"}]

    @property
    def rows(self) -> list[BoundField]:
        return [self[name] for name in self.edited]

    @property
    def changes(self) -> dict[str, Any]:
        """What the person changed, by the names of `funnel.services.edit.FIELDS`."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.edited}

    def add_missing(self, missing: Mapping[str, str]) -> None:
        for name, sentence in missing.items():
            self.add_error(name if name in self.fields else None, sentence)


class ContactForm(SectionForm):
    first_name = _text("First name", 100)
    last_name = _text("Last name", 100)
    title = _text("Title", 150)
    email = _text("E-mail", 254, kind="email")
    phone = _text("Phone", 40, kind="tel")
    time_zone = forms.ChoiceField(label="Time zone", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = _zones("That of the company's country")  # type: ignore[attr-defined]

    def clean(self) -> None:
        given = self.cleaned_data
        if not self.errors and not any(given[name] for name in ("first_name", "last_name", "email", "phone")):
            raise forms.ValidationError("Keep a name, an e-mail address or a phone number: nobody could find it else.")


class CompanyForm(SectionForm):
    company_name = _text("Company", 200)
    company_domain = _text("Domain", 253, help_text="For example acme.com.")
    naics = forms.RegexField(
        r"^\d{2,6}$", label="NAICS code", required=False, error_messages={"invalid": "Give 2 to 6 digits."}
    )
    country = Letters(label="Country", count=2, example="DE")
    employees = forms.IntegerField(label="Employees", min_value=0, max_value=2_000_000_000, required=False)
    annual_revenue = AmountField(label="Revenue a year", max_digits=16, required=False)
    locations = forms.IntegerField(label="Locations", min_value=0, max_value=2_000_000_000, required=False)
    works_elsewhere = forms.BooleanField(label="They work for another company now", required=False)

    def __init__(self, *args: Any, company: Company | None = None, colleagues: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if company is None:
            del self.fields[WORKS_ELSEWHERE]
            return
        shared = f" {colleagues} other lead{'s' * (colleagues != 1)} show it too." if colleagues else ""
        self.fields["company_name"].help_text = f"What you correct here is corrected of the company.{shared}"
        self.fields[WORKS_ELSEWHERE].help_text = f"Then name the new one above; {company} stays as it is."


class SourceForm(SectionForm):
    self_reported_source = _text("How they say they found us", 200)
    expected_value = AmountField(label="Expected value", required=False)
    currency = Letters(label="Currency", count=3, example="EUR")


class ConsentForm(SectionForm):
    """What they said by word of mouth; what tools have heard stays beside it, and of each channel the latest counts."""

    email_consent = forms.ChoiceField(label="E-mails", required=False)
    phone_consent = forms.ChoiceField(label="Calls", required=False)
    consent_how = _text("How they said it", 200, help_text="For example: on the phone.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "They said nothing"), (GRANTED, "They agreed"), (REFUSED, "They refused")]
        for name in ("email_consent", "phone_consent"):
            known = self.get_initial_for_field(self.fields[name], name)
            self.fields[name].choices = choices[bool(known) :]  # type: ignore[attr-defined]  # nobody unsays it


class DealForm(SectionForm):
    next_action_at = forms.DateTimeField(
        label="Next step at", required=False, widget=forms.DateTimeInput({"type": "datetime-local"}, format=_MOMENT)
    )
    amount = AmountField(label="Amount", required=False)
    currency = Letters(label="Currency", count=3, example="EUR")
    expected_close_on = forms.DateField(
        label="Expected to close on", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )


class KnownForm(SectionForm):
    """What is new of each attribute: it is added to what is known, which stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for attribute in Attribute:
            self.fields[attribute.value] = forms.CharField(
                label=attribute.label,
                max_length=LONGEST_TEXT,
                required=False,
                widget=forms.Textarea({"rows": 2}),
            )


FORMS: Mapping[Section, type[SectionForm]] = {
    Section.CONTACT: ContactForm,
    Section.COMPANY: CompanyForm,
    Section.SOURCE: SourceForm,
    Section.CONSENT: ConsentForm,
    Section.DEAL: DealForm,
    Section.KNOWN: KnownForm,
}
TITLES: Mapping[Section, str] = {
    Section.CONTACT: "Contact",
    Section.COMPANY: "Company",
    Section.SOURCE: "Source and value",
    Section.CONSENT: "Consent",
    Section.DEAL: "Next step and amount",
    Section.KNOWN: "What is known",
}


def section_form(lead: Lead, section: Section, data: Mapping[str, Any] | None = None) -> SectionForm:
    initial = present_values(lead, section) | {"version": lead.version, "seen": lead.ledger_seq}
    more: dict[str, Any] = {}
    if section is Section.COMPANY:
        others = Lead.objects.filter(company=lead.company_id, merged_into=None, erased_at=None).exclude(pk=lead.pk)
        more = {"company": lead.company, "colleagues": others.count() if lead.company_id else 0}
    return FORMS[section](data, initial=initial, auto_id=f"{section}-%s", **more)


def present_values(lead: Lead, section: Section) -> dict[str, Any]:
    """What the lead says now, by the names of the section's form. Of attributes nothing: they are added to."""
    if section is Section.KNOWN:
        return {}
    if section is Section.COMPANY:
        return company_values(lead.company)
    if section is Section.CONSENT:
        return {f"{channel}_consent": _said(lead, channel) for channel in CONSENTS}
    values = {name: getattr(lead, name) for name in FORMS[section].base_fields if hasattr(lead, name)}
    values.pop("version", None)
    if values.get("next_action_at"):
        values["next_action_at"] = values["next_action_at"].replace(second=0, microsecond=0)
    if "currency" in values and not values["currency"]:
        values["currency"] = ""
    return values


def _said(lead: Lead, channel: str) -> str:
    permission = lead.consent.get(channel)
    return (GRANTED if permission.get("granted") else REFUSED) if permission else ""


class NoteForm(forms.Form):
    text = forms.CharField(label="Note", max_length=LONGEST_TEXT, widget=forms.Textarea({"rows": 3}))
    for_marketing = forms.BooleanField(label="Marketing may read it", required=False)

    def __init__(self, *args: Any, is_marketing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "note-%s"} | kwargs)
        if is_marketing:
            del self.fields["for_marketing"]
        else:
            self.fields["for_marketing"].help_text = "Otherwise it is private to sales."


class NewLeadForm(forms.Form):
    """A lead entered by hand. `token`: sent twice, it is made once."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    first_name = _text("First name", 100)
    last_name = _text("Last name", 100)
    title = _text("Title", 150)
    email = _text("E-mail", 254, kind="email")
    phone = _text("Phone", 40, kind="tel")
    company_name = _text("Company", 200)
    company_domain = _text("Domain", 253, help_text="For example acme.com.")
    country = Letters(label="Country", count=2, example="DE")
    self_reported_source = _text("How they say they found us", 200)
    channel = forms.ModelChoiceField(Channel.objects.none(), label="Channel", required=False, empty_label="Unknown")
    owner = forms.ModelChoiceField(User.objects.none(), label="Owner", required=False)
    pain = forms.CharField(
        label="What they need", max_length=LONGEST_TEXT, required=False, widget=forms.Textarea({"rows": 2})
    )
    note = forms.CharField(label="Note", max_length=LONGEST_TEXT, required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user.role == Role.REP:
            del self.fields["owner"]
        else:
            self._offer_owners(user)
        if user.role in SALES_ROLES:
            del self.fields["channel"]
            self.fields["note"].help_text = "Private to sales."
        else:
            self.fields["channel"].queryset = Channel.objects.exclude(slug=SELF_SOURCED)  # type: ignore[attr-defined]
        if user.role == Role.MARKETING:
            del self.fields["owner"]

    def _offer_owners(self, user: User) -> None:
        people = User.objects.filter(is_active=True, role__in=SALES_ROLES)
        if user.role == Role.MANAGER:
            people = people.filter(team__in=user.principal.team_ids)
        field = self.fields["owner"]
        field.queryset = people.order_by("name")  # type: ignore[attr-defined]
        field.empty_label = "Myself" if user.role == Role.MANAGER else "Nobody yet"  # type: ignore[attr-defined]

    def given(self) -> LeadInput:
        """What a valid form says."""
        said = self.cleaned_data
        channel, pain = said.get("channel"), said["pain"].strip()
        company = CompanyInput(name=said["company_name"], domain=said["company_domain"], country=said["country"])
        plain = ("first_name", "last_name", "title", "email", "phone", "self_reported_source")
        return LeadInput(
            source="page",
            external_id=str(said["token"]),
            company=company if company.name or company.domain else None,
            channel=channel.slug if channel else "",
            owner=said.get("owner"),
            attributes={Attribute.PAIN.value: pain} if pain else {},
            **{name: said[name] for name in plain},
        )

    def add_missing(self, missing: Mapping[str, str]) -> None:
        for name, sentence in missing.items():
            self.add_error(name if name in self.fields else None, sentence)
