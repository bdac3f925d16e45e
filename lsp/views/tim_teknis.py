"""The tim teknis: plenos that name this member, a case's whole file, his vote, and the chair's decision.

Not one of his plenos is 404, also for its cases. What may be decided and why not is said by the workflow.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, g, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.decision import DecideForm, ReasonForm, VoteForm
from lsp.models import Permohonan, Pleno, PlenoCase
from lsp.permissions import access, writes
from lsp.services import annulment, banding_panel, complaint_handling, pleno, pleno_sk
from lsp.views.html import page, reason_field, redirect_after_post, wants_fragment
from lsp.views.paper_links import checklist
from lsp.views.plan_words import kinds
from lsp.views.rapat_papers import berita_acara_page
from lsp.views.tim_teknis_file import read_file
from lsp.views.tim_teknis_scope import own_place, readable_pleno
from lsp.vocabulary import Role
from lsp.workflow.guards.another_pleno import pleno_cannot_settle
from lsp.workflow.guards.decision import (
    decides_anew,
    stopped_at_pre_assessment,
    words_brought_along,
)
from lsp.workflow.guards.pleno_day import why_not_now
from lsp.workflow.permohonan import PERMOHONAN
from lsp.workflow.pleno_members import barred

bp = Blueprint("tim_teknis", __name__, url_prefix="/tim-teknis")
TIM_TEKNIS = (Role.TIM_TEKNIS,)
#: Who besides its members reads a berita acara.
READS_BERITA_ACARA = (Role.TIM_TEKNIS, Role.KETUA, Role.ADMIN, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Step:
    """A decision of the chair: its name in the workflow, and the page that says what will happen."""

    name: str
    title: str
    happens: tuple[str, ...]
    done: str
    tone: str = "main"
    asks_reason: bool = False


#: By the word in the address.
STEPS = {
    "kompeten": Step(
        "decide_competent",
        "Tetapkan kompeten?",
        (
            "Asesi ditetapkan kompeten, atas nama rapat pleno ini.",
            "Nomor sertifikat dan nomor registrasi LSP langsung diambil dan tidak dapat dipakai ulang.",
            "Asesi menerima e-mail bahwa hasilnya sudah ada.",
            "Langkah berikutnya: ketua LSP menandatangani SK, lalu admin mengajukan blangko.",
        ),
        "ditetapkan kompeten",
    ),
    "belum-kompeten": Step(
        "decide_not_yet",
        "Tetapkan belum kompeten?",
        (
            "Asesi ditetapkan belum kompeten, atas nama rapat pleno ini.",
            "Asesi menerima e-mail bahwa hasilnya sudah ada, dan membaca alasan asesor di portal.",
            "Ia berhak mengajukan banding atau meminta asesmen ulang.",
        ),
        "ditetapkan belum kompeten",
        tone="bad",
    ),
    "kembalikan": Step(
        "send_back",
        "Kembalikan ke asesor?",
        (
            "Permohonan keluar dari agenda ini dan kembali ke asesor, dengan alasan Anda.",
            "FR.AK.02 yang lama tetap tersimpan; asesor memperbaiki salinannya.",
            "Setelah asesor mengirim lagi, permohonan masuk agenda pleno berikutnya.",
        ),
        "dikembalikan ke asesor",
        tone="bad",
        asks_reason=True,
    ),
    "kembalikan-pra": Step(
        "send_back_pre",
        "Kembalikan ke pra-asesmen?",
        (
            "Permohonan keluar dari agenda ini dan kembali ke asesor, dengan alasan Anda.",
            "Asesor dapat meninjau FR.APL.02 lagi dan melanjutkan ke asesmen, atau memperbaiki salinan FR.AK.02.",
            "FR.AK.02 yang lama tetap tersimpan. Setelah asesor mengirim lagi, permohonan masuk pleno berikutnya.",
        ),
        "dikembalikan ke pra-asesmen",
        tone="bad",
        asks_reason=True,
    ),
}


# --- Pages -------------------------------------------------------------------------------------------------------


@bp.get("")
@access(roles=TIM_TEKNIS)
def home() -> ResponseReturnValue:
    plenos = pleno.plenos_of(g.actor.id)
    cases = [place.permohonan for each in plenos for place in each.cases]
    return page(
        "tim_teknis/home.html",
        plenos=plenos,
        outcomes=pleno.OUTCOMES,
        barred=barred(cases, [g.actor.id]),
        todo=_votes_wanted(plenos),
        why_not_now=why_not_now,
        state_of=pleno_sk.state_of,
        sits_on=banding_panel.sits_on(g.actor.id),
        examines=complaint_handling.examines(g.actor),
    )


def _votes_wanted(plenos: list[Pleno]) -> int:
    """Open cases on which this member may vote and has not."""
    open_places = [
        place
        for each in plenos
        for place in each.cases
        if place.closed_at is None and why_not_now(place) is None
    ]
    why = barred([place.permohonan for place in open_places], [g.actor.id])
    return sum(
        (place.permohonan_id, g.actor.id) not in why
        and g.actor.id not in {vote.member_id for vote in place.votes}
        for place in open_places
    )


@bp.get("/kasus/<place_id>")
@access(roles=TIM_TEKNIS, load=own_place)
def case(place_id: str) -> ResponseReturnValue:
    return _case_page(VoteForm(formdata=None))


@bp.post("/kasus/<place_id>/suara")
@access(roles=TIM_TEKNIS, load=own_place)
@writes
def vote(place_id: str) -> ResponseReturnValue:
    form = VoteForm()
    if not form.validate():
        return _case_page(form, status=422)
    agrees = form.word.data == "setuju"
    if not agrees and not form.note.data:
        form.note.errors = ["Tulis alasan Anda tidak setuju."]
        return _case_page(form, status=422)
    try:
        pleno.vote(g.actor, g.place, agrees=agrees, note=form.note.data or "", declared=True)
    except DomainError as refusal:
        db.session.rollback()
        return _case_page(form, status=409, notice=str(refusal))
    db.session.commit()
    if not wants_fragment():
        return redirect_after_post(_case_url() + "#votes-panel", "Suara Anda tercatat.")
    db.session.refresh(g.place)
    return _case_page(VoteForm(formdata=None), said="Suara Anda tercatat.")


@bp.get("/kasus/<place_id>/tetapkan/<word>")
@access(roles=TIM_TEKNIS, load=own_place)
def ask_decision(place_id: str, word: str) -> ResponseReturnValue:
    return _confirm_page(_step(word), DecideForm(formdata=None))


@bp.post("/kasus/<place_id>/tetapkan/<word>")
@access(roles=TIM_TEKNIS, load=own_place)
@writes
def decide(place_id: str, word: str) -> ResponseReturnValue:
    step, form = _step(word), DecideForm()
    if not form.validate():
        return _confirm_page(step, form, status=422, notice=form.first_error())
    try:
        pleno.settle(
            g.actor, g.place, step.name, version=form.version.data or 0, note=form.note.data or ""
        )
    except DomainError as refusal:
        db.session.rollback()
        return _confirm_page(step, form, status=409, notice=form.put_by_its_field(refusal))
    name = g.place.permohonan.asesi_name
    db.session.commit()
    return redirect_after_post(url_for("tim_teknis.home"), f"{name} {step.done}.")


@bp.get("/kasus/<place_id>/usul-pembatalan")
@access(roles=TIM_TEKNIS, load=own_place)
def ask_annulment(place_id: str) -> ResponseReturnValue:
    return _annulment_page(ReasonForm(formdata=None))


@bp.post("/kasus/<place_id>/usul-pembatalan")
@access(roles=TIM_TEKNIS, load=own_place)
@writes
def propose_annulment(place_id: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate():
        return _annulment_page(form, status=422)
    try:
        annulment.propose(
            g.actor,
            g.place.permohonan,
            reason=form.note.data or "",
            version=form.version.data or 0,
        )
    except DomainError as refusal:
        db.session.rollback()
        return _annulment_page(form, status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(
        _case_url(), "Usulan pembatalan terkirim. Ketua LSP yang memutuskannya."
    )


@bp.get("/pleno/<pleno_id>/berita-acara")
@access(roles=READS_BERITA_ACARA, load=readable_pleno)
def berita_acara(pleno_id: str) -> ResponseReturnValue:
    return berita_acara_page(g.pleno)


# --- Drawing -----------------------------------------------------------------------------------------------------


def _case_url() -> str:
    return url_for("tim_teknis.case", place_id=g.place.public_id)


def _step(word: str) -> Step:
    if word not in STEPS:
        abort(404)
    return STEPS[word]


def _case_page(form: VoteForm, *, status: int = 200, notice: str = "", said: str = "") -> Response:
    """The whole file, or for HTMX the votes alone; the file is not read for a panel that does not show it."""
    place: PlenoCase = g.place
    # Read first: the rules of the buttons ask for much of what stands in it.
    shown: dict[str, object] = {}
    if not wants_fragment():
        file, mine = read_file(place), (place.pleno.public_id,)
        shown = checklist(place.permohonan, file, g.actor, Role.TIM_TEKNIS, plenos=mine)
        shown |= {"file": file, "kinds": kinds}
    people = [member.user for member in place.pleno.members]
    why = barred([place.permohonan], [person.id for person in people])
    context = {
        "place": place,
        "case": place.permohonan,
        "form": form,
        "notice": notice,
        "why": {person: reason for (_case, person), reason in why.items()},
        "votes": {vote.member_id: vote for vote in place.votes},
        "outcomes": pleno.OUTCOMES,
        "not_now": why_not_now(place) if place.closed_at is None else None,
        "brought": [] if place.closed_at is not None else words_brought_along(place),
        "decisions": _decisions(place),
        "stuck": place.closed_at is None
        and pleno_cannot_settle(place.permohonan, g.actor, "") is None,
        "anew": place.closed_at is None and decides_anew(place.permohonan),
        "may_annul": annulment.can_propose(place.permohonan) and pleno_sk.stands(place),
        **shown,
    }
    panel = "tim_teknis/_votes_panel.html"
    return page("tim_teknis/case.html", fragment=panel, status=status, said=said, **context)


def _decisions(place: PlenoCase) -> list[dict[str, str]]:
    """The chair's steps with the reason against each; for a member who is not the chair, none."""
    if place.closed_at is not None or place.pleno.chair_id != g.actor.id:
        return []
    # Of the two ways back only the one this case can go is shown.
    other = "send_back" if stopped_at_pre_assessment(place.permohonan) else "send_back_pre"
    words = {step.name: (word, step.tone) for word, step in STEPS.items() if step.name != other}
    return [
        {
            "label": choice.label,
            "reason": choice.reason or "",
            "tone": words[choice.name][1] if choice.possible else "",
            "url": url_for(
                "tim_teknis.ask_decision", place_id=place.public_id, word=words[choice.name][0]
            ),
        }
        for choice in PERMOHONAN.available(place.permohonan, g.actor)
        if choice.name in words
    ]


