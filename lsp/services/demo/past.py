"""Certificates of the demo that are about a year old: issued in two plenos, and what became of each since.

Surveilan due, surveilan met, suspended, revoked, corrected, run out, and soon to be renewed. Every day before today is
lived by the real services and clocks; what belongs to one day is one entry of `Past.calendar`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import Jadwal, SkemaVersion, Tuk, User
from lsp.services import certificate_life, pleno_sk, surveilan_clock
from lsp.services.demo import blanko, holding, rapat
from lsp.services.demo.base import fictional_holders
from lsp.services.demo.batches import confirmed_jadwal
from lsp.services.demo.driver import DemoCase, Stage, actor_of
from lsp.services.demo.reporting import REPORTER, give_feedback, sign_reports
from lsp.services.demo.samples import Samples
from lsp.services.demo.telling import tell_all
from lsp.vocabulary import Answer, LifeGround, LifeStep, MeetingKind, RequestKind
from lsp.workflow.jadwal import JADWAL

#: Days before today, and what happened then.
Entry = tuple[int, Callable[[], None]]

#: What each holder shows; the README names them.
DUE, ENDING, SUSPENDED = "asesi21", "asesi22", "asesi23"
REVOKED, CORRECTED, EXPIRED = "asesi24", "asesi25", "asesi26"
#: Days before today on which the two plenos decided.
FIRST, SECOND = 425, 345
_MISSPELT = ("Handayani", "Handayni")
_CORRECTION = "Nama di sertifikat kurang satu huruf: Handayni, yang benar Handayani sesuai KTP."


class Past:
    """The cases by account; the corrected certificate's second case stands under its own key."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self.cases: dict[str, DemoCase] = {}

    def calendar(self) -> list[Entry]:
        """Everything in any order; the caller lives it longest ago first."""
        return [
            *self._through_pleno(FIRST, 1, (SUSPENDED, CORRECTED, EXPIRED)),
            *self._through_pleno(SECOND, 2, (DUE, ENDING, REVOKED, NEWER)),
            *self._surveilan(),
            *self._ended(),
            *self._taken_away(),
        ]

    # --- From registration to the certificate ----------------------------------------------------------------------

    def _through_pleno(self, decided: int, number: int, keys: tuple[str, ...]) -> list[Entry]:
        """One jadwal of one asesor and its pleno; it is closed with its reports signed."""
        stages: list[Stage] = []

        def each(act: Callable[[DemoCase], None]) -> Callable[[], None]:
            def all_of_them() -> None:
                for key in keys:
                    act(self.cases[key])

            return all_of_them

        def begin() -> None:
            stages.append(self._stage(number))
            for position, key in enumerate(keys, 1):
                self.cases[key] = self._start(stages[0], key, position)
                self.cases[key].submit()

        def decide() -> None:
            if number == 1:
                rapat.name_members(stages[0])
            held = rapat.hold(stages[0], [self.cases[key] for key in keys])
            pleno_sk.sign_sk(stages[0].people["ketua"], held)

        return [
            (decided + 24, begin),
            (decided + 22, each(_check)),
            (decided + 20, each(lambda case: case.pay())),
            (decided + 15, each(lambda case: case.book(MeetingKind.PRE_ASSESSMENT))),
            (decided + 14, each(_pre_assess)),
            (decided + 9, each(lambda case: case.book(MeetingKind.ASSESSMENT))),
            (decided + 8, each(_assess)),
            (decided, decide),
            (decided - 2, lambda: blanko.ask_for_blanko(stages[0], self.cases[keys[0]])),
            (decided - 6, each(_issue)),
            (decided - 7, each(lambda case: give_feedback(case, doubt=False))),
            (decided - 8, lambda: _close(stages[0])),
        ]

    def _stage(self, number: int) -> Stage:
        users = db.session.scalars(select(User))
        people = {user.email.split("@")[0]: actor_of(user) for user in users}
        version = db.session.scalars(
            select(SkemaVersion).where(SkemaVersion.opened_at.is_not(None))
        ).one()
        jadwal: Jadwal = confirmed_jadwal(
            people["admin"],
            people[REPORTER],
            version,
            db.session.scalars(select(Tuk)).one(),
            name=f"Asesmen jarak jauh, angkatan {number}",
            days=23,
        )
        return Stage(people, version, {REPORTER: jadwal}, self._samples)

    def _start(self, stage: Stage, key: str, position: int) -> DemoCase:
        account = CORRECTED if key == NEWER else key
        row = fictional_holders()[account]
        if key == CORRECTED:
            row = row | {"nama": row["nama"].replace(*_MISSPELT)}
        made = DemoCase(stage, account, row, asesor=REPORTER)
        id_izin = f"I-{clock.now():%Y%m%d%H%M%S}{position:05d}"
        if key == NEWER:
            made.follow(self.cases[CORRECTED], RequestKind.PERUBAHAN, id_izin, _CORRECTION)
        else:
            fresh = key in (ENDING, EXPIRED)
            made.start(id_izin, RequestKind.FRESH_GRADUATE if fresh else RequestKind.BARU)
        return made

    # --- And since -------------------------------------------------------------------------------------------------

    def _surveilan(self) -> list[Entry]:
        """One waits for its holder, one was judged, one was never sent."""

        def open_task(key: str) -> Callable[[], None]:
            return lambda: _must(surveilan_clock.open_task(self.cases[key].certificate.id))

        def remind() -> None:
            _must(surveilan_clock.remind(holding.task_of(self.cases[SUSPENDED]).id))

        return [
            (88, open_task(SUSPENDED)),
            (88, open_task(NEWER)),
            (75, lambda: holding.send_surveilan(self.cases[NEWER])),
            (73, lambda: holding.name_asesor(self.cases[NEWER])),
            (66, lambda: holding.find_met(self.cases[NEWER])),
            (51, remind),
            (29, remind),
            (8, open_task(DUE)),
        ]

    def _ended(self) -> list[Entry]:
        """Two of one year: reminded 6, 3 and 2 months before their end. One ran out, of one the renewal is a draft."""

        def remind(key: str) -> Callable[[], None]:
            return lambda: _must(surveilan_clock.remind_renewal(self.cases[key].certificate.id))

        return [
            *((days, remind(EXPIRED)) for days in (238, 147, 117)),
            *((days, remind(ENDING)) for days in (160, 68, 39)),
            (58, lambda: certificate_life.expire(self.cases[EXPIRED].certificate.id)),
            (3, lambda: holding.begin_renewal(self.cases[ENDING])),
        ]

    def _taken_away(self) -> list[Entry]:
        """Each proposed by the admin and decided by the ketua, once its holder was heard or his time was over."""
        suspended, revoked = LifeStep.SUSPEND, LifeStep.REVOKE
        return [
            (110, lambda: holding.propose(self.cases[REVOKED], revoked, LifeGround.MISUSE)),
            (104, lambda: holding.answer(self.cases[REVOKED])),
            (95, lambda: holding.approve(self.cases[REVOKED])),
            (94, lambda: tell_all(self.cases[REVOKED].admin, clock.now())),
            (
                28,
                lambda: holding.propose(self.cases[SUSPENDED], suspended, LifeGround.SURVEILLANCE),
            ),
            (3, lambda: holding.approve(self.cases[SUSPENDED])),
        ]


#: The permohonan that corrects the certificate of CORRECTED: the same person.
NEWER = f"{CORRECTED}, diperbaiki"


def _must(done: bool) -> None:
    if not done:
        raise AssertionError("the clock found nothing due on a day on which the demo needs it")


def _check(case: DemoCase) -> None:
    case.verify()
    case.invoice()


def _pre_assess(case: DemoCase) -> None:
    with case.in_the_meeting():
        case.pre_assess()


def _assess(case: DemoCase) -> None:
    with case.in_the_meeting():
        case.start_assessment()
        case.recommend(Answer.K)


def _issue(case: DemoCase) -> None:
    blanko.receive(case, spoiled=False)
    blanko.record(case)
    case.perform("issue", case.stage.people["ketua"])


def _close(stage: Stage) -> None:
    admin, jadwal = stage.people["admin"], stage.batches[REPORTER]
    sign_reports(stage, jadwal)
    JADWAL.perform(jadwal, "close", admin, version=jadwal.version)
    tell_all(admin, clock.now() + timedelta(seconds=1))
