"""FR.IA.08 and FR.IA.09 of 9 units saved row by row by eight asesor at once, over HTTP: `python -m bench.instruments`.

Eight asesor hold an assessment each and fill both papers to the end as the page does, a row at a time: 24 files under
the four rules, 9 elemen for the interview, the word on the whole, then every question. Counts what was refused or
locked, reads both papers back, and compares the p95 of an autosave with its median.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.serve import Browser, portal, prepare, token_in
from lsp import clock, config, create_app, ids
from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.models import (
    AssessmentPlan,
    Booking,
    Document,
    FilledInstrument,
    FrApl02Answer,
    FrApl02Evidence,
    Jadwal,
    Mapa,
    Permohonan,
    Peserta,
    SkemaVersion,
    Slot,
    User,
    UserRole,
)
from lsp.services import fr_ia_08, instruments, signing_in
from lsp.vocabulary import (
    Answer,
    InstrumentPaper,
    MeetingKind,
    Mode,
    PermohonanStatus,
    RequestKind,
    Role,
)

WRITERS, FILES, TICKED = 8, 24, 9
CVP, PW = InstrumentPaper.CVP, InstrumentPaper.PW


class Asesor(threading.Thread):
    """Fills both papers of one case, a row a request, each drawn from the edition that its page brought."""

    def __init__(self, base: str, cookie: str, case: str) -> None:
        super().__init__()
        self.browser = Browser(base)
        # Signed in by a cookie of our own for one page; from there on the portal's answer keeps the session.
        self.browser.opener.addheaders = [("Cookie", cookie)]
        self.browser.get(f"/asesor/permohonan/{case}/fr-ia-08")
        self.browser.opener.addheaders = [("HX-Request", "true")]
        self.path = f"/asesor/permohonan/{case}"
        self.times: list[float] = []
        self.failures = self.locked = 0

    def run(self) -> None:
        _status, page = self.browser.get(f"{self.path}/fr-ia-08")
        rows = dict.fromkeys(("valid", "authentic", "current", "sufficient"), "ya")
        for key in re.findall(r'id="(c\d+)-note"', page):
            # Ticked one after another, as fingers do it.
            for count in range(1, 5):
                said = dict(list(rows.items())[:count]) | {"note": ""}
                page += self.save("fr-ia-08", page, key, said)
        for key in re.findall(r'id="(t\d+)" name', page)[::3][:TICKED]:
            page += self.save("fr-ia-08", page, key, {}, ticked=True)
        page += self.save("fr-ia-08", page, "s", {"conclusion": "met", "feedback": "Rapi."})
        _status, page = self.browser.get(f"{self.path}/fr-ia-09")
        for key in re.findall(r'id="(q\d+)-answer"', page):
            words = re.search(rf'name="{key}-question"[^>]*>\s*([^<]*)<', page)
            said = {"question": words.group(1) if words else "", "answer": "Dijelaskan."}
            page += self.save("fr-ia-09", page, key, said)
            page += self.save("fr-ia-09", page, key, said | {"achieved": "ya"})

    def save(
        self, form: str, page: str, key: str, said: dict[str, str], *, ticked: bool = False
    ) -> str:
        seen = re.findall(rf'name="{key}-seen" value="([^"]*)"', page)[-1]
        values = {f"{key}-{name}": value for name, value in said.items()}
        values |= {"csrf_token": token_in(page), "autosave": key, f"{key}-seen": seen}
        values |= {key: "1"} if ticked else {}
        start = time.monotonic()
        status, answer = self.browser.post(f"{self.path}/{form}", values)
        self.times.append(time.monotonic() - start)
        failed = status != 200 or "Belum tersimpan" in answer
        if failed and not self.failures:
            print(
                f"{key}: {status} {' '.join(re.sub('<[^>]*>', ' ', answer).split())[:200]}",
                file=sys.stderr,
            )
        self.failures += failed
        self.locked += "locked" in answer.lower()
        return answer


def _cases(data: Path) -> tuple[Any, list[tuple[str, str]]]:
    """The app and, for each writer, the cookie of an asesor and the name of the case that he holds now."""
    app = create_app(
        config.from_environment({"LSP_DATA": str(data), "BASE_URL": "http://127.0.0.1"})
    )
    made = []
    with app.app_context():
        for number in range(WRITERS):
            with write_transaction():
                person, case = _case(number)
                token = signing_in.open_place(person, is_staff=True, device="bench")
                made.append((token, case))
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        name = app.config["SESSION_COOKIE_NAME"]
        return app, [
            (f"{name}={serializer.dumps({'_user_id': token})}", case) for token, case in made
        ]


def _case(number: int) -> tuple[User, str]:
    now = clock.now()
    version = db.session.scalars(
        select(SkemaVersion).where(SkemaVersion.opened_at.is_not(None))
    ).one()
    asesi = db.session.scalars(
        select(User).join(Permohonan, Permohonan.asesi_id == User.id)
    ).first()
    person = User(
        email=f"beban-asesor{number}@beban.example", name=f"Asesor Beban {number}", password_hash="", verified_at=now
    )  # fmt: skip
    person.roles = [UserRole(role=Role.ASESOR, granted_at=now)]
    db.session.add(person)
    db.session.flush()
    verifier = db.session.scalars(select(User).where(User.email == "admin@demo.example")).one()
    assert asesi is not None  # the demo has many
    case = Permohonan(
        id_izin=f"I-BENCH-IA-{number}", asesi_id=asesi.id, asesi_name="Asesi Beban", kind=RequestKind.BARU,
        skema_version_id=version.id, mode=Mode.DARING, status=PermohonanStatus.IN_ASSESSMENT, status_at=now,
        submitted_at=now, verified_at=now, verifier_id=verifier.id,
    )  # fmt: skip
    db.session.add(case)
    db.session.flush()
    _seat(case, person, version)
    _answers(case, version)
    actor = Actor(id=person.id, name=person.name, roles=frozenset({Role.ASESOR}))
    paper = instruments.open_instrument(actor, case, CVP)
    instruments.open_instrument(actor, case, PW)
    if fr_ia_08.count_of(paper.id).rows != FILES:
        raise SystemExit("the case does not show the files it should")
    return person, case.public_id


def _seat(case: Permohonan, person: User, version: SkemaVersion) -> None:
    """A meeting of his own that is under way, by the MAPA of portofolio."""
    known = db.session.scalars(select(Jadwal)).first()
    mapa = db.session.scalars(
        select(Mapa).where(Mapa.approach == "portofolio", Mapa.skema_version_id == version.id)
    ).first()
    assert known is not None
    assert mapa is not None
    now = clock.now()
    slot = Slot(
        jadwal_id=known.id, kind=MeetingKind.ASSESSMENT, starts_at=now, ends_at=now + timedelta(hours=2),
        asesor_id=person.id, meeting_url="https://meet.example/beban",
    )  # fmt: skip
    peserta = Peserta(
        jadwal_id=known.id, permohonan_id=case.id, attempt=1, nik_index=ids.random_id(32)
    )
    db.session.add_all((slot, peserta))
    db.session.flush()
    db.session.add_all(
        (
            Booking(
                slot_id=slot.id, seat=1, permohonan_id=case.id, peserta_id=peserta.id, attempt=1,
                booked_by_id=case.asesi_id,
            ),
            AssessmentPlan(
                permohonan_id=case.id, attempt=1, asesor_id=person.id, mapa_id=mapa.id, approach=mapa.approach,
                methods=["portofolio", "wawancara"], mapa_chosen_at=now,
            ),
        )
    )  # fmt: skip
    db.session.flush()


def _answers(case: Permohonan, version: SkemaVersion) -> None:
    files = [
        Document(
            permohonan_id=case.id, purpose="evidence", label=f"Laporan {number}", original_name="laporan.pdf",
            content_type="application/pdf", size=1, sha256="0" * 64, storage_key=ids.random_id(32),
            uploaded_by_id=case.asesi_id,
        )
        for number in range(FILES)
    ]  # fmt: skip
    rows = [
        FrApl02Answer(
            permohonan_id=case.id, elemen_id=elemen.id, answer=Answer.K, evidence_note="", updated_at=clock.now()
        )
        for unit in version.units
        for elemen in unit.elements
    ]  # fmt: skip
    db.session.add_all([*files, *rows])
    db.session.flush()
    for number, row in enumerate(rows):
        db.session.add(FrApl02Evidence(answer_id=row.id, document_id=files[number % FILES].id))
    db.session.flush()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare(data)
        app, cases = _cases(data)
        with portal(data) as running:
            writers = [Asesor(running.base, cookie, case) for cookie, case in cases]
            begun = time.monotonic()
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join()
            took = time.monotonic() - begun
        whole = _whole(app)
    times = sorted(time for writer in writers for time in writer.times)
    p50, p95 = statistics.median(times), times[int(len(times) * 0.95)]
    print(f"{len(times)} saves in {took:.0f} s by {WRITERS} writers, p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms "
          f"({p95 / p50:.1f} times), failures {sum(writer.failures for writer in writers)}, "
          f"locked {sum(writer.locked for writer in writers)}, whole papers {whole} of {2 * WRITERS}")  # fmt: skip


def _whole(app: Any) -> int:
    """Papers on which everything that was sent stands."""
    with app.app_context():
        papers = db.session.scalars(
            select(FilledInstrument)
            .join(Permohonan)
            .where(Permohonan.id_izin.like("I-BENCH-IA-%"))
            .order_by(FilledInstrument.id)
        )
        return sum(_holds_all(paper) for paper in papers)


def _holds_all(paper: FilledInstrument) -> bool:
    if paper.paper is CVP:
        judged = [row for row in paper.checks if row.sufficient and row.valid]
        return len(judged) == FILES and len(paper.topics) == TICKED and paper.conclusion is not None
    # The MUK may ask more than what was ticked in FR.IA.08: each question of the page was answered.
    rows = paper.answers
    return len(rows) >= TICKED and all(row.achieved and row.answer for row in rows)


if __name__ == "__main__":
    main()
