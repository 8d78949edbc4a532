"""What the tests of hooks have in common: a source, a signature, a post, and a round of processing."""

import base64
import hashlib
import hmac

from django.utils import timezone

from integrations.models import InboxItem, Source
from integrations.services.inbox import due, process

SECRET = "a-secret-of-the-tool-and-ours"


def source(adapter, **fields):
    known = {"slug": adapter, "name": adapter.title(), "token": f"token-{adapter}", "secret": SECRET}
    return Source.objects.create(**known | {"adapter": adapter, "created_at": timezone.now()} | fields)


def signature(body, secret=SECRET):
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def post(client, adapter, body, content_type="application/json", **headers):
    return client.post(f"/api/v1/hooks/token-{adapter}/", body, content_type=content_type, headers=headers)


def run():
    for item in due(timezone.now()):
        process(item.pk, now=timezone.now())
    return InboxItem.objects.latest("pk")
