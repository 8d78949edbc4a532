"""Each won deal shows on its lead's page who earned it."""

from django.utils.html import strip_tags

from funnel.models import Lead, Touch
from reports.deal_credit import SPLITTING, credit_panel
from reports.facts.refresh import catch_up
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import deal, touched, won


def text(client, lead):
    return " ".join(strip_tags(client.get(f"/leads/{lead.pk}/").content.decode()).split())


def test_the_page_of_a_won_lead_shows_the_split_of_each_model(marketing, marketing_client):
    lead = deal("100", "webinar", "email", "fair")
    catch_up()

    panel = credit_panel(lead, marketing.principal).content
    columns = dict(zip(SPLITTING, zip(*(line.credits for line in panel.lines), strict=True), strict=True))

    assert [line.channel for line in panel.lines] == ["Webinar", "Email", "Fair"]
    assert columns["linear"] == ("€33.34", "€33.33", "€33.33")
    assert columns["first_touch"] == ("€100.00", "€0.00", "€0.00")
    assert "Who earned this deal €100.00" in text(marketing_client, lead)
    assert "€33.34" in text(marketing_client, lead)


def test_touches_after_the_close_are_no_part_of_it(marketing):
    lead = deal("100", "webinar")
    touched(lead, "email", NOW.replace(year=2027))
    catch_up()

    assert [line.channel for line in credit_panel(lead, marketing.principal).content.lines] == ["Webinar"]


def test_it_is_not_for_reps(rep, rep_client):
    lead = deal("100", "webinar", owner=rep)
    catch_up()

    assert credit_panel(lead, rep.principal) is None
    assert "Who earned this deal" not in text(rep_client, lead)


def test_there_is_none_without_a_win_an_amount_or_a_touch(marketing):
    untouched = won("webinar", "5")
    Touch.objects.filter(lead=untouched).delete()
    leads = [LeadFactory(), won("webinar", None), untouched]
    catch_up()

    assert [credit_panel(Lead.objects.get(pk=lead.pk), marketing.principal) for lead in leads] == [None] * 3


def test_there_is_none_before_the_sweep_has_read_a_new_touch(marketing):
    lead = deal("100", "webinar")
    catch_up()
    touched(lead, "email", NOW)

    assert credit_panel(lead, marketing.principal) is None
