"""Journeys out of the database: packed, kept up to date, and selected for the models of `reports.attribution`."""
