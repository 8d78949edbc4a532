"""What people change about themselves."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import PasswordChangeForm

from accounts.models import User
from accounts.roles import Role


class ProfileForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        required=False, help_text="Times on pages and in mails are shown in it. Empty: the time zone of your team."
    )
    weekly_report = forms.BooleanField(
        required=False,
        label="The weekly report by mail",
        help_text="What each rep did, with a picture: early on Monday, one page for each team.",
    )

    class Meta:
        model = User
        fields = ("name", "time_zone", "formats", "mails", "weekly_report")
        labels = {"mails": "Mails about what you are told"}
        help_texts = {
            "mails": (
                "Your notifications page has it at once in any case. Together: at 08:00 of your working days, what you "
                "have not read by then. Never: no mail at all, not even when a lead of yours, or of your team, is in "
                "the Black Hole; only LeadFlow itself will say so."
            ),
        }
        widgets = {"formats": forms.RadioSelect, "mails": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(name, name.replace("_", " ")) for name in sorted(available_timezones())]
        self.initial["weekly_report"] = self.instance.gets_weekly_report
        if self.instance.role == Role.REP:
            del self.fields["weekly_report"]  # his own stands on its page at any time
        self.fields["time_zone"].choices = [("", "As my team"), *zones]  # type: ignore[attr-defined]  # a ChoiceField


class NewPasswordForm(PasswordChangeForm):
    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)  # it is the second form on its page
        self.fields["new_password1"].help_text = "12 characters or more, and none that everybody uses."
        self.fields["new_password2"].label = "The new password again"
        self.fields["new_password2"].help_text = ""


class SignOutEverywhereForm(forms.Form):
    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError("This is not your password.")
        return password

    def save(self) -> None:
        """The same password under a new salt: every session rests on the old one, and ends."""
        self.user.set_password(self.cleaned_data["password"])
        self.user.save(update_fields=["password"])
