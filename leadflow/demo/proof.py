"""What the demo company can show: case studies, references who talk, communities. All of them are invented."""

from datetime import datetime
from typing import Any

from accounts.models import User
from dispositions.models import Proof

_PROOFS: tuple[dict[str, Any], ...] = (
    {
        "kind": Proof.Kind.CASE_STUDY,
        "title": "Halvorano Foods: a third fewer picking errors in ten weeks",
        "summary": "60 pickers went from paper to scanners; returns fell by a third before the next peak season.",
        "url": "https://leadflow-demo.example/proof/halvorano-foods",
        "naics_prefix": "424",
        "min_employees": 50,
        "pains": "picking errors, returns, paper pick lists",
    },
    {
        "kind": Proof.Kind.CASE_STUDY,
        "title": "Torvantek Parts: stock counts without closing the hall",
        "summary": "They count one aisle a day while work goes on, and have not closed for a count since.",
        "url": "https://leadflow-demo.example/proof/torvantek-parts",
        "naics_prefix": "4231",
        "pains": "stock count, closure, count stock by hand",
    },
    {
        "kind": Proof.Kind.CASE_STUDY,
        "title": "Belisko Cold Chain: every lot traced within a minute",
        "summary": "Their biggest customer audits them twice a year; the last audit took one hour.",
        "url": "https://leadflow-demo.example/proof/belisko-cold-chain",
        "naics_prefix": "4931",
        "pains": "lot tracing, audit",
    },
    {
        "kind": Proof.Kind.REFERENCE,
        "title": "Ute Sommerfeld, head of logistics at Merinora Pharma",
        "summary": "Replaced a home-grown system in a hall of 120 people, and talks openly about the hard weeks.",
        "contact": "Wiebke Carstens",
        "country": "DE",
        "min_employees": 100,
        "pains": "no longer supported, home-grown, SAP, temps",
    },
    {
        "kind": Proof.Kind.REFERENCE,
        "title": "Jonas Ekberg, owner of Valotek Tools",
        "summary": "A family firm with one site. Takes calls on Fridays.",
        "contact": "Wiebke Carstens",
        "max_employees": 150,
    },
    {
        "kind": Proof.Kind.COMMUNITY,
        "title": "Round table “Moving halls”",
        "summary": "Eight warehouse managers who move or open a second site this year meet every six weeks.",
        "url": "https://leadflow-demo.example/round-table",
        "pains": "new hall, second site, moving halls",
    },
    {
        "kind": Proof.Kind.COMMUNITY,
        "title": "Warehouse Friday, our customers’ monthly call",
        "summary": "One customer shows his hall, everybody asks. Guests are welcome.",
        "url": "https://leadflow-demo.example/warehouse-friday",
    },
)


def create_proof(by: User, *, at: datetime) -> None:
    Proof.objects.bulk_create([Proof(**fields, updated_by=by, updated_at=at) for fields in _PROOFS])
