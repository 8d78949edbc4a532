"""A page is in the time zone and in the formats of whoever looks at it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from accounts.formats import as_read_by, moment
from accounts.middleware import ViewerMiddleware
from accounts.models import Formats
from tests.factories import NOW, UserFactory

SHOWN = Template(
    '{{ at|date:"DATE_FORMAT" }} | {{ at|date:"DATETIME_FORMAT" }} | {{ at|date:"MONTH_DAY_FORMAT" }}'
    ' | {{ at|date:"TIME_FORMAT" }} | {{ amount|floatformat:"2g" }} | {{ count|floatformat:"0g" }}'
)


@pytest.fixture
def seen_by():
    """What a page says to this user."""

    def ask(user, template):
        request = RequestFactory().get("/")
        request.user = user
        context = Context({"at": NOW, "amount": 1234.5, "count": 1234567})
        return ViewerMiddleware(lambda _: HttpResponse(template.render(context)))(request).text

    return ask


@pytest.mark.django_db
def test_a_page_is_in_the_zone_of_its_viewer_and_the_next_one_is_not(seen_by):
    hour = Template("{{ at|date:'H:i' }}")

    assert seen_by(UserFactory(time_zone="Asia/Tokyo"), hour) == "19:00"
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("formats", "text"),
    [
        (Formats.BRITISH, "4 Mar 2026 | 4 Mar 2026, 10:00 | 4 Mar | 10:00 | 1,234.50 | 1,234,567"),
        (Formats.AMERICAN, "Mar 4, 2026 | Mar 4, 2026, 10:00 AM | Mar 4 | 10:00 AM | 1,234.50 | 1,234,567"),
        (Formats.CONTINENTAL, "04.03.2026 | 04.03.2026, 10:00 | 04.03. | 10:00 | 1.234,50 | 1.234.567"),
        (Formats.ISO, "2026-03-04 | 2026-03-04, 10:00 | 03-04 | 10:00 | 1,234.50 | 1,234,567"),
    ],
)
def test_a_page_is_in_the_formats_of_its_viewer_and_the_next_one_is_not(seen_by, formats, text):
    assert seen_by(UserFactory(formats=formats), SHOWN) == text
    assert translation.get_language() == "en"


def test_the_page_of_a_stranger_is_as_the_installation_has_it(seen_by):
    assert seen_by(AnonymousUser(), SHOWN).startswith("4 Mar 2026 | 4 Mar 2026, 10:00")


@pytest.mark.django_db
@pytest.mark.parametrize("formats", Formats.values)
def test_the_words_stay_english(seen_by, formats):
    words = Template("{% load i18n %}{{ at|date:'l F' }} {% translate 'This field is required.' %}")

    assert seen_by(UserFactory(formats=formats), words) == "Wednesday March This field is required."


@pytest.mark.django_db
@pytest.mark.parametrize("hour", [0, 9, 12, 21])
@pytest.mark.parametrize("formats", Formats.values)
def test_a_moment_in_a_mail_is_written_as_on_a_page(formats, hour):
    user, at = UserFactory(formats=formats, time_zone="Asia/Tokyo"), NOW.replace(hour=hour, day=9)
    page = Template('{{ at|date:"D" }} {{ at|date:"SHORT_DATETIME_FORMAT" }}')

    with as_read_by(user):
        assert moment(at, user) == page.render(Context({"at": at}))
