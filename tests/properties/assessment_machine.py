"""One case under assessment and everything that people may press there, as rules of a state machine.

Through HTTP, as the browser does: forms are taken from the pages, or forged where a page shows none.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import wraps
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from lsp.database import db
from lsp.models import FrAk02, Permohonan, PlenoCase
from lsp.vocabulary import Conclusion, InstrumentPaper, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from tests.html import soup
from tests.properties.assessment_papers import RULES, SENT, content, frozen, lacking, said_of
from tests.support.app import PortalClient
from tests.views.asesor.conftest import Desk, typed
from tests.workflow.cases import put_on_agenda

S = PermohonanStatus
CVP, PW = InstrumentPaper.CVP, InstrumentPaper.PW
YES_NO = st.sampled_from(["ya", "ya", "ya", "tidak"])
WORDS = "Sudah dibahas bersama asesi satu per satu."


def press(**drawn: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule of the machine: noted while Hypothesis draws a sequence, pressed when the sequence is played."""

    def of(method: Callable[..., None]) -> Any:
        @rule(**drawn)
        @wraps(method)
        def noted(self: Assessment, *said: Any, **named: Any) -> None:
            if self.playing:
                method(self, *said, **named)
            else:
                self.drawn.append((method, named))

        return noted

    return of


class Assessment(RuleBasedStateMachine):
    """One case from its first instrument to the decision; where it begins is added by those who run it.

    A sequence is played when it is whole. Of what Hypothesis draws, a third breaks off or is a repetition: to find
    that out by pressing would cost as much as the sequences that count.
    """

    def __init__(self) -> None:
        super().__init__()
        self.playing = False
        self.drawn: list[tuple[Callable[..., None], dict[str, Any]]] = []
        self.seen_frozen: dict[tuple[str, int], Any] = {}
        self.reached: set[S] = set()

    def sit_down(
        self, desk: Desk, asesi: PortalClient, members: list[PortalClient], *, bare: bool
    ) -> None:
        """Put people before the case; from now on rules press. bare: an elemen of it has no evidence."""
        self.bare = bare
        self.desk, self.case, self.cast = desk, desk.case, desk.cast
        self.asesi, self.members = asesi, members
        self.playing = True

    @property
    def told(self) -> str:
        """The sequence in words, to tell it from others."""
        return "; ".join(
            f"{method.__name__}({', '.join(f'{name}={said!r}' for name, said in named.items())})"
            for method, named in self.drawn
        )

    def play(self) -> None:
        """Press what was drawn, and look after each step."""
        self.look()
        for method, named in self.drawn:
            method(self, **named)
            self.look()

    def look(self) -> None:
        self.nothing_is_reached_without_its_papers()
        self.what_was_sent_never_changes()
        self.what_came_back_is_not_sent_again_as_it_was()

    # --- What people press ---------------------------------------------------------------------------------------

    @press(paper=st.sampled_from([CVP, PW]))
    def begin_instrument(self, paper: InstrumentPaper) -> None:
        self.desk.post(f"/{_key(paper)}/mulai")

    @press(
        said=st.lists(YES_NO, min_size=4, max_size=4),
        finish=st.booleans(),
        topic=st.booleans(),
        borne=st.booleans(),
    )
    def judge_evidence(
        self, said: list[str], finish: bool, topic: bool, borne: bool = False
    ) -> None:
        """borne: the second piece meets every rule, and so FR.IA.08 concludes with met whatever the first is worth."""
        data = _form(self.desk, "/fr-ia-08")
        for key in {name.split("-")[0] for name in data if name[:1] == "c" and name[1:2].isdigit()}:
            data |= {f"{key}-{each}": word for each, word in zip(RULES, said, strict=True)}
            data[f"{key}-note"] = WORDS
        if borne:
            data |= {f"c2-{each}": "ya" for each in RULES}
            data["s-further_evidence"] = WORDS
        for key in {name.split("-")[0] for name in data if name[:1] == "t" and name[1:2].isdigit()}:
            data.pop(key, None)
            if topic:
                data |= {key: "1", f"{key}-substance": WORDS}
        met = borne or "tidak" not in said
        data["s-conclusion"] = (Conclusion.MET if met else Conclusion.OTHER_METHOD).value
        data["s-not_met"] = WORDS if "tidak" in said else ""
        self.desk.post("/fr-ia-08", data | ({"aksi": "selesai"} if finish else {}))

    @press(said=YES_NO, finish=st.booleans())
    def interview(self, said: str, finish: bool) -> None:
        data = _form(self.desk, "/fr-ia-09")
        for key in {name.split("-")[0] for name in data if name[:1] == "q" and name[1:2].isdigit()}:
            data |= {f"{key}-answer": WORDS, f"{key}-achieved": said}
        data |= {"s-not_met": WORDS if said == "tidak" else "", "s-feedback": WORDS}
        self.desk.post("/fr-ia-09", data | ({"aksi": "selesai"} if finish else {}))

    @press(
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

    @press()
    def asesor_signs(self) -> None:
        self.desk.post("/tanda-tangan", {"typed_name": self.cast.asesor.name})

    @press()
    def asesi_signs(self) -> None:
        page = f"/asesi/permohonan/{self.case.public_id}/rapat"
        found = soup(self.asesi.get(page)).find("form", action=f"{page}/fr-ak-02")
        data = typed(found) if found else {"seen": "lama"}
        self.asesi.post(f"{page}/fr-ak-02", data=data | {"typed_name": self.case.asesi_name})

    @press(how=st.sampled_from(["refused", "unsigned"]))
    def asesi_does_not_sign(self, how: str) -> None:
        self.desk.post("/tanda-tangan/asesi", {"how": how, "reason": WORDS})

    @press()
    def meeting_ends(self) -> None:
        self.desk.post("/selesai")

    @press(times=st.integers(1, 2))
    def recommend(self, times: int) -> None:
        data = {"version": self.desk.version}
        for _ in range(times):
            self.desk.post("/kirim-rekomendasi", data)

    @press(recommended=st.sampled_from(["K", "BK"]), topic=st.booleans(), far=st.integers(0, 2))
    def all_at_once(self, recommended: str, topic: bool, far: int) -> None:
        """As a careful asesor works, so that sequences also get far."""
        self.begin_instrument(CVP)
        self.judge_evidence(["ya"] * 4, True, topic)
        if topic or self.bare:
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

    @press(
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

    @press()
    def comes_back_and_is_sent_as_it_was(self) -> None:
        """As a pleno that doubts, and an asesor who leaves everything as it is."""
        self.pleno_votes("tidak")
        self.pleno_decides("kembalikan")
        self.asesor_signs()
        self.asesi_signs()
        self.meeting_ends()
        self.recommend(1)

    @press(agrees=st.sampled_from(["setuju", "setuju", "tidak"]))
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

    @press(word=st.sampled_from(["kompeten", "belum-kompeten", "kembalikan"]))
    def pleno_decides(self, word: str) -> None:
        place = self.place()
        if place is not None:
            data = {"version": self.desk.version, "note": WORDS}
            self.members[0].post(f"/tim-teknis/kasus/{place.public_id}/tetapkan/{word}", data=data)

    @press()
    def pleno_does_its_work(self) -> None:
        self.pleno_votes("setuju")
        for word in ("kompeten", "belum-kompeten"):
            self.pleno_decides(word)

    def place(self) -> PlenoCase | None:
        db.session.expire_all()
        return dossier_of(self.case).pleno_case

    # --- What must hold ------------------------------------------------------------------------------------------

    def nothing_is_reached_without_its_papers(self) -> None:
        db.session.expire_all()
        case = db.session.get_one(Permohonan, self.case.id)
        self.reached.add(case.status)
        if case.status in SENT:
            missing = list(lacking(case))
            assert not missing, f"{case.status}: {missing}"

    def what_was_sent_never_changes(self) -> None:
        for paper in frozen(self.case):
            now = content(paper)
            assert self.seen_frozen.setdefault((paper.__tablename__, paper.id), now) == now

    def what_came_back_is_not_sent_again_as_it_was(self) -> None:
        in_order = sorted(frozen(self.case), key=lambda paper: paper.frozen_at)
        sent = [paper for paper in in_order if isinstance(paper, FrAk02)]
        for old, new in itertools.pairwise(sent):
            between = any(
                old.frozen_at < paper.frozen_at <= new.frozen_at
                for paper in in_order
                if paper is not new
            )
            assert between or said_of(old) != said_of(new), (
                f"edition {new.edition} says nothing new"
            )


def _key(paper: InstrumentPaper) -> str:
    return paper.value.lower().replace(".", "-")


def _form(desk: Desk, tail: str) -> dict[str, Any]:
    """The form of a page as it stands; empty where the page has none, so that the post is forged."""
    form = desk.get(tail).find("form", attrs={"data-guard": True})
    return typed(form) if form is not None else {"seen": "lama"}
