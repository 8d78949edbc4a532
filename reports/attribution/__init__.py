"""Who earned what: pure functions on journeys, one module a family of models. No database, no Django, no chance."""
