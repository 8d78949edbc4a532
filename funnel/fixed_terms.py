"""What the database itself refuses about agreements and hand-offs, on PostgreSQL and on SQLite.

A draft may be written and written again. Once a side has signed, its terms and clauses are fixed; it comes into force
only with both signatures, and never comes back. What a hand-off began with is fixed from the start.
"""

from collections.abc import Iterator
from dataclasses import dataclass

TABLES = ("funnel_agreement", "funnel_clause", "funnel_signature", "funnel_handoff")

_TERMS = (
    *("id", "name", "version", "created_at", "team_id", "channel_id", "country", "escalation_shares", "reassigns"),
    *("accept_within_minutes", "first_attempt_within_minutes"),
    *("attempts_required", "attempts_within_days", "channels_required"),
)
_BEGINNING = ("id", "lead_id", "number", "agreement_id", "opened_at", "imported", "clause_results")

_FIXED = "a signed agreement is never changed: draft its next version"
_BEGAN = "what a hand-off began with is never changed"


@dataclass(frozen=True)
class Refusal:
    """One trigger. `when` is SQL of both databases but for {differs}, which minds NULL in the words of each."""

    table: str
    event: str
    name: str
    when: str
    sentence: str
    only_sqlite: bool = False

    def statements(self, vendor: str) -> Iterator[str]:
        if vendor == "postgresql" and self.only_sqlite:
            return
        if vendor != "postgresql":
            yield (
                f"CREATE TRIGGER IF NOT EXISTS {self.name} BEFORE {self.event} ON {self.table} "
                f"WHEN {self.when.format(differs='IS NOT')} BEGIN SELECT RAISE(ABORT, '{self.sentence}'); END"
            )
            return
        row = "OLD" if self.event == "DELETE" else "NEW"
        yield (
            f"CREATE OR REPLACE FUNCTION leadflow_{self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {self.when.format(differs='IS DISTINCT FROM')} THEN "
            f"RAISE EXCEPTION '{self.sentence}' USING ERRCODE = 'restrict_violation'; END IF; RETURN {row}; END $$"
        )
        yield (
            f"CREATE OR REPLACE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION leadflow_{self.name}()"
        )


def _any_differs(columns: tuple[str, ...]) -> str:
    return "(" + " OR ".join(f"OLD.{column} {{differs}} NEW.{column}" for column in columns) + ")"


def _signatures(agreement_id: str) -> str:
    return f"(SELECT COUNT(*) FROM funnel_signature s WHERE s.agreement_id = {agreement_id})"  # noqa: S608  # our own


def _has_left_draft(agreement_id: str) -> str:
    return f"EXISTS (SELECT 1 FROM funnel_agreement a WHERE a.id = {agreement_id} AND a.state <> 'draft')"  # noqa: S608  # our own


def _is_signed(agreement_id: str) -> str:
    return f"({_has_left_draft(agreement_id)} OR {_signatures(agreement_id)} > 0)"


_MAY_CHANGE_STATE = (
    f"(OLD.state = 'draft' AND NEW.state IN ('signed', 'in_force') AND {_signatures('OLD.id')} = 2) "
    "OR (OLD.state = 'signed' AND NEW.state IN ('in_force', 'superseded')) "
    "OR (OLD.state = 'in_force' AND NEW.state = 'superseded')"
)


def _kept(table: str, event: str, same: str) -> Refusal:
    """SQLite's OR REPLACE takes out the row that is in the way without asking the triggers of DELETE."""
    return Refusal(
        f"funnel_{table}",
        event,
        f"{table}_is_not_replaced_by_{event.lower()}",
        f"EXISTS (SELECT 1 FROM funnel_{table} o WHERE {same})",  # noqa: S608  # our own
        f"a row of funnel_{table} is never replaced",
        only_sqlite=True,
    )


_SAME_VERSION = "(o.name = NEW.name AND o.version = NEW.version)"
_SAME_PASSAGE = "(o.lead_id = NEW.lead_id AND (o.number = NEW.number OR (o.ended_at IS NULL AND NEW.ended_at IS NULL)))"

