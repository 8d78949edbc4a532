"""Leads beside the queue: lists, search, one lead's page, bulk, merging."""
