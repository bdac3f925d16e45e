"""Bandings of the demo: one before its panel, one that was answered."""

from __future__ import annotations

from lsp.models import Banding
from lsp.services import banding, banding_outcome, banding_panel, results
from lsp.services.demo.driver import DemoCase

WHY = (
    "Saya sudah menjelaskan peraturan itu, tetapi sambungan terputus dan asesor tidak menanyakannya lagi. "
    "Bukti foto unit kedua juga tidak dibuka."
)
FINDING = "Rekaman menunjukkan pertanyaan itu diulang dua kali sesudah sambungan kembali."
ANSWER = (
    "Rekaman dan FR.AK.02 sesuai. Pertanyaan yang terputus ditanyakan lagi, dan jawabannya dicatat."
)


def appeal(case: DemoCase) -> None:
    """FR.AK.04, signed and accepted; the panel is named, one member has written what he found."""
    row = _before_panel(case, "luar1", "luar2")
    first = case.stage.people["luar1"]
    banding_outcome.declare(first, row)
    banding_outcome.find(first, row, FINDING)


def appeal_in_vain(case: DemoCase) -> None:
    """Answered: the decision stands, and there is a letter."""
    row = _before_panel(case, "luar2", "luar3")
    panel = [case.stage.people[name] for name in ("luar2", "luar3")]
    for member in panel:
        banding_outcome.declare(member, row)
        banding_outcome.find(member, row, FINDING)
    banding_outcome.propose(panel[0], row, outcome="uphold", reason=ANSWER, version=row.version)
    for member in panel:
        banding_outcome.sign(member, row, typed_name=member.name, version=row.version)


def _before_panel(case: DemoCase, *members: str) -> Banding:
    results.open_result(case.asesi, case.case)
    row = banding.file(
        case.asesi,
        case.case,
        answers={"dijelaskan": True, "didiskusikan": True, "orang_lain": False},
        reason=WHY,
        typed_name=case.case.asesi_name,
        version=case.case.version,
    )
    banding.accept(case.admin, case.case, version=row.version)
    people = [case.stage.people[name].public_id for name in members]
    banding_panel.name_panel(case.stage.people["ketua"], case.case, people, version=row.version)
    return row
