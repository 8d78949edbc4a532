"""One factory per thing; what has a history (leads, agreements) gets it from the product's own services."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import factory

from accounts.models import Team, User, WorkingCalendar
from accounts.roles import Role
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.attributes import BANT
from funnel.inputs import LeadInput
from funnel.lifecycle import Stage
from funnel.models import Agreement, Clause, Lead, Signature
from funnel.services.moves import move_lead
from funnel.services.receive import receive_leads

# A Wednesday. The company's hours are Monday to Friday, 9 to 17 UTC: eight working hours later is Thursday, 10:00.
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
BANT_EVIDENCE = {attribute.value: f"{name} is known." for name, attribute in BANT.items()}


class CalendarFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = WorkingCalendar

    name = factory.Sequence(lambda n: f"Calendar {n}")
    time_zone = "Europe/Berlin"
    opening_hours = "Mon-Fri 09:00-17:00"


class TeamFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Team

    name = factory.Sequence(lambda n: f"Team {n}")


class UserFactory(factory.django.DjangoModelFactory):
    """A sales rep in a team of his own. `password` is left out: nobody signs in with it."""

    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"Rita Rep {n}")
    email = factory.Sequence(lambda n: f"rita.{n}@sales.example")
    role = Role.REP
    team = factory.SubFactory(TeamFactory)


class AgreementFactory(factory.django.DjangoModelFactory):
    """Signed by both sides and in force, with the limits of the demo; a draft is not signed yet.

    `clauses`: their sentences; one that a machine judges is (sentence, test, arguments).
    """

    class Meta:
        model = Agreement
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Agreement {n}")
    version = 1
    state = Agreement.State.IN_FORCE
    created_at = NOW - timedelta(days=60)
    in_force_from = NOW - timedelta(days=30)

    @classmethod
    def _create(cls, model_class, *args, state, **given):
        """Every agreement begins as a draft; it is signed below, once it has its clauses."""
        if state == Agreement.State.DRAFT:
            given["in_force_from"] = None
        agreement = super()._create(model_class, *args, **given)
        agreement.state = state
        return agreement

    @factory.post_generation
    def clauses(self, create, extracted, **kwargs):
        for number, clause in enumerate(extracted or (), 1):
            sentence, test, arguments = (clause, "", {}) if isinstance(clause, str) else clause
            Clause.objects.create(agreement=self, number=number, sentence=sentence, test=test, arguments=arguments)

    @factory.post_generation
    def signatures(self, create, extracted, **kwargs):
        """`extracted`: the two who sign, marketing first."""
        if self.state == Agreement.State.DRAFT:
            return
        signers = extracted or [
            UserFactory(name=f"Leader of {side}", role=role, team=None, can_sign=True)
            for side, role in (("marketing", Role.MARKETING), ("sales", Role.MANAGER))
        ]
        for side, user in zip(("marketing", "sales"), signers, strict=True):
            Signature.objects.create(agreement=self, side=side, user=user, at=self.in_force_from)
        ways = {"superseded": ("in_force", "superseded")}
        for state in ways.get(self.state, (self.state,)):
            Agreement.objects.filter(pk=self.pk).update(state=state)


class LeadFactory(factory.Factory):
    """The commonest lead: an inquiry from organic search that nobody owns yet.

    `handed_off`, `accepted`, `qualified`, `won` take it further under an agreement in force, for a rep who owns it;
    handed off without an owner it waits in the pool of its `team`.
    `at` is when all of it happened. `touches`, `attributes`, `score` … are those of `LeadInput`.
    """

    class Meta:
        model = Lead

    class Params:
        handed_off = factory.Trait(stage=Stage.MQL, owner=factory.SubFactory(UserFactory))
        accepted = factory.Trait(stage=Stage.SAL, owner=factory.SubFactory(UserFactory))
        qualified = factory.Trait(stage=Stage.SQL, owner=factory.SubFactory(UserFactory))
        won = factory.Trait(stage=Stage.WON, owner=factory.SubFactory(UserFactory))

    at = NOW
    stage = Stage.INQUIRY
    source = "website"
    channel = "organic-search"
    first_name = "Bea"
    last_name = factory.Sequence(lambda n: f"Buyer {n}")
    email = factory.Sequence(lambda n: f"bea.{n}@buyer.example")

    @classmethod
    def _create(cls, model_class, *args, at, stage, **given):
        marketer = _marketer()
        (received,) = receive_leads([LeadInput(created_at=at, **given)], by=marketer, at=at)
        assert received.lead, received.problem
        lead_id = received.lead.pk
        if stage != Stage.INQUIRY:
            _agreement_in_force()
            with nobody_on_duty(unless=given.get("owner")):
                move_lead(lead_id=lead_id, to=Stage.MQL, by=marketer, at=at)
            for statement in _statements_up_to(stage, at.date()):
                rep = given.get("owner") or UserFactory(team=given.get("team"))
                record_disposition(lead_id=lead_id, statement=statement, by=rep.principal, at=at)
        return Lead.objects.get(pk=lead_id)


def _marketer():
    user = User.objects.filter(email="mona@marketing.example").first()
    return (user or UserFactory(name="Mona Marketer", email="mona@marketing.example", role=Role.MARKETING)).principal


@contextmanager
def nobody_on_duty(*, unless=None):
    """A lead handed off meanwhile waits in the pool of its team; one with an owner, `unless`, stays his."""
    on_duty = [] if unless else list(User.objects.filter(is_on_duty=True).values_list("pk", flat=True))
    User.objects.filter(pk__in=on_duty).update(is_on_duty=False)
    yield
    User.objects.filter(pk__in=on_duty).update(is_on_duty=True)


def _agreement_in_force():
    if not Agreement.objects.filter(state=Agreement.State.IN_FORCE).exists():
        AgreementFactory()


def _statements_up_to(stage, day: date):
    statements = {
        Stage.SAL: Statement(outcome=Outcome.ACCEPT),
        Stage.SQL: Statement(
            outcome=Outcome.QUALIFY,
            evidence=BANT_EVIDENCE,
            amount=Decimal(12000),
            currency="EUR",
            expected_close_on=day + timedelta(days=30),
        ),
        Stage.WON: Statement(outcome=Outcome.WON, closed_on=day),
    }
    way = list(statements)
    return [statements[one] for one in way[: way.index(stage) + 1]] if stage in way else []
