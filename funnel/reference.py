"""The lists a new installation starts with: stages, reasons, words. The admin changes them; nothing here comes back."""

from funnel.lifecycle import Stage

STALE_AFTER_DAYS: dict[str, int] = {Stage.INQUIRY: 30, Stage.NURTURE: 90, Stage.MQL: 5, Stage.SAL: 5, Stage.SQL: 10}

# stage: (definition, actions in stage, triggers forward, triggers backward)
STAGE_TEXTS: dict[Stage, tuple[str, str, str, str]] = {
    Stage.INQUIRY: (
        "Somebody showed interest and left a way to reach him. Nothing has been checked yet.",
        "Marketing answers, completes what is known and scores.",
        "Meets every clause of the agreement: promote to MQL. Own find of sales: take it as SAL.",
        "Not ready: to Nurture. Never was a buyer: Disqualified.",
    ),
    Stage.NURTURE: (
        "A possible buyer who is not ready yet, with a date to wake up.",
        "Marketing develops the need: calls, mails, events, content.",
        "Meets every clause of the agreement: promote to MQL, as the next cycle.",
        "Never was a buyer: Disqualified.",
    ),
    Stage.MQL: (
        "Marketing says it is ready for sales; it is handed off under the signed agreement.",
        "Sales reads the brief and accepts or refuses within the agreed time.",
        "Sales accepts: SAL.",
        "Sales refuses with the clause that fails: Nurture or Disqualified. Marketing withdraws: Inquiry.",
    ),
    Stage.SAL: (
        "Sales has accepted it and works on it.",
        "Sales calls and writes: the agreed attempts over the agreed days and channels.",
        "Budget, authority, need and timeframe are known: SQL.",
        "Recycle to Nurture with a wake-up date; Lost, No decision, or Disqualified with a reason.",
    ),
    Stage.SQL: (
        "A qualified opportunity with an amount and an expected close date.",
        "Sales sells, and keeps the forecast honest.",
        "Signed: Won.",
        "Step back to SAL; recycle to Nurture; Lost to somebody else; No decision.",
    ),
    Stage.WON: ("They bought from us.", "Marketing is credited to the cent.", "", "Correction by a manager: SQL."),
    Stage.LOST: (
        "They bought from somebody else.",
        "Marketing learns from whom and why.",
        "Woken later: Nurture.",
        "Correction by a manager: SQL.",
    ),
    Stage.NO_DECISION: (
        "They bought from nobody.",
        "Marketing learns what held them.",
        "Woken later: Nurture.",
        "Correction by a manager: SQL.",
    ),
    Stage.DISQUALIFIED: (
        "Never was a buyer: junk, student, consultant, competitor, bad data.",
        "Marketing mends the source that brought it.",
        "",
        "Correction by a manager: Inquiry.",
    ),
}

# What a reason is usually about, the likeliest first: a refusal for it cites the clause of the agreement about that.
REASONS_ARE_ABOUT: dict[str, list[str]] = {
    "bad_data": ["email", "phone", "company.name"],
    "no_need": ["pain"],
    "no_budget": ["budget"],
    "no_authority": ["decision_maker_engaged", "decision_makers", "title"],
    "bad_timing": ["decision_process", "compelling_event"],
    "wrong_segment": [
        *("segment", "industry_code", "company.naics", "company.country"),
        *("company.employees", "company.annual_revenue", "firmographics"),
    ],
}

_BACK = ["refuse", "recycle"]
_OUT = ["refuse", "disqualify"]

# slug, label, outcomes it may be given for, disqualifies, note required, wake after days, what marketing does
REASONS: tuple[tuple[str, str, list[str], bool, bool, int | None, str], ...] = (
    ("unable_to_reach", "Unable to reach", ["recycle"], False, False, 30, "Try other channels and times."),
    ("bad_data", "Bad data", _OUT, True, False, None, "Mend the form or the list it came from."),
    ("no_need", "No need", [*_BACK, "no_decision"], False, False, 180, "Develop the need; ask again in half a year."),
    ("no_budget", "No budget", _BACK, False, False, 90, "Ask again before the next budget round."),
    ("no_authority", "No authority", _BACK, False, False, 30, "Find who decides in this company."),
    ("bad_timing", "Bad timing", _BACK, False, False, 90, "Wake up at the date they named."),
    ("wrong_segment", "Wrong segment", _OUT, True, False, None, "Tighten the targeting of the campaign."),
    ("student", "Student", _OUT, True, False, None, "Keep out of scoring."),
    ("consultant", "Consultant", _OUT, True, False, None, "Keep out of scoring."),
    ("competitor", "Competitor", _OUT, True, False, None, "Keep out of mailings."),
    ("duplicate", "Duplicate", _OUT, True, False, None, "Merge it with the lead it repeats."),
    (
        "other",
        "Other",
        ["refuse", "recycle", "disqualify", "step_back", "lost", "no_decision"],
        False,
        True,
        60,
        "Read the note.",
    ),
    ("lost_price", "Lost on price", ["lost"], False, False, None, "Bring the value case earlier."),
    ("lost_feature", "Lost on a feature", ["lost"], False, False, None, "Tell product."),
    ("lost_relationship", "Lost to a relationship", ["lost"], False, False, None, "Start earlier in such accounts."),
    ("blocked_people", "Blocked: people disagree", ["no_decision"], False, False, None, "Content for all who decide."),
    ("blocked_old_vendor", "Blocked: old vendor", ["no_decision"], False, False, None, "Content about switching."),
    ("blocked_budget_share", "Blocked: budget is shared", ["no_decision"], False, False, None, "Business case."),
    ("blocked_workaround", "Blocked: workaround holds", ["no_decision"], False, False, None, "Cost of the workaround."),
    ("blocked_change", "Blocked: fear of change", ["no_decision"], False, False, None, "References who changed."),
    ("reassessed", "Reassessed", ["step_back"], False, False, None, "Nothing: sales works on it again."),
)

# Slug of a channel: words by which people, or the parameters of a link, name it.
SOURCE_WORDS: dict[str, tuple[str, ...]] = {
    "paid-search": ("google ads", "adwords", "search ad", "sponsored result", "utm_medium=cpc", "utm_medium=ppc"),
    "organic-search": ("google", "bing", "duckduckgo", "ecosia", "search engine", "searched", "utm_medium=organic"),
    "webinar": ("webinar", "online seminar"),
    "email": ("newsletter", "mailing", "utm_medium=email"),
    "trade-fair": ("trade fair", "trade show", "exhibition", "fair in", "your booth", "your stand"),
    "event": ("conference", "meetup"),
    "referral": ("colleague", "recommended", "recommendation", "referral", "a friend", "word of mouth"),
    "partner": ("partner", "our consultant", "reseller"),
    "social": ("linkedin", "facebook", "instagram", "youtube", "utm_medium=social"),
    "podcast": ("podcast",),
    "display": ("banner", "utm_medium=display", "utm_medium=banner"),
    "direct-mail": ("letter", "brochure", "postcard"),
}
