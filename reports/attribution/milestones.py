"""Models that know when the lead was created, became an opportunity (SQL) and was closed.

A milestone's touch is the last one at or before it, the first one if none is: `journeys.milestone_place`.
"""

from reports.attribution.journeys import Integers, Journeys, Milestone
from reports.attribution.positional import Shares, first


def lead_creation(journeys: Journeys) -> Integers:
    return journeys.at(Milestone.LEAD_CREATION)


def opportunity(journeys: Journeys) -> Integers:
    return journeys.at(Milestone.OPPORTUNITY)


def close(journeys: Journeys) -> Integers:
    return journeys.at(Milestone.CLOSE)


MILESTONE = {
    # Marketo Measure “lead creation”.
    "lead_creation": Shares({lead_creation: 1}),
    # HubSpot “U-shaped”: 40 first, 40 lead creation, 20 the others.
    "u_shaped": Shares({first: 40, lead_creation: 40}, others=20),
    # Marketo Measure “U-shaped”: half first, half lead creation.
    "u_50_50": Shares({first: 50, lead_creation: 50}),
    # Marketo Measure and HubSpot “W-shaped”: 30 each, 10 the others.
    "w_shaped": Shares({first: 30, lead_creation: 30, opportunity: 30}, others=10),
    # Marketo Measure and HubSpot “full path”: 22.5 each, 10 the others.
    "full_path": Shares({first: 225, lead_creation: 225, opportunity: 225, close: 225}, others=100),
}
