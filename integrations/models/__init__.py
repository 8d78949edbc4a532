"""What talks with other systems. One file per topic; import from here."""

from integrations.models.feed import FeedEntry, FeedState
from integrations.models.imports import SavedMapping, Upload, UploadedRow
from integrations.models.inbox import InboxItem, Source
from integrations.models.keys import ApiKey, IdempotentRequest
from integrations.models.outbound import Delivery, Endpoint

__all__ = [
    "ApiKey",
    "Delivery",
    "Endpoint",
    "FeedEntry",
    "FeedState",
    "IdempotentRequest",
    "InboxItem",
    "SavedMapping",
    "Source",
    "Upload",
    "UploadedRow",
]
