"""/sources/: marketing finds out where leads came from, one by one or many at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from funnel.inputs import TouchInput
from funnel.models import Campaign, Channel, Lead, SourceRuling
from funnel.services.sources import name_channel, rule_unknowable
from tests.factories import LeadFactory

Kind = SourceRuling.Kind


@pytest.fixture(autouse=True)
def channels(db):
    for slug in ("unknown", "paid-search", "webinar", "referral"):
        Channel.objects.create(slug=slug, name=slug.replace("-", " ").capitalize())


@pytest.fixture
def now():
    return timezone.now()


def unknown(now, **given):
    return LeadFactory(channel="unknown", at=now, **given)


def listed(client, query=""):
    return [item.lead for item in client.get(f"/sources/{query}").context["list"].items]


def channel_of(lead):
    return Lead.objects.get(pk=lead.pk).channel.slug


def rule(client, lead, ruling, **given):
    return client.post(f"/sources/{lead.pk}/", {"ruling": ruling, "version": lead.version, **given})


# --- the list -------------------------------------------------------------------------------------------------


def test_leads_of_dark_channels_wait_the_newest_first(marketing_client, now):
    older, newer = unknown(now - timedelta(days=1)), unknown(now)
    LeadFactory(channel="webinar", at=now)

    assert listed(marketing_client) == [newer, older]


def test_a_lead_shows_its_evidence_and_what_is_proposed(marketing_client, now):
    Campaign.objects.create(slug="x", name="Autumn push")
    touches = (
        TouchInput(at=now, channel="unknown", subject="/prices?utm_medium=cpc"),
        TouchInput(at=now, channel="webinar", kind="webinar", subject="Peak season"),
    )
    unknown(now, self_reported_source="A colleague", campaign="x", touches=touches)

    response = marketing_client.get("/sources/")

    (item,) = response.context["list"].items
    assert (item.proposed.slug, item.why) == ("paid-search", "a link or campaign they came by says so")
    clues = {clue.label: (clue.text, clue.named) for clue in item.clues}
    assert clues["Campaign"] == ("Autumn push", "")
    assert clues["Link"] == ("/prices?utm_medium=cpc", "Paid search")
    assert clues["They say"] == ("“A colleague”", "Referral")
    assert clues["First touch"][0].startswith("Webinar, ")
    assert clues["First touch"][0].endswith(", Peak season")
    page = response.content.decode()
    assert "entered by Mona Marketer" in page
    assert "means no channel that is known" in page


def test_without_evidence_it_says_so(marketing_client, now):
    lead = unknown(now)
    unknown(now, self_reported_source="A colleague")

    assert listed(marketing_client, "?proposal=none") == [lead]
    assert "Nothing on record tells where it came from." in marketing_client.get("/sources/").content.decode()


def test_equal_proposals_stand_together_and_can_be_looked_at(marketing_client, now):
    one, two = (unknown(now, self_reported_source="A colleague") for _ in range(2))
    unknown(now, self_reported_source="Your webinar")

    groups = marketing_client.get("/sources/").context["list"].groups

    assert [(group.key, group.count) for group in groups] == [("said.referral", 2), ("said.webinar", 1)]
    assert set(listed(marketing_client, "?proposal=said.referral")) == {one, two}


def test_a_long_list_has_pages(marketing_client, now):
    leads = [unknown(now - timedelta(minutes=number)) for number in range(30)]

    assert listed(marketing_client) == leads[:25]
    assert listed(marketing_client, "?page=2") == leads[25:]
    assert 'href="?page=2"' in marketing_client.get("/sources/").content.decode()


def test_an_empty_page_says_what_that_means(marketing_client, marketing, now):
    assert "Every source is known" in marketing_client.get("/sources/").content.decode()
    unknown(now)

    page = marketing_client.get("/sources/?proposal=said.webinar").content.decode()

    assert "Every source is known" not in page


def test_it_takes_as_many_queries_for_many_as_for_one(marketing_client, now, queries_for):
    def lead():
        unknown(now, self_reported_source="A colleague", touches=(TouchInput(at=now, channel="webinar"),))

    lead()
    marketing_client.get("/sources/")
    one = queries_for(lambda: marketing_client.get("/sources/"))
    for _ in range(9):
        lead()

    assert queries_for(lambda: marketing_client.get("/sources/")) == one


# --- ruling ---------------------------------------------------------------------------------------------------


def test_one_click_accepts_what_is_proposed_and_goes_on_below(marketing_client, now):
    lead = unknown(now, self_reported_source="A colleague")

    response = rule(marketing_client, lead, "accept", proposed="referral", then="7", page="2")

    assert (response.status_code, response["Location"]) == (302, "/sources/?page=2#source-7")
    assert channel_of(lead) == "referral"
    assert f"{lead.name}: Referral." in marketing_client.get("/sources/").content.decode()


def test_another_channel_can_be_chosen(marketing_client, now):
    lead = unknown(now, self_reported_source="A colleague")

    rule(marketing_client, lead, "choose", channel="webinar")

    assert channel_of(lead) == "webinar"
    assert SourceRuling.objects.get().because == SourceRuling.Because.JUDGED


@pytest.mark.parametrize("slug", ["", "moon", "a\0b"])
def test_choosing_nothing_is_answered_with_what_to_do(marketing_client, now, slug):
    lead = unknown(now)

    response = rule(marketing_client, lead, "choose", channel=slug)

    assert response.status_code == 422
    assert "Choose the channel that it came from." in response.content.decode()
    assert channel_of(lead) == "unknown"


def test_what_cannot_be_known_waits_no_more(marketing_client, now):
    lead = unknown(now)

    rule(marketing_client, lead, "unknowable")

    assert listed(marketing_client) == []
    assert channel_of(lead) == "unknown"
    assert "Every source is known" in marketing_client.get("/sources/").content.decode()


def test_a_lead_that_somebody_changed_meanwhile_is_shown_again(marketing_client, marketing, now):
    lead = unknown(now)
    Lead.objects.filter(pk=lead.pk).update(version=lead.version + 1)

    response = rule(marketing_client, lead, "choose", channel="webinar")

    assert response.status_code == 409
    assert "Look at the lead again before you go on." in response.content.decode()
    assert channel_of(lead) == "unknown"


def test_all_equal_proposals_are_accepted_at_once(marketing_client, now):
    leads = [unknown(now, self_reported_source="A colleague") for _ in range(3)]
    other = unknown(now, self_reported_source="Your webinar")

    response = marketing_client.post("/sources/accept/", {"proposal": "said.referral"}, follow=True)

    assert "3 leads: Referral." in response.content.decode()
    assert [channel_of(lead) for lead in (*leads, other)] == ["referral"] * 3 + ["unknown"]


@pytest.mark.parametrize("key", ["", "none", "said.moon", "judged.webinar"])
def test_nothing_is_accepted_where_nothing_is_proposed(marketing_client, now, key):
    lead = unknown(now)

    response = marketing_client.post("/sources/accept/", {"proposal": key})

    assert response.status_code == 422
    assert channel_of(lead) == "unknown"


# --- what was said --------------------------------------------------------------------------------------------


def test_progress_counts_this_month_and_what_is_left(marketing_client, marketing, now):
    first, second, third, _ = (unknown(now - timedelta(days=70)) for _ in range(4))
    webinar, by = Channel.objects.get(slug="webinar"), marketing.principal
    name_channel(lead_id=first.pk, channel=webinar, by=by, at=now)
    name_channel(lead_id=second.pk, channel=webinar, by=by, at=now - timedelta(days=40))
    rule_unknowable(lead_id=third.pk, by=by, at=now)

    progress = marketing_client.get("/sources/").context["list"].progress

    assert (progress.named, progress.unknowable, progress.left, progress.without_evidence) == (1, 1, 1, 1)


def test_the_last_ruling_can_be_taken_back_with_one_click(marketing_client, now):
    lead = unknown(now)
    rule(marketing_client, lead, "choose", channel="webinar")
    ruling = SourceRuling.objects.get()
    assert f"/sources/rulings/{ruling.pk}/take-back/" in marketing_client.get("/sources/").content.decode()

    marketing_client.post(f"/sources/rulings/{ruling.pk}/take-back/")

    assert channel_of(lead) == "unknown"
    assert listed(marketing_client) == [lead]
    assert "take-back" not in marketing_client.get("/sources/").content.decode()


def test_what_was_said_is_listed_and_can_be_corrected(marketing_client, marketing, now):
    lead = unknown(now - timedelta(days=2))
    by = marketing.principal
    name_channel(lead_id=lead.pk, channel=Channel.objects.get(slug="webinar"), by=by, at=now - timedelta(hours=1))
    page = marketing_client.get("/sources/?show=resolved").content.decode()
    assert lead.name in page
    assert "take-back" not in page  # its quarter of an hour is over

    lead.refresh_from_db()
    response = rule(marketing_client, lead, "choose", channel="referral", show="resolved")

    assert response["Location"] == "/sources/?show=resolved"
    ruled = marketing_client.get("/sources/?show=resolved").context["ruled"]
    assert [(one.ruling.old.slug, one.ruling.new.slug) for one in ruled] == [("webinar", "referral")]


def test_taking_back_too_late_says_what_to_do_instead(marketing_client, marketing, now):
    lead = unknown(now)
    ruling = name_channel(
        lead_id=lead.pk,
        channel=Channel.objects.get(slug="webinar"),
        by=marketing.principal,
        at=now - timedelta(minutes=20),
    )

    response = marketing_client.post(f"/sources/rulings/{ruling.pk}/take-back/")

    assert response.status_code == 409
    assert "You can choose another channel instead." in response.content.decode()
    assert channel_of(lead) == "webinar"


def test_the_timeline_tells_what_was_found_out(marketing_client, now):
    lead = unknown(now, self_reported_source="A colleague")
    rule(marketing_client, lead, "unknowable")
    lead.refresh_from_db()
    rule(marketing_client, lead, "choose", channel="webinar")

    page = marketing_client.get(f"/leads/{lead.pk}/").content.decode()

    assert "Source: Unknown, and it cannot be known" in page
    assert "Source: Unknown to Webinar · marketing&#x27;s judgement" in page
