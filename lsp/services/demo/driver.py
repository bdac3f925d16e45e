"""Drives a fictional case through the real services, step by step, as its people would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from lsp import clock
from lsp.actor import SYSTEM, Actor
from lsp.database import db
from lsp.models import (
    Certificate,
    DocumentRequirement,
    Jadwal,
    Permohonan,
    SkemaVersion,
    Slot,
    User,
)
from lsp.services import (
    apl02,
    assessment,
    certificates,
    documents,
    following,
    intake,
    meetings,
    payment,
    recordings,
    schedule,
    signing,
    verification,
)
from lsp.services.apl02 import GivenAnswer
from lsp.services.demo import applying, assessing, pre_assessing
from lsp.services.demo.samples import CARD, PHOTO, Samples
from lsp.services.fr_ak_02 import UnitJudgement, save_fr_ak_02
from lsp.vocabulary import (
    Answer,
    ConsentKind,
    Form,
    FormSection,
    MeetingKind,
    Mode,
    RecordingKind,
    RequestKind,
    Role,
    Verdict,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN


@dataclass(slots=True)
class Stage:
    """What every step of the demo needs: people by account name, skema, jadwal, sample files."""

    people: dict[str, Actor]
    version: SkemaVersion
    #: One jadwal an asesor, by account name.
    batches: dict[str, Jadwal]
    samples: Samples
    used: set[tuple[int, datetime]] = field(default_factory=set)


def actor_of(user: User) -> Actor:
    return Actor(
        id=user.id,
        name=user.name,
        email=user.email,
        public_id=user.public_id,
        zone=user.zone,
        roles=frozenset(held.role for held in user.roles),
    )


class DemoCase:
    """One case. `asesor` is who meets him; `row` a line of the fictional people."""

    def __init__(self, stage: Stage, account: str, row: dict[str, str], *, asesor: str) -> None:
        self.stage, self.row, self.account = stage, row, account
        self.asesi = stage.people[account]
        self.admin = stage.people["admin"]
        self.asesor, self.batch = stage.people[asesor], stage.batches[asesor]
        self._id = 0

    @property
    def case(self) -> Permohonan:
        return db.session.get_one(Permohonan, self._id)

    def perform(self, name: str, actor: Actor, note: str = "") -> None:
        PERMOHONAN.perform(self.case, name, actor, version=self.case.version, note=note)

    # --- 1 ---------------------------------------------------------------------------------------------------

    def start(self, id_izin: str, kind: RequestKind = RequestKind.BARU) -> None:
        user = db.session.get_one(User, self.asesi.id)
        made = intake.start(
            self.asesi,
            asesi=user,
            id_izin=id_izin,
            version=self.stage.version,
            kind=kind,
            mode=Mode.DARING,
        )
        self._id = made.id

    def follow(self, old: DemoCase, kind: RequestKind, id_izin: str, correction: str = "") -> None:
        """Begin from the certificate of an earlier case of the same person."""
        made = following.begin(
            self.asesi,
            old.certificate,
            kind,
            id_izin=id_izin,
            mode=Mode.DARING,
            correction=correction,
        )
        self._id = made.id

    @property
    def certificate(self) -> Certificate:
        found = certificates.of_case(self.case)
        if found is None:
            raise LookupError("not issued yet")
        return found

    def upload_documents(self) -> None:
        for requirement in self._requirements():
            if requirement.required:
                self.upload(requirement)

    def upload(self, requirement: DocumentRequirement) -> None:
        received = self.stage.samples.fresh(
            requirement.code, requirement.label.lower().replace(" ", "-")
        )
        documents.attach(
            self.asesi,
            self.case,
            received,
            requirement=requirement,
            purpose="requirement",
            label=requirement.label,
        )

    def _requirements(self) -> list[DocumentRequirement]:
        return dossier_of(self.case).requirements

    def answer_apl_02(self) -> None:
        """Every elemen K, shown by the last files of the dossier in turn."""
        files = [file.id for file in dossier_of(self.case).documents if file.requirement_id][-3:]
        for number, unit in enumerate(apl02.units(self.case)):
            evidence = files[number % len(files) :][:1] + files[-1:]
            given = GivenAnswer(
                Answer.K,
                "Pernah saya kerjakan di proyek rumah susun contoh.",
                list(dict.fromkeys(evidence)),
            )
            apl02.save_answers(self.case, {row.id: given for row in unit.elements})

    def agree_and_sign(self) -> None:
        for kind in (ConsentKind.DATA_PROCESSING, ConsentKind.PERJANJIAN, ConsentKind.PERNYATAAN):
            signing.agree(self.asesi, self.case, kind)
        for form in (Form.FR_APL_01, Form.FR_APL_02):
            signing.sign(self.asesi, self.case, form, Role.ASESI, typed_name=self.case.asesi_name)

    def submit(self) -> None:
        applying.fill_apl_01(self.case, self.row)
        self.upload_documents()
        self.answer_apl_02()
        self.agree_and_sign()
        self.perform("submit", self.asesi)

    def judge(self, *, failing: tuple[str, ...] = ()) -> None:
        for file in dossier_of(self.case).documents[:2]:
            documents.note_opening(self.admin, file.public_id)
        for requirement in self._requirements():
            if not requirement.required:
                continue
            fails = requirement.code in failing
            verification.judge(
                self.admin,
                self.case,
                requirement,
                verdict=Verdict.FAILS if fails else Verdict.MEETS,
                note="Foto buram, tulisannya tidak terbaca. Foto ulang di tempat terang."
                if fails
                else "",
            )

    def mark(self, section: FormSection, note: str) -> None:
        """A section of the forms is sent back."""
        verification.judge(self.admin, self.case, section, verdict=Verdict.FAILS, note=note)

    def verify(self) -> None:
        self.judge()
        form = dossier_of(self.case).fr_apl_01
        if form is not None and form.claimed_rule_id is not None:
            verification.record_met_rule(self.admin, self.case, form.claimed_rule_id)
        signing.sign(self.admin, self.case, Form.FR_APL_01, Role.ADMIN, typed_name=self.admin.name)
        self.perform("verify", self.admin)

    def invoice(self) -> None:
        self.perform("invoice", self.admin)

    def pay(self) -> None:
        invoice = payment.open_invoice(self.case)
        if invoice.amount == 0:
            self.perform("confirm_payment", SYSTEM)
            return
        received = self.stage.samples.fresh("sheet", "bukti-transfer")
        proof = documents.attach(
            self.asesi,
            self.case,
            received,
            requirement=None,
            purpose="payment_proof",
            label="Bukti bayar",
        )
        payment.give_proof(self.asesi, self.case, proof)
        payment.note_receipt(self.admin, self.case, amount=invoice.amount, reason="")
        self.perform("confirm_payment", self.admin)

    # --- 2 and 3 ---------------------------------------------------------------------------------------------

    def book(self, kind: MeetingKind, starts_at: datetime | None = None) -> None:
        """A seat in a meeting of his asesor: a new slot of the demo's own jadwal, this hour tomorrow."""
        hour = clock.now().replace(minute=0, second=0, microsecond=0)
        moment = starts_at or hour + timedelta(days=1)
        while (self.asesor.id or 0, moment) in self.stage.used:
            moment += timedelta(hours=1)
        self.stage.used.add((self.asesor.id or 0, moment))
        slot = schedule.open_slot(
            self.asesor, self.batch, kind=kind, starts_at=moment, minutes=55, on_holiday=True
        )
        meetings.book(self.asesi, self.case, slot.public_id, version=self.case.version)

    def book_standing(self, kind: MeetingKind, *, now_too: bool) -> None:
        """A seat in a slot that stands open already (the ones every asesor has now and on the next days)."""
        query = (
            select(Slot)
            .where(Slot.asesor_id == self.asesor.id, Slot.kind == kind, Slot.ends_at > clock.now())
            .order_by(Slot.starts_at)
        )
        open_now = [
            slot
            for slot in db.session.scalars(query)
            if meetings.seats_taken(slot.id) < slot.capacity
        ]
        slot = open_now[0] if now_too else open_now[1]
        meetings.book(self.asesi, self.case, slot.public_id, version=self.case.version)

    def hold_meeting(self) -> None:
        for item in ("asesor", "asesi", "identitas", "ruangan", "benturan", "banding", "hak"):
            meetings.tick(self.asesor, self.case, item)
        meetings.agree_to_recording(self.asesi, self.case)

    def keep_recording(self) -> None:
        seat = dossier_of(self.case).bookings[-1]
        # Two meetings, two pictures: the same file twice in one case is refused.
        drawing = CARD if seat.slot.kind is MeetingKind.ASSESSMENT else PHOTO
        received = self.stage.samples.fresh(drawing, "tangkapan-layar")
        screenshot = documents.attach(
            self.asesor,
            self.case,
            received,
            requirement=None,
            purpose="screenshot",
            label="Tangkapan layar rapat",
        )
        recordings.keep_picture(self.asesor, seat, screenshot)
        recordings.add_link(
            self.asesor,
            seat,
            kind=RecordingKind.FULL,
            url=f"https://arsip.lsp.example/rapat/{seat.public_id}",
        )

    @contextmanager
    def in_the_meeting(self) -> Iterator[None]:
        """What happens inside is noted at the hour of the meeting, not at the hour the day's phase begins."""
        seat = dossier_of(self.case).booking
        moment = max(clock.now(), seat.slot.starts_at) if seat is not None else clock.now()
        with clock.pretend(moment + timedelta(minutes=4)):
            yield

    def ask_evidence(self) -> None:
        self.hold_meeting()
        assessment.review_apl_02(
            self.asesor,
            self.case,
            can_continue=False,
            missing_evidence="Laporan identifikasi bahaya dari proyek terakhir.",
            note="",
        )
        self.perform("ask_evidence", self.asesor)

    def pre_assess(self) -> None:
        self.hold_meeting()
        pre_assessing.walk_evidence(self.asesor, self.case)
        assessment.review_apl_02(
            self.asesor, self.case, can_continue=True, missing_evidence="", note=""
        )
        mapa = assessment.choosable(self.case)[0]
        assessment.choose_plan(self.asesor, self.case, mapa=mapa)
        pre_assessing.fill_papers(self.asesor, self.case)
        signing.sign(
            self.asesi, self.case, Form.FR_AK_01, Role.ASESI, typed_name=self.case.asesi_name
        )
        signing.sign(
            self.asesor, self.case, Form.FR_AK_01, Role.ASESOR, typed_name=self.asesor.name
        )
        self.perform("make_ready", self.asesor)
        self.keep_recording()

    def start_assessment(self) -> None:
        self.hold_meeting()
        self.perform("start", self.asesor)

    def recommend(self, answer: Answer) -> None:
        first = self.stage.version.units[0].id
        failing = {first} if answer is Answer.BK else set()
        assessing.fill_instruments(self.case, weak=failing)
        findings = dossier_of(self.case).findings
        units = {
            unit.id: UnitJudgement(
                evidence=findings.kinds(unit.id),
                failed=unit.id in failing,
                reason="Belum dapat menyebutkan peraturan yang menjadi dasar pengujian K3."
                if unit.id in failing
                else "",
            )
            for unit in self.stage.version.units
        }
        save_fr_ak_02(
            self.asesor,
            self.case,
            units=units,
            recommendation=answer,
            follow_up=""
            if answer is Answer.K
            else "Pelajari peraturan K3 lalu ikuti asesmen ulang unit pertama.",
            comment="Bukti diperiksa satu per satu bersama asesi.",
            written_feedback="Anda menjelaskan pekerjaan dengan jelas dan runtut. Pertahankan kerapian laporan.",
        )
        signing.sign_result(self.asesi, self.case, Role.ASESI, typed_name=self.case.asesi_name)
        assessment.sign_result(self.asesor, self.case, typed_name=self.asesor.name)
        meetings.end_meeting(self.asesor, self.case)
        self.perform("recommend", self.asesor)
        self.keep_recording()

    def lapse(self) -> None:
        self.perform("lapse", SYSTEM)
