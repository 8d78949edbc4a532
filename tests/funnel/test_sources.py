"""What was found out about where a lead came from: a correction that is on record, guarded, and can be taken back."""

from datetime import timedelta

import pytest

from funnel.errors import MissingNeeds, NotAllowed, StaleVersion
from funnel.inputs import TouchInput
from funnel.models import Campaign, Channel, Lead, LeadEvent, SourcePolicy, SourceRuling, SourceWord
from funnel.services.sources import accept_proposal, accept_proposals, name_channel, rule_unknowable, take_back
from funnel.source_evidence import COLUMNS, Proposal, proposal_in, source_rules, unresolved, with_evidence
from tests.factories import NOW, LeadFactory

Because, Kind = SourceRuling.Because, SourceRuling.Kind
MINUTE = timedelta(minutes=1)


def channel(slug):
    return Channel.objects.get_or_create(slug=slug, defaults={"name": slug.replace("-", " ").capitalize()})[0]


@pytest.fixture(autouse=True)
def channels(db):
    return [channel(slug) for slug in ("unknown", "paid-search", "organic-search", "webinar", "referral")]


@pytest.fixture
def lead():
    return LeadFactory(channel="unknown", self_reported_source="Google Ads, I think")


def fresh(lead):
    return Lead.objects.select_related("channel").get(pk=lead.pk)


def proposed(lead):
    rules = source_rules()
    row = with_evidence(Lead.objects.filter(pk=lead.pk), rules).values(*COLUMNS.values()).get()
    return proposal_in(row)


def waiting():
    return set(unresolved(Lead.objects.all(), source_rules()))


# --- what speaks for a channel --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("GOOGLE ADS", "paid-search"),
        ("found you on Google", "organic-search"),
        ("A colleague told me", "referral"),
        ("A podcast", None),  # there is no such channel here
        ("Don't remember", None),
        ("", None),
    ],
)
def test_what_they_say_means_the_channel_of_the_longest_words_in_it(words, slug):
    found = proposed(LeadFactory(channel="unknown", self_reported_source=words))

    assert found == (Proposal(channel(slug).pk, Because.SAID) if slug else None)


def test_the_words_are_the_admins(lead):
    SourceWord.objects.filter(words="google ads").update(channel="webinar")

    assert proposed(lead) == Proposal(channel("webinar").pk, Because.SAID)


def test_hyphen_and_underscore_name_the_same_channel():
    Channel.objects.filter(slug="paid-search").update(slug="paid_search")

    assert proposed(LeadFactory(channel="unknown", self_reported_source="adwords")).because == Because.SAID


def test_a_campaign_says_more_than_a_link_a_link_more_than_words_and_words_more_than_a_touch():
    webinar = Campaign.objects.create(slug="autumn", name="Autumn", channel=channel("webinar"))
    link = TouchInput(at=NOW, channel="unknown", subject="/prices?utm_source=google&utm_medium=cpc")
    touch = TouchInput(at=NOW, channel="email")
    words = {"channel": "unknown", "self_reported_source": "a colleague"}

    found = [
        proposed(LeadFactory(**words, touches=(link, touch), campaign=webinar.slug)),
        proposed(LeadFactory(**words, touches=(link, touch))),
        proposed(LeadFactory(**words, touches=(touch,))),
        proposed(LeadFactory(channel="unknown", touches=(touch,))),
    ]

    slugs = ("webinar", "paid-search", "referral", "email")
    because = (Because.CAMPAIGN, Because.LINK, Because.SAID, Because.TOUCH)
    assert found == [Proposal(channel(slug).pk, why) for slug, why in zip(slugs, because, strict=True)]


def test_the_campaign_of_a_touch_speaks_like_a_link():
    Campaign.objects.create(slug="autumn", name="Autumn", channel=channel("webinar"))
    touch = TouchInput(at=NOW, channel="unknown", campaign="autumn")

    assert proposed(LeadFactory(channel="unknown", touches=(touch,))) == Proposal(channel("webinar").pk, Because.LINK)


