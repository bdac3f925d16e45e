"""No state after the assessment is reached without its instruments, whatever is pressed in whatever order.

Through HTTP, as the browser does: forms are taken from the pages, or forged where a page shows none. What must hold
is written down here by itself and asks no guard.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from lsp.database import db
from lsp.models import FilledInstrument, FrAk02, Permohonan, PlenoCase, Signature
from lsp.vocabulary import Answer, Conclusion, Form, InstrumentPaper, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests.html import soup
from tests.support.app import PortalClient
from tests.support.assessment import fill_instruments
from tests.support.instruments import name_evidence, portfolio_case, portfolio_cast
from tests.views.asesor.conftest import Desk, typed
from tests.workflow.cases import Cast, put_on_agenda, upload

S = PermohonanStatus
CVP, PW = InstrumentPaper.CVP, InstrumentPaper.PW
FORM_OF = {CVP: Form.FR_IA_08, PW: Form.FR_IA_09}
RULES = ("valid", "authentic", "current", "sufficient")
SENT = (S.RECOMMENDED, S.COMPETENT, S.NOT_YET_COMPETENT)
YES_NO = st.sampled_from(["ya", "ya", "ya", "tidak"])
#: How far a case is brought before the others press: signed by both, sent, decided.
FAR = {"signed": 0, "sent": 1, "decided": 2}
WORDS = "Sudah dibahas bersama asesi satu per satu."


class Assessment(RuleBasedStateMachine):
    """One case from its first instrument to the decision; browsers and people are shared by all sequences."""

    cast: ClassVar[Cast]
    sign_in: ClassVar[Callable[..., PortalClient]]
    asesor: ClassVar[PortalClient]
    members: ClassVar[list[PortalClient]]

    @initialize(
        ready=st.sampled_from(["nothing", "nothing", "filled", "signed", "sent", "decided"]),
        recommended=st.sampled_from([Answer.K, Answer.BK]),
    )
    def begin(self, ready: str, recommended: Answer) -> None:
        if ready in FAR:
            self.case = portfolio_case(self.cast, work_done=True, recommendation=recommended)
        else:
            self.case = portfolio_case(self.cast)
            name_evidence(self.case, "Surat kerja", [1, 2])
        record = dossier_of(self.case).bookings[-1].record
        assert record is not None
        record.recording_reference = "https://contoh.id/rekaman/rekaan"
        record.screenshot_document_id = upload(self.case, "Tangkapan layar", "screenshot").id
        db.session.commit()
        if ready == "filled":
            fill_instruments(self.case)
            db.session.commit()
        self.desk = Desk(self.case, self.cast, self.asesor)
        self.asesi = type(self).sign_in(self.case.asesi)
        self.seen_frozen: dict[tuple[str, int], Any] = {}
        self.reached: set[S] = set()
        if FAR.get(ready, 0):
            self.recommend(1)
        if FAR.get(ready) == 2:
            self.pleno_does_its_work()

    # --- What people press ---------------------------------------------------------------------------------------

    @rule(paper=st.sampled_from([CVP, PW]))
    def begin_instrument(self, paper: InstrumentPaper) -> None:
        self.desk.post(f"/{_key(paper)}/mulai")

    @rule(said=st.lists(YES_NO, min_size=4, max_size=4), finish=st.booleans(), topic=st.booleans())
    def judge_evidence(self, said: list[str], finish: bool, topic: bool) -> None:
        data = _form(self.desk, "/fr-ia-08")
        for key in {name.split("-")[0] for name in data if name[:1] == "c" and name[1:2].isdigit()}:
            data |= {f"{key}-{each}": word for each, word in zip(RULES, said, strict=True)}
            data[f"{key}-note"] = WORDS
        for key in {name.split("-")[0] for name in data if name[:1] == "t" and name[1:2].isdigit()}:
            data.pop(key, None)
            if topic:
                data |= {key: "1", f"{key}-substance": WORDS}
        data["s-conclusion"] = (
            Conclusion.MET if "tidak" not in said else Conclusion.OTHER_METHOD
        ).value
        data["s-not_met"] = WORDS if "tidak" in said else ""
        self.desk.post("/fr-ia-08", data | ({"aksi": "selesai"} if finish else {}))

    @rule(said=YES_NO, finish=st.booleans())
    def interview(self, said: str, finish: bool) -> None:
        data = _form(self.desk, "/fr-ia-09")
        for key in {name.split("-")[0] for name in data if name[:1] == "q" and name[1:2].isdigit()}:
            data |= {f"{key}-answer": WORDS, f"{key}-achieved": said}
        data |= {"s-not_met": WORDS if said == "tidak" else "", "s-feedback": WORDS}
        self.desk.post("/fr-ia-09", data | ({"aksi": "selesai"} if finish else {}))

    @rule(
        recommended=st.sampled_from(["K", "K", "BK", ""]),
        failed=st.booleans(),
        ticks=st.sampled_from(["found", "found", "bare", "by hand"]),
        feedback=st.sampled_from([WORDS, WORDS, "Baik"]),
    )
    def write_record(self, recommended: str, failed: bool, ticks: str, feedback: str) -> None:
        data = _form(self.desk, "/fr-ak-02")
        for unit in ("u1", "u2") if ticks != "found" else ():
            data[unit] = ["portofolio", "wawancara"] if ticks == "by hand" else []
            data |= {f"{unit}-reason": WORDS, f"{unit}-changed": WORDS}
        data["u1-reason"] = WORDS if failed or ticks == "bare" else ""
        if failed:
            data["u1-failed"] = "1"
        data |= {"recommendation": recommended, "follow_up": WORDS, "comment": WORDS}
        self.desk.post("/fr-ak-02", data | {"written_feedback": feedback})

    @rule()
    def asesor_signs(self) -> None:
        self.desk.post("/tanda-tangan", {"typed_name": self.cast.asesor.name})

    @rule()
    def asesi_signs(self) -> None:
        page = f"/asesi/permohonan/{self.case.public_id}/rapat"
        found = soup(self.asesi.get(page)).find("form", action=f"{page}/fr-ak-02")
        data = typed(found) if found else {"seen": "lama"}
        self.asesi.post(f"{page}/fr-ak-02", data=data | {"typed_name": self.case.asesi_name})

    @rule(how=st.sampled_from(["refused", "unsigned"]))
    def asesi_does_not_sign(self, how: str) -> None:
        self.desk.post("/tanda-tangan/asesi", {"how": how, "reason": WORDS})

    @rule()
    def meeting_ends(self) -> None:
        self.desk.post("/selesai")

    @rule(times=st.integers(1, 2))
    def recommend(self, times: int) -> None:
        data = {"version": self.desk.version}
        for _ in range(times):
            self.desk.post("/kirim-rekomendasi", data)

    @rule(recommended=st.sampled_from(["K", "BK"]), topic=st.booleans(), far=st.integers(0, 2))
    def all_at_once(self, recommended: str, topic: bool, far: int) -> None:
        """As a careful asesor works, so that sequences also get far."""
        self.begin_instrument(CVP)
        self.judge_evidence(["ya"] * 4, True, topic)
        if topic:
            self.begin_instrument(PW)
            self.interview("ya", True)
            self.judge_evidence(["ya"] * 4, True, topic)
        self.write_record(recommended, recommended == "BK", "found", WORDS)
        self.asesor_signs()
        self.asesi_signs()
        self.meeting_ends()
        if far:
            self.recommend(1)
        if far == 2:
            self.pleno_does_its_work()

    @rule(
        recommended=st.sampled_from(["K", "BK"]),
        ticks=st.sampled_from(["by hand", "by hand", "found"]),
    )
    def hurry(self, recommended: str, ticks: str) -> None:
        """As one who leaves the instruments as they are and wants to be done."""
        self.write_record(recommended, recommended == "BK", ticks, WORDS)
        self.asesor_signs()
        self.asesi_signs()
        self.meeting_ends()
        self.recommend(1)

    @rule(agrees=st.sampled_from(["setuju", "setuju", "tidak"]))
    def pleno_votes(self, agrees: str) -> None:
        if self.desk.status is S.RECOMMENDED and self.place() is None:
            put_on_agenda(self.case, self.cast)
            db.session.commit()
        place = self.place()
        if place is None:
            return
        for browser in self.members:
            data = {"word": agrees, "note": WORDS, "declared": "y"}
            browser.post(f"/tim-teknis/kasus/{place.public_id}/suara", data=data)

    @rule(word=st.sampled_from(["kompeten", "belum-kompeten", "kembalikan"]))
    def pleno_decides(self, word: str) -> None:
        place = self.place()
        if place is not None:
            data = {"version": self.desk.version, "note": WORDS}
            self.members[0].post(f"/tim-teknis/kasus/{place.public_id}/tetapkan/{word}", data=data)

    @rule()
    def pleno_does_its_work(self) -> None:
        self.pleno_votes("setuju")
        for word in ("kompeten", "belum-kompeten"):
            self.pleno_decides(word)

    def place(self) -> PlenoCase | None:
        db.session.expire_all()
        return dossier_of(self.case).pleno_case

    # --- What must hold ------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_reached_without_its_papers(self) -> None:
        db.session.expire_all()
        case = db.session.get_one(Permohonan, self.case.id)
        self.reached.add(case.status)
        if case.status in SENT:
            lacking = list(_lacking(case))
            assert not lacking, f"{case.status}: {lacking}"

    @invariant()
    def what_was_sent_never_changes(self) -> None:
        for paper in _frozen(self.case):
            content = _content(paper)
            assert self.seen_frozen.setdefault((paper.__tablename__, paper.id), content) == content

    def teardown(self) -> None:
        REACHED.update(self.reached)


REACHED: set[S] = set()


def _key(paper: InstrumentPaper) -> str:
    return paper.value.lower().replace(".", "-")


def _form(desk: Desk, tail: str) -> dict[str, Any]:
    """The form of a page as it stands; empty where the page has none, so that the post is forged."""
    form = desk.get(tail).find("form", attrs={"data-guard": True})
    return typed(form) if form is not None else {"seen": "lama"}


def _papers(case: Permohonan) -> dict[InstrumentPaper, FilledInstrument]:
    rows = db.session.scalars(
        select(FilledInstrument)
        .where(FilledInstrument.permohonan_id == case.id, FilledInstrument.attempt == case.attempt)
        .order_by(FilledInstrument.edition)
    )
    return {row.paper: row for row in rows}


def _lacking(case: Permohonan) -> Any:
    """What this case should have and has not, in words."""
    papers = _papers(case)
    record = db.session.scalars(
        select(FrAk02).where(FrAk02.permohonan_id == case.id).order_by(FrAk02.edition.desc())
    ).first()
    if CVP not in papers:
        yield "FR.IA.08"
        return
    sound = all(all(getattr(row, each) for each in RULES) for row in papers[CVP].checks)
    if PW not in papers and (papers[CVP].topics or not sound):
        yield "FR.IA.09"
    if PW in papers and not papers[CVP].topics and sound and not _was_answered(papers[PW]):
        papers.pop(PW)  # begun, and nothing was asked: no interview is needed
    for paper, row in papers.items():
        yield from _faults(paper, row)
    if record is None or record.frozen_at is None:
        yield "FR.AK.02"
        return
    yield from _record_faults(record)
    yield from _unsigned(case, record, papers)


def _was_answered(interview: FilledInstrument) -> bool:
    return any(row.answer or row.achieved is not None for row in interview.answers)


def _faults(paper: InstrumentPaper, row: FilledInstrument) -> Any:
    if row.finished_at is None or row.conclusion is None or row.frozen_at is None:
        yield f"{paper.value} is open"
    if any(getattr(check, each) is None for check in row.checks for each in RULES):
        yield f"{paper.value}: evidence not judged"
    if any(answer.achieved is None or not answer.answer for answer in row.answers):
        yield f"{paper.value}: question not answered"


def _record_faults(record: FrAk02) -> Any:
    units, failed = record.units, [row for row in record.units if row.failed]
    if len(units) != 2:
        yield "units left out"
    if record.recommendation is Answer.K and (failed or any(not row.evidence for row in units)):
        yield "K over a unit that fails or has no evidence"
    if record.recommendation is Answer.BK and not (
        failed and record.follow_up and all(row.reason for row in failed)
    ):
        yield "BK without its reasons"
    if record.recommendation is None or len(record.written_feedback) < 20:
        yield "no recommendation or feedback"


def _unsigned(
    case: Permohonan, record: FrAk02, papers: dict[InstrumentPaper, FilledInstrument]
) -> Any:
    dossier = dossier_of(case)
    refused = record.asesi_signature in ("refused", "unsigned") and record.asesi_refusal_reason
    for form in (*(FORM_OF[paper] for paper in papers), Form.FR_AK_02):
        for role in (Role.ASESOR, *(() if refused else (Role.ASESI,))):
            fits = select(Signature.id).where(
                Signature.permohonan_id == case.id,
                Signature.form == form,
                Signature.signer_role == role,
                Signature.content_digest == dossier.content_digest(form),
            )
            if db.session.scalar(fits.limit(1)) is None:
                yield f"{form.value} not signed by {role.value}"


def _frozen(case: Permohonan) -> list[Any]:
    made: list[Any] = []
    for model in (FilledInstrument, FrAk02):
        query = select(model).where(model.permohonan_id == case.id, model.frozen_at.is_not(None))
        made += db.session.scalars(query)
    return made


def _content(paper: FilledInstrument | FrAk02) -> Any:
    if isinstance(paper, FrAk02):
        return (
            paper.recommendation,
            paper.written_feedback,
            [(row.unit_id, row.evidence, row.failed, row.reason) for row in paper.units],
        )
    return (
        paper.conclusion,
        [[getattr(row, each) for each in (*RULES, "note")] for row in paper.checks],
        [(row.elemen_id, row.substance) for row in paper.topics],
        [(row.question, row.answer, row.achieved) for row in paper.answers],
    )


def run(app: Any, sign_in: Callable[..., PortalClient], sequences: int) -> None:
    cast = portfolio_cast(codes=("CVP", "PW"))
    people = {
        "cast": cast,
        "sign_in": staticmethod(sign_in),
        "asesor": sign_in(cast.asesor),
        "members": [sign_in(each) for each in (cast.chair, *_others(cast))],
    }
    REACHED.clear()
    run_state_machine_as_test(
        type("AssessmentOfThisRun", (Assessment,), people),
        settings=settings(
            max_examples=sequences,
            stateful_step_count=7,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert set(SENT) <= REACHED, "the sequences never got far enough to prove anything"


def _others(cast: Cast) -> list[Any]:
    return [each for each in cast.members if each.id != cast.chair.id]


@pytest.mark.timeout(1_500)
def test_200_sequences(app, sign_in):
    run(app, sign_in, 200)


@pytest.mark.slow
@pytest.mark.timeout(2_400)
def test_600_sequences(app, sign_in):
    run(app, sign_in, 600)
