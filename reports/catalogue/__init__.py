"""One module a report, found by being here: each has an ENTRY, a `reports.engine.CatalogueEntry`."""
