"""A proposal about the certificate of the demo: its holder may answer, the ketua waits for that."""

from __future__ import annotations

from lsp.services import certificate_life, certificates
from lsp.services.demo.driver import DemoCase
from lsp.vocabulary import LifeGround, LifeStep

WHY = (
    "Pada proyek contoh, orang lain bekerja dengan kartu sertifikat ini selama dua minggu. "
    "Foto daftar hadir proyek dilampirkan di kantor LSP."
)


def propose_suspension(case: DemoCase) -> None:
    certificate = certificates.of_case(case.case)
    if certificate is not None:
        certificate_life.propose(
            case.admin,
            certificate,
            LifeStep.SUSPEND,
            ground=LifeGround.MISUSE,
            reason=WHY,
            version=certificate.version,
        )
