"""FR.IA.10 for tests: somebody who was asked, and a letter that answers every question."""

from __future__ import annotations

from lsp.database import db
from lsp.models import Permohonan, ThirdParty
from lsp.services import third_party
from lsp.services.third_party import Person
from lsp.services.third_party_words import questions_of
from tests.workflow.cases import Cast, actor_of

PERSON = Person(
    "Penyelia Rekaan",
    workplace="PT Contoh Bangun",
    address="Jalan Rekaan 9",
    phone="0812 9999 0001",
    email="penyelia@contoh.example",
)
#: What no page of the asesi may show.
SECRET = "Ia bekerja rapi dan tahan uji."


def ask(case: Permohonan, cast: Cast, person: Person = PERSON) -> tuple[ThirdParty, str]:
    """Asked by the asesor of the case; the row and the token of his link."""
    made = third_party.invite(actor_of(cast.asesor), case, person)
    db.session.commit()
    return made


def letter_for(row: ThirdParty, **changes: str) -> dict[str, str]:
    """A whole letter, as the page posts it."""
    asked = questions_of(row)
    typed = {f"id-{key}": getattr(row, key) for key, _ in asked.identity}
    typed |= {each.key: "ya" if each.yes_no else SECRET for each in asked.all}
    return typed | {"agreed": "1"} | changes


def answered(case: Permohonan, cast: Cast, person: Person = PERSON) -> ThirdParty:
    """Asked, and the answer is there."""
    row, _ = ask(case, cast, person)
    assert third_party.answer(
        row,
        {
            "identity": {"name": person.name, "workplace": person.workplace},
            "statements": {"k3": True, "tugas": False},
            "open": {"hubungan": "Atasan langsung.", "lainnya": SECRET},
            "more": [],
        },
    )
    db.session.commit()
    return row
