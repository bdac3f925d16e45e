"""A request for blanko and its answer: one letter and one call to BNSP for all cases that go together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import (
    BlankoRequest,
    BlankoRequestCase,
    Booking,
    FrApl01,
    OutboxMessage,
    Permohonan,
    Pleno,
    PlenoCase,
    Slot,
)
from lsp.models.numbers import take_number
from lsp.models.outbox_answer import mark_done, note_word, settle_open
from lsp.models.queue import BLANKO, REPLACED, add, cancel_waiting
from lsp.vocabulary import Answer, Channel
from lsp.workflow.dossier import dossier_of
from lsp.workflow.machine import named


def ask_bnsp_for_blanko(case: Permohonan, actor: Actor, note: str) -> None:
    """The case goes out with the request it stands in; one that goes alone gets a request of its own."""
    row = open_row(case.id)
    request = row.request if row is not None else _request_alone(case, actor)
    payload = {"permintaan_blanko": request.public_id, "nomor_surat": request.number}
    add(Channel.BNSP, BLANKO, dedupe=f"bnsp:blanko:{request.public_id}", payload=payload)


def open_row(permohonan_id: int) -> BlankoRequestCase | None:
    """The row in which the case waits for BNSP's answer."""
    return db.session.scalar(
        select(BlankoRequestCase).where(
            BlankoRequestCase.permohonan_id == permohonan_id,
            BlankoRequestCase.result == Answer.K,
            BlankoRequestCase.outcome == "",
        )
    )


def open_request(
    actor: Actor, pleno: Pleno, jadwal_id: int | None, competent: Sequence[Permohonan]
) -> BlankoRequest:
    """A request with its number: these cases, and who was not competent and stands in no earlier one."""
    request = BlankoRequest(
        number=take_number("blanko_request").text,
        dated=clock.today_wib(),
        pleno_id=pleno.id,
        jadwal_id=jadwal_id,
        made_by_id=actor.id or 0,
    )
    db.session.add(request)
    db.session.flush()
    people = [(case, Answer.K) for case in competent]
    people += [(case, Answer.BK) for case in _unlisted_not_yet(pleno.id, jadwal_id)]
    forms = {
        form.permohonan_id: form
        for form in db.session.scalars(
            select(FrApl01).where(FrApl01.permohonan_id.in_([case.id for case, _result in people]))
        )
    }
    for case, result in people:
        form = forms.get(case.id)
        db.session.add(
            BlankoRequestCase(
                request_id=request.id,
                permohonan_id=case.id,
                attempt=case.attempt,
                result=result,
                funding=form.funding if form is not None else "",
                ministry=form.ministry if form is not None else "",
            )
        )
    db.session.flush()
    return request


def jadwal_of(case_ids: Collection[int]) -> dict[int, int]:
    """The jadwal of each case's newest seat; BNSP keys by it."""
    rows = db.session.execute(
        select(Booking.permohonan_id, Slot.jadwal_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(Booking.permohonan_id.in_(case_ids), Booking.cancelled_at.is_(None))
        .order_by(Booking.id)
    )
    return {row.permohonan_id: row.jadwal_id for row in rows}


def _unlisted_not_yet(pleno_id: int, jadwal_id: int | None) -> list[Permohonan]:
    """Cases of this pleno and jadwal whose BK stands and that no request of it has named yet."""
    named_already = (
        select(BlankoRequestCase.permohonan_id)
        .join(BlankoRequest, BlankoRequest.id == BlankoRequestCase.request_id)
        .where(BlankoRequest.pleno_id == pleno_id)
    )
    found = db.session.scalars(
        select(Permohonan)
        .join(PlenoCase, PlenoCase.permohonan_id == Permohonan.id)
        .where(
            PlenoCase.pleno_id == pleno_id,
            PlenoCase.outcome == Answer.BK.value,
            PlenoCase.attempt == Permohonan.attempt,
            Permohonan.decision == Answer.BK,
            Permohonan.decided_at <= PlenoCase.closed_at,
            Permohonan.id.not_in(named_already),
        )
        .order_by(PlenoCase.id)
    ).all()
    places = jadwal_of([case.id for case in found])
    return [case for case in found if places.get(case.id) == jadwal_id]


def _request_alone(case: Permohonan, actor: Actor) -> BlankoRequest:
    pleno = db.session.scalar(
        select(Pleno)
        .join(PlenoCase, PlenoCase.pleno_id == Pleno.id)
        .where(
            PlenoCase.permohonan_id == case.id,
            PlenoCase.outcome == Answer.K.value,
            PlenoCase.attempt == case.attempt,
        )
        .order_by(PlenoCase.id.desc())
        .limit(1)
    )
    if pleno is None:
        raise LookupError("a competent case was decided in a pleno")
    return open_request(actor, pleno, jadwal_of([case.id]).get(case.id), [case])


def answer_request(outcome: str) -> Callable[[Permohonan, Actor, str], None]:
    """Write BNSP's answer for this case into its request; cases asked for before there were requests have none."""

    @named(f"blanko_request_{outcome}")
    def effect(case: Permohonan, actor: Actor, note: str) -> None:
        row = open_row(case.id)
        if row is None:
            _tell_own_call(case, actor, outcome, note)
            return
        row.outcome, row.answered_at = outcome, clock.now()
        row.reason = note.strip() if outcome != "received" else ""
        db.session.flush()
        _tell_call(row, case, actor)

    return effect


def _tell_own_call(case: Permohonan, actor: Actor, outcome: str, note: str) -> None:
    """The row of a case that was asked for before there were requests."""
    if outcome == "annulled":
        cancel_waiting(case.id, BLANKO, error=f"{REPLACED}: annulled")
    elif outcome == "refused":
        settle_open(case.id, Channel.BNSP, BLANKO, actor.id, outcome="refused", note=note)
    else:
        settle_open(case.id, Channel.BNSP, BLANKO, actor.id, nomor_blanko=_number_of(case))


def _number_of(case: Permohonan) -> str:
    registration = dossier_of(case).registration
    blanko = registration.blanko if registration is not None else None
    return blanko.number if blanko is not None else ""


def _tell_call(row: BlankoRequestCase, case: Permohonan, actor: Actor) -> None:
    """The row in the outbox hears of each case, and is over with the last one that waited, whoever typed the answer."""
    call = db.session.scalar(
        select(OutboxMessage)
        .options(defer(OutboxMessage.payload))
        .where(OutboxMessage.dedupe == f"bnsp:blanko:{row.request.public_id}")
    )
    if call is None or call.done_at is not None:
        return
    if row.outcome == "received":
        note_word(call, actor.id, "done", nomor_blanko=_number_of(case))
    else:
        note_word(call, actor.id, "refused", note=row.reason or row.outcome)
    waiting = select(BlankoRequestCase.id).where(
        BlankoRequestCase.request_id == row.request_id,
        BlankoRequestCase.result == Answer.K,
        BlankoRequestCase.outcome == "",
    )
    if db.session.scalar(waiting.limit(1)) is not None:
        return
    answered = select(BlankoRequestCase.id).where(
        BlankoRequestCase.request_id == row.request_id, BlankoRequestCase.outcome != "annulled"
    )
    if db.session.scalar(answered.where(BlankoRequestCase.result == Answer.K).limit(1)) is None:
        call.done_at, call.done_how, call.error = clock.now(), "cancelled", f"{REPLACED}: annulled"
        call.dead_at = None
    else:
        mark_done(call, actor.id)
    db.session.flush()