def test_a_touch_after_its_creation_says_nothing_of_where_it_came_from():
    late = TouchInput(at=NOW + MINUTE, channel="webinar", subject="utm_source=google")

    assert proposed(LeadFactory(channel="unknown", touches=(late,))) is None


def test_what_points_at_another_dark_channel_is_no_evidence():
    Campaign.objects.create(slug="misc", name="Misc", channel=channel("other"))
    SourceWord.objects.create(words="somewhere", channel="other")
    touch = TouchInput(at=NOW, channel="other", campaign="misc", subject="utm_source=somewhere")

    lead = LeadFactory(channel="unknown", self_reported_source="somewhere", touches=(touch,), campaign="misc")

    assert proposed(lead) is None


def test_the_admin_says_which_channels_are_dark(lead):
    other = LeadFactory(channel="webinar")
    SourcePolicy.objects.create(dark=["webinar"], budget=5)

    assert waiting() == {other}
    assert source_rules().budget == 0.05


# --- ruling ---------------------------------------------------------------------------------------------------


def test_accepting_a_proposal_corrects_the_channel_and_says_why(lead, marketing):
    ruling = accept_proposal(lead_id=lead.pk, channel=channel("paid-search"), by=marketing.principal, at=NOW)

    assert (fresh(lead).channel.slug, fresh(lead).version) == ("paid-search", lead.version + 1)
    assert (ruling.kind, ruling.because, ruling.by) == (Kind.NAMED, Because.SAID, marketing)
    event = LeadEvent.objects.filter(lead=lead).latest("seq")
    assert (event.kind, event.actor, event.seq) == (LeadEvent.Kind.EDITED, marketing, ruling.seq)
    assert event.data == {
        "fields": ["channel"],
        "channel": {"before": "unknown", "after": "paid-search"},
        "ruling": "named",
        "because": "said",
    }
    assert waiting() == set()


def test_what_is_not_proposed_any_more_is_not_accepted(lead, marketing):
    with pytest.raises(StaleVersion, match="Webinar is not what is proposed any more"):
        accept_proposal(lead_id=lead.pk, channel=channel("webinar"), by=marketing.principal, at=NOW)

    assert fresh(lead).channel.slug == "unknown"


def test_a_ruling_on_what_somebody_changed_meanwhile_is_refused(lead, marketing):
    name_channel(lead_id=lead.pk, channel=channel("webinar"), by=marketing.principal, at=NOW)

    for call in (
        lambda: name_channel(
            lead_id=lead.pk, channel=channel("referral"), by=marketing.principal, at=NOW, version=lead.version
        ),
        lambda: rule_unknowable(lead_id=lead.pk, by=marketing.principal, at=NOW, version=lead.version),
    ):
        with pytest.raises(StaleVersion, match="changed this lead at 10:00 UTC"):
            call()

    assert SourceRuling.objects.count() == 1


def test_the_channel_it_has_is_no_correction(lead, marketing):
    with pytest.raises(MissingNeeds, match="Unknown is its channel already"):
        name_channel(lead_id=lead.pk, channel=channel("unknown"), by=marketing.principal, at=NOW)


def test_what_cannot_be_known_keeps_its_channel_and_waits_no_more(lead, marketing):
    ruling = rule_unknowable(lead_id=lead.pk, by=marketing.principal, at=NOW)

    assert (fresh(lead).channel.slug, ruling.old, ruling.new) == ("unknown", ruling.new, ruling.old)
    assert waiting() == set()
    with pytest.raises(MissingNeeds, match="has been said already"):
        rule_unknowable(lead_id=lead.pk, by=marketing.principal, at=NOW)


def test_a_channel_that_says_something_can_be_known(marketing):
    with pytest.raises(MissingNeeds, match="Webinar says where it came from"):
        rule_unknowable(lead_id=LeadFactory(channel="webinar").pk, by=marketing.principal, at=NOW)


