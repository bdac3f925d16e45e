"""In the demo: who stands outside. A third party who has answered about an asesi (FR.IA.10)."""

from __future__ import annotations

from lsp.services import third_party
from lsp.services.demo.driver import DemoCase
from lsp.services.third_party import Person
from lsp.services.third_party_words import questions_of, said_of

_SUPERIOR = Person(
    "Sutrisno Contoh",
    workplace="PT Contoh Bangun Karya",
    address="Jalan Rekaan 9",
    phone="0800 0000 0200",
    email="penyelia@demo.example",
)
_WORDS = "Kami bekerja di proyek yang sama sejak 2021; ia memimpin pengarahan K3 setiap pagi."


def load_third_party(case: DemoCase) -> None:
    """His superior says yes to everything; the asesor has yet to judge it."""
    row, _token = third_party.invite(case.asesor, case.case, _SUPERIOR)
    asked = questions_of(row)
    answers = {each.key: True if each.yes_no else _WORDS for each in asked.all if not each.optional}
    identity = {key: str(getattr(row, key)) for key, _label in asked.identity}
    third_party.answer(row, said_of(asked, identity, answers))
