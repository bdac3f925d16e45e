"""Blanko of the demo: a pleno's cases asked for by jadwal, one number that was spoiled, and what LPJK answers."""

from __future__ import annotations

from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import PlenoCase
from lsp.services import blanko_book, blanko_requests, blanko_sheet, certificates
from lsp.services.demo.driver import DemoCase, Stage


def ask_for_blanko(stage: Stage, decided: DemoCase) -> None:
    """A request for each jadwal of the pleno that decided this case."""
    admin = stage.people["admin"]
    place = db.session.scalars(
        select(PlenoCase).where(PlenoCase.permohonan_id == decided.case.id)
    ).one()
    for number, group in enumerate(blanko_requests.groups_of(place.pleno), 1):
        if group.jadwal is not None:
            code = f"BNSP.UJKK.{clock.today_wib():%Y%m%d}{number:04d}"
            blanko_sheet.save_jadwal_code(admin, group.jadwal, code)
        lines = blanko_sheet.lines_of(group.people, group.jadwal)
        # What BNSP calls the rest of it, the admin of the demo has not looked up yet.
        codes = [code for code in blanko_sheet.codes_of(lines) if code.kind == "funding"]
        blanko_sheet.save_codes(admin, {(code.kind, code.own): "01" for code in codes})
        if group.competent:
            versions = {case.public_id: case.version for case in group.competent}
            blanko_requests.send(admin, place.pleno, group.key, versions)


def receive(case: DemoCase, *, spoiled: bool) -> None:
    """BNSP's number for a case; `spoiled`: it was damaged, and another took its place."""
    number = f"CONTOH-{case.case.id:07d}"
    certificates.receive_blanko(case.admin, case.case, number=number, version=case.case.version)
    found = blanko_book.by_number(number)
    if not spoiled or found is None:
        return
    blanko_book.spoil(case.admin, found, "Lembar dari BNSP sobek di amplopnya.")
    certificates.correct_numbers(
        case.admin,
        case.case,
        blanko=f"{number}-P",
        lpjk_number="",
        lpjk_qr="",
        reason="Nomor pengganti dari BNSP.",
        version=case.case.version,
    )


def record(case: DemoCase) -> None:
    """LPJK's number and QR."""
    year, serial = clock.today_wib().year, case.case.id
    certificates.record_lpjk(
        case.admin,
        case.case,
        number=f"F 0000 {serial:06d} {year} {serial:07d} MP 01",
        qr=f"https://lpjk.example/contoh/{case.case.public_id}",
        version=case.case.version,
    )
