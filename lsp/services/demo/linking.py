"""What LPJK fetches, in the demo: links to the papers of issued cases, one of them opened and one revoked."""

from __future__ import annotations

from lsp import clock
from lsp.services import document_links, lpjk_reports
from lsp.services.demo.driver import DemoCase

#: Why the reports went although papers are not made in the portal.
SENT_BESIDE = "Surat tugas dan surat verifikasi TUK dikirim lewat layar SIKI bersama laporannya."
#: Documentation addresses belong to nobody (RFC 5737).
_SOMEWHERE = "192.0.2.10"


def make_links(case: DemoCase) -> None:
    lpjk_reports.make_links(case.admin, case.case)
    links = {each.link.paper: each.link for each in document_links.of_case(case.case)}
    opened, mistaken = links["FR.APL.01"], links["FR.APL.02"]
    document_links.note_read(opened.id, document_links.SERVED, address=_SOMEWHERE)
    document_links.revoke(
        case.admin,
        case.case,
        [mistaken],
        "Alamatnya tersalin ke pesan yang keliru, diganti yang baru.",
    )
    lpjk_reports.make_links(case.admin, case.case)
    assert clock.today_wib() <= opened.ends_on  # noqa: S101 - the demo shows it as living
