"""What the admin keeps about people and teams."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.availability import check_countries
from accounts.models import Team, User
from tests.factories import TeamFactory

NO_DATES = {"away_from": "", "away_until": ""}


def save_user(client, user, **given):
    known = {"name": user.name, "email": user.email, "role": user.role, "team": user.team_id, "is_active": "on"}
    return client.post(reverse("admin:accounts_user_change", args=[user.pk]), known | NO_DATES | given)


def save_team(client, team, **given):
    known = {"name": team.name, "distribution": team.distribution}
    return client.post(reverse("admin:accounts_team_change", args=[team.pk]), known | given)


def test_an_admin_keeps_who_is_available(admin_client, rep):
    save_user(admin_client, rep, away_from="2026-07-01", away_until="2026-07-14", lead_cap="25", can_sign="on")

    rep = User.objects.get(pk=rep.pk)
    assert (rep.is_on_duty, str(rep.away_from), str(rep.away_until)) == (False, "2026-07-01", "2026-07-14")
    assert (rep.lead_cap, rep.can_sign) == (25, True)


def test_leave_does_not_end_before_it_begins(admin_client, rep):
    response = save_user(admin_client, rep, away_from="2026-07-14", away_until="2026-07-01")

    assert "The last day of leave lies before the first." in response.content.decode()


def test_a_territory_is_typed_as_people_write_it(admin_client, db):
    team = TeamFactory()

    save_team(admin_client, team, countries="de, AT;ch", distribution="least_loaded")

    assert Team.objects.values_list("countries", "distribution").get(pk=team.pk) == (["DE", "AT", "CH"], "least_loaded")
    assert "DE, AT, CH" in admin_client.get(reverse("admin:accounts_team_change", args=[team.pk])).content.decode()


@pytest.mark.parametrize(
    ("countries", "sentence"),
    [("DE, XX", "XX: not a country"), ("Germany", "GERMANY: not a country"), ("DE DE", "Name each country once.")],
)
def test_a_territory_has_countries_that_exist_each_once(admin_client, db, countries, sentence):
    team = TeamFactory(countries=["FR"])

    assert sentence in save_team(admin_client, team, countries=countries).content.decode()
    assert Team.objects.get(pk=team.pk).countries == ["FR"]


@pytest.mark.parametrize("value", ["DE", {"DE": 1}, ["de"], [["DE"]], [1]])
def test_a_territory_is_a_list_of_codes(value):
    with pytest.raises(ValidationError):
        check_countries(value)


def test_an_empty_territory_is_none(admin_client, db):
    team = TeamFactory(countries=["FR"])

    save_team(admin_client, team, countries="")

    assert Team.objects.get(pk=team.pk).countries == []


def test_an_admin_keeps_which_segment_goes_to_which_team(admin_client, west):
    admin_client.post(reverse("admin:funnel_teamrule_add"), {"position": 1, "naics_prefix": "48", "team": west.pk})

    assert [str(rule) for rule in west.segment_rules.all()] == ["NAICS 48… → West"]
