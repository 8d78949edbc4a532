"""The questions a new installation starts with; each helps the buyer's side to see what its own decision needs.

The admin changes them; nothing here comes back. Text, what holds them back (blocker), what is open (attribute).
"""

from dispositions.models import Blocker
from funnel.attributes import Attribute

QUESTIONS: tuple[tuple[str, str, str], ...] = (
    ("How do you handle this today, and what works well enough that it should stay?", "", Attribute.ENVIRONMENT),
    ("What does it cost you, in hours or in money, when it goes wrong?", "", Attribute.PAIN),
    ("What has kept you from solving this before now?", Blocker.WORKAROUND, ""),
    ("How would you know that the way you work around it is no longer enough?", Blocker.WORKAROUND, ""),
    ("Who else would notice if this changed, and what would each of them need to hear?", Blocker.PEOPLE, ""),
    ("Whose view of this have you not heard yet?", "", Attribute.DECISION_MAKERS),
    ("What would those who chose the present supplier have to see before they let it go?", Blocker.OLD_VENDOR, ""),
    ("Could the supplier you have today do this, and what would you have to ask of him?", "", Attribute.COMPETITION),
    ("Which other plans draw on the same money, and how do you decide among them?", Blocker.BUDGET_SHARE, ""),
    ("How does something like this get its budget with you?", "", Attribute.BUDGET),
    ("What would people have to do differently on the first day, and who would help them?", Blocker.CHANGE, ""),
    ("How have you brought in something new before, and what would you do the same way?", Blocker.CHANGE, ""),
    ("What has to happen, in which order, until you can say yes?", "", Attribute.DECISION_PROCESS),
    ("What happens if nothing has changed in a year?", "", Attribute.COMPELLING_EVENT),
)