def test_what_could_not_be_known_can_be_named_after_all(lead, marketing):
    rule_unknowable(lead_id=lead.pk, by=marketing.principal, at=NOW)

    name_channel(lead_id=lead.pk, channel=channel("referral"), by=marketing.principal, at=NOW)

    assert fresh(lead).channel.slug == "referral"


@pytest.mark.parametrize("role", ["rep", "manager"])
def test_sales_does_not_rule_on_sources(request, role, lead):
    by = request.getfixturevalue(role).principal

    for call in (
        lambda: name_channel(lead_id=lead.pk, channel=channel("webinar"), by=by, at=NOW),
        lambda: accept_proposal(lead_id=lead.pk, channel=channel("paid-search"), by=by, at=NOW),
        lambda: accept_proposals(lead_ids=[lead.pk], channel=channel("paid-search"), by=by, at=NOW),
        lambda: rule_unknowable(lead_id=lead.pk, by=by, at=NOW),
        lambda: take_back(ruling_id=1, by=by, at=NOW),
    ):
        with pytest.raises(NotAllowed, match="Marketing finds out where leads came from"):
            call()
    assert not SourceRuling.objects.exists()


def test_many_are_accepted_and_what_changed_meanwhile_is_left_alone(lead, marketing):
    another, moved = (LeadFactory(channel="unknown", self_reported_source="adwords") for _ in range(2))
    Lead.objects.filter(pk=moved.pk).update(self_reported_source="a colleague")

    done = accept_proposals(
        lead_ids=[lead.pk, another.pk, moved.pk, 0], channel=channel("paid-search"), by=marketing.principal, at=NOW
    )

    assert done == 2
    assert [fresh(one).channel.slug for one in (lead, another, moved)] == ["paid-search", "paid-search", "unknown"]


# --- taking back ----------------------------------------------------------------------------------------------


def test_a_ruling_can_be_taken_back_for_fifteen_minutes(lead, marketing):
    ruling = name_channel(lead_id=lead.pk, channel=channel("webinar"), by=marketing.principal, at=NOW)

    undo = take_back(ruling_id=ruling.pk, by=marketing.principal, at=NOW + 15 * MINUTE)

    assert (fresh(lead).channel.slug, undo.undoes, waiting()) == ("unknown", ruling, {lead})
    assert LeadEvent.objects.filter(lead=lead).latest("seq").data["channel"] == {
        "before": "webinar",
        "after": "unknown",
    }
    with pytest.raises(NotAllowed, match="taken back already"):
        take_back(ruling_id=ruling.pk, by=marketing.principal, at=NOW + 15 * MINUTE)


def test_later_it_is_corrected_instead(lead, marketing):
    ruling = name_channel(lead_id=lead.pk, channel=channel("webinar"), by=marketing.principal, at=NOW)

    with pytest.raises(NotAllowed, match="for 15 minutes"):
        take_back(ruling_id=ruling.pk, by=marketing.principal, at=NOW + 16 * MINUTE)
    name_channel(lead_id=lead.pk, channel=channel("unknown"), by=marketing.principal, at=NOW + 16 * MINUTE)

    assert waiting() == {lead}


def test_only_its_author_takes_it_back_and_only_the_last(lead, marketing, admin):
    ruling = name_channel(lead_id=lead.pk, channel=channel("webinar"), by=marketing.principal, at=NOW)

    with pytest.raises(NotAllowed, match="Only whoever said it"):
        take_back(ruling_id=ruling.pk, by=admin.principal, at=NOW)
    name_channel(lead_id=lead.pk, channel=channel("referral"), by=admin.principal, at=NOW)
    with pytest.raises(StaleVersion, match=f"{admin.name} has said something else"):
        take_back(ruling_id=ruling.pk, by=marketing.principal, at=NOW)

    assert fresh(lead).channel.slug == "referral"


def test_what_was_given_up_waits_again_once_that_is_taken_back(lead, marketing):
    ruling = rule_unknowable(lead_id=lead.pk, by=marketing.principal, at=NOW)

    take_back(ruling_id=ruling.pk, by=marketing.principal, at=NOW)

    assert waiting() == {lead}
