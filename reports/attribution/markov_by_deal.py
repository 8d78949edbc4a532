"""Markov by deal: each won journey is split over its own touches in proportion to their channels' removal effects.

The form that reconciles deal by deal, which `markov`, a split of the total, does not. Some packages call this one
Markov; here both have their own name.
"""

from reports.attribution.journeys import Floats, Journeys


def weights(journeys: Journeys, effects: Floats) -> Floats:
    """`effects`: by channel, of the conversions. A won journey has at least one touch with an effect above zero."""
    return effects[journeys.touches]