REFUSALS: tuple[Refusal, ...] = (
    _kept("agreement", "INSERT", f"o.id = NEW.id OR {_SAME_VERSION}"),
    _kept("agreement", "UPDATE", f"o.id <> OLD.id AND {_SAME_VERSION}"),
    _kept("clause", "INSERT", "o.id = NEW.id"),
    _kept("signature", "INSERT", "o.id = NEW.id"),
    _kept("handoff", "INSERT", f"o.id = NEW.id OR {_SAME_PASSAGE}"),
    _kept("handoff", "UPDATE", f"o.id <> OLD.id AND {_SAME_PASSAGE}"),
    Refusal(
        "funnel_agreement",
        "INSERT",
        "agreement_begins_as_a_draft",
        "NEW.state NOT IN ('draft', 'imported')",
        "an agreement begins as a draft",
    ),
    Refusal(
        "funnel_agreement",
        "UPDATE",
        "agreement_terms_are_fixed",
        f"(OLD.state <> 'draft' OR {_signatures('OLD.id')} > 0) AND {_any_differs(_TERMS)}",
        _FIXED,
    ),
    Refusal(
        "funnel_agreement",
        "UPDATE",
        "agreement_dates_are_fixed",
        f"((OLD.state <> 'draft' OR (NEW.state = 'draft' AND {_signatures('OLD.id')} > 0)) "
        "AND OLD.in_force_from {differs} NEW.in_force_from) "
        "OR (OLD.superseded_at IS NOT NULL AND OLD.superseded_at {differs} NEW.superseded_at)",
        _FIXED,
    ),
    Refusal(
        "funnel_agreement",
        "UPDATE",
        "agreement_states_go_forward",
        f"NEW.state <> OLD.state AND NOT ({_MAY_CHANGE_STATE})",
        "an agreement is in force only when both sides have signed, and never becomes a draft again",
    ),
    Refusal(
        "funnel_agreement",
        "DELETE",
        "agreement_is_kept",
        f"OLD.state <> 'draft' OR {_signatures('OLD.id')} > 0",
        _FIXED,
    ),
    Refusal("funnel_clause", "INSERT", "clause_is_not_added", _is_signed("NEW.agreement_id"), _FIXED),
    Refusal(
        "funnel_clause",
        "UPDATE",
        "clause_is_fixed",
        f"OLD.id <> NEW.id OR {_is_signed('OLD.agreement_id')} OR {_is_signed('NEW.agreement_id')}",
        _FIXED,
    ),
    Refusal("funnel_clause", "DELETE", "clause_is_kept", _is_signed("OLD.agreement_id"), _FIXED),
    Refusal("funnel_signature", "INSERT", "signature_is_not_added", _has_left_draft("NEW.agreement_id"), _FIXED),
    Refusal("funnel_signature", "UPDATE", "signature_is_fixed", "OLD.id = OLD.id", "a signature is never changed"),
    Refusal("funnel_signature", "DELETE", "signature_is_kept", _has_left_draft("OLD.agreement_id"), _FIXED),
    Refusal(
        "funnel_handoff",
        "UPDATE",
        "handoff_beginning_is_fixed",
        f"{_any_differs(_BEGINNING)} OR (OLD.override_reason <> NEW.override_reason AND "
        # The words may be erased; that there were any stays.
        "(OLD.override_reason = '' OR NEW.override_reason <> '[erased]'))",
        _BEGAN,
    ),
    Refusal("funnel_handoff", "DELETE", "handoff_is_kept", "OLD.id = OLD.id", "a hand-off is never deleted"),
)


def create_statements(table: str, vendor: str) -> list[str]:
    return [statement for one in REFUSALS if one.table == table for statement in one.statements(vendor)]


def drop_statements(table: str, vendor: str) -> list[str]:
    on_table = f" ON {table}" if vendor == "postgresql" else ""
    return [f"DROP TRIGGER IF EXISTS {one.name}{on_table}" for one in REFUSALS if one.table == table]