def _confirm_page(
    step: Step, form: DecideForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    """What will happen, asked before it does. A step that cannot be done now goes back to the case, with the reason."""
    case: Permohonan = g.place.permohonan
    choice = PERMOHONAN.choice(case, g.actor, step.name)
    if choice is None or not choice.possible or g.place.closed_at is not None:
        why = choice.reason if choice else ""
        reason = notice or why or pleno.SETTLED
        if status == 200:
            return redirect_after_post(_case_url(), reason, tone="bad")
        return _case_page(VoteForm(formdata=None), status=status, notice=reason)
    field = None
    if step.asks_reason:
        field = reason_field(
            form,
            hint="Sedikitnya 20 huruf. Sebutkan unit atau bukti yang harus diperiksa lagi.",
            label="Alasan untuk asesor",
        )
    return page(
        "confirm.html",
        status=status,
        title=step.title,
        happens=[f"{case.asesi_name}, {case.skema_version.title}.", *step.happens],
        action=url_for("tim_teknis.decide", place_id=g.place.public_id, word=_word(step)),
        label=choice.label,
        tone=step.tone,
        version=case.version,
        back_url=_case_url(),
        notice_text=notice,
        reason_field=field,
    )


def _word(step: Step) -> str:
    return next(word for word, each in STEPS.items() if each is step)


def _annulment_page(
    form: ReasonForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    case: Permohonan = g.place.permohonan
    if status == 200 and not annulment.can_propose(case):
        return redirect_after_post(
            _case_url(),
            "Pembatalan tidak dapat diusulkan untuk permohonan ini sekarang.",
            tone="bad",
        )
    return page(
        "confirm.html",
        status=status,
        title="Usulkan pembatalan penetapan?",
        happens=[
            f"{case.asesi_name}, sekarang “{case.status.label}”.",
            "Ketua LSP membaca alasan Anda dan memutuskan. Sampai saat itu tidak ada yang berubah.",
            "Bila disetujui: penetapan batal, nomornya tidak dipakai lagi, dan permohonan kembali menunggu pleno.",
        ],
        action=url_for("tim_teknis.propose_annulment", place_id=g.place.public_id),
        label="Usulkan pembatalan",
        tone="bad",
        version=case.version,
        back_url=_case_url(),
        notice_text=notice,
        reason_field=reason_field(
            form, hint="Sedikitnya 20 huruf: apa yang keliru, dan bagaimana ketahuan."
        ),
    )
