"""In the demo: who stands outside. A third party who answered about an asesi (FR.IA.10), and a keluhan."""

from __future__ import annotations

from lsp.services import complaint_handling, complaints, third_party
from lsp.services.complaints import Told
from lsp.services.demo.driver import DemoCase, Stage
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


def load_complaint(stage: Stage) -> None:
    """Registered, and an asesor who had no hand in it examines it."""
    admin = stage.people["admin"]
    made = complaints.take_in(
        Told(
            sent_key="demo-keluhan-contoh-0001",
            name="Warga Contoh",
            contact="warga@demo.example",
            relation="Pemberi kerja",
            about="Pertanyaan lewat telepon tidak dijawab",
            body="Dua kali kami menelepon untuk menanyakan jadwal asesmen pekerja kami, dan tidak pernah dijawab.",
        )
    )
    complaint_handling.register(admin, made, people=(), about_case="", version=made.version)
    complaint_handling.name_investigator(
        admin, made, person=stage.people["asesor2"].public_id, version=made.version
    )
