import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts.middleware import ViewerTimeZoneMiddleware
from tests.factories import UserFactory


@pytest.fixture
def zone_for():
    """In which zone a page for this user is made."""

    def ask(user):
        request = RequestFactory().get("/")
        request.user = user
        page = ViewerTimeZoneMiddleware(lambda _: HttpResponse(timezone.get_current_timezone_name()))
        return page(request).text

    return ask


@pytest.mark.django_db
def test_a_page_is_in_the_zone_of_its_viewer_and_the_next_one_is_not(zone_for):
    assert zone_for(UserFactory(time_zone="Asia/Tokyo")) == "Asia/Tokyo"
    assert timezone.get_current_timezone_name() == "UTC"


def test_the_page_of_a_stranger_is_in_the_zone_of_the_installation(zone_for):
    assert zone_for(AnonymousUser()) == "UTC"
