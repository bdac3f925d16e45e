"""Who may open which address and see which rows. Closed unless opened: a view without `@access` stops the start.

`@access` and `@writes` only mark a view; lsp/views/gate.py acts on the marks before the view runs.
What may be done to a case is not here but in its workflow table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from lsp.actor import Actor
from lsp.database import db, is_writing
from lsp.models import (
    Banding,
    BandingMember,
    Booking,
    Claim,
    Document,
    FrAk02,
    FrAk05,
    FrAk06,
    Jadwal,
    MeetingRecording,
    Permohonan,
    Peserta,
    PlenoCase,
    PlenoMember,
    Signature,
    Slot,
    Surveilan,
    SurveilanFile,
)
from lsp.models.inforce import peserta_stays
from lsp.vocabulary import OPEN_BANDING, PermohonanStatus, Role, SurveilanStatus

View = TypeVar("View", bound=Callable[..., Any])
#: (actor, **address arguments) -> objects for `g`, or None when nothing of that name is in the actor's scope.
Loader = Callable[..., Mapping[str, object] | None]


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What the gate checks before a view: who, and which object must be in his scope."""

    roles: frozenset[Role]
    public: bool
    load: Loader | None
    #: Not even who is there is looked up: the view answers without a database.
    asks_nobody: bool = False


def access(
    *,
    roles: Collection[Role] = (),
    public: bool = False,
    load: Loader | None = None,
    asks_nobody: bool = False,
) -> Callable[[View], View]:
    """Open a view to some roles (any one is enough), or to everybody with `public=True`.

    `load` receives the actor and the address arguments; its result is put into `g`, None becomes 404.
    """
    if public == bool(roles):
        raise ValueError("name the roles, or say public=True, not both")

    def mark(view: View) -> View:
        view.access_rule = AccessRule(frozenset(roles), public, load, asks_nobody)  # type: ignore[attr-defined]
        return view

    return mark


def writes(view: View) -> View:
    """Mark a view that may write: the gate parses its form, then opens the unit of work; the view commits once."""
    view.writes = "gate"  # type: ignore[attr-defined]
    return view


def writes_itself(view: View) -> View:
    """As `writes`, but the view opens its unit of work after heavy work (a password hash, a decoded photo)."""
    view.writes = "view"  # type: ignore[attr-defined]
    return view


#: Roles that read every case. The penyelia does not: his page shows meetings (lsp/services/observing.py), no files.
_READS_ALL = (Role.ADMIN, Role.KETUA, Role.AUDITOR)


def is_claimed() -> ColumnElement[bool]:
    """Condition on Permohonan: its asesi began it himself, or has proved to be the one it was opened for.

    Until then the account sees nothing of the case: the address may be another person's.
    """
    return ~(
        select(Claim.permohonan_id)
        .where(Claim.permohonan_id == Permohonan.id, Claim.claimed_at.is_(None))
        .correlate(Permohonan)
        .exists()
    )


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition on Permohonan: the rows this person may see at all.

    An asesor sees the cases of meetings and batches that name him; a member of the tim teknis the cases on the
    agenda of a pleno that names him.
    """
    if actor.has(*_READS_ALL):
        return true()
    scopes: list[ColumnElement[bool]] = []
    if actor.has(Role.ASESI):
        scopes.append(own_case(actor))
    if actor.has(Role.ASESOR):
        scopes.append(Permohonan.id.in_(_assigned_cases(actor)))
    if actor.has(Role.TIM_TEKNIS):
        scopes.append(Permohonan.id.in_(_cases_before(actor)))
    return or_(false(), *scopes)


def own_case(actor: Actor) -> ColumnElement[bool]:
    """Condition on Permohonan: the person is its asesi, and it is claimed."""
    return and_(Permohonan.asesi_id == actor.id, is_claimed())


def _cases_before(actor: Actor) -> Any:
    """As the pages of the tim teknis: who is no member of the pleno opens nothing of the case, files neither."""
    return (
        select(PlenoCase.permohonan_id)
        .join(PlenoMember, PlenoMember.pleno_id == PlenoCase.pleno_id)
        .where(PlenoMember.user_id == actor.id)
    )


#: Roles in which somebody may sit on the panel of a banding.
PANEL_ROLES = (Role.ASESOR, Role.TIM_TEKNIS, Role.KETUA, Role.ANGGOTA_LUAR)


def _judged_by(actor: Actor) -> ColumnElement[bool]:
    """Condition on Permohonan: its open banding has the person on its panel, and he declared that he did not teach.

    It opens the files of the case and no page of other roles; with the answer it closes again.
    """
    if not actor.has(*PANEL_ROLES):
        return false()
    return Permohonan.id.in_(
        select(Banding.permohonan_id)
        .join(BandingMember, BandingMember.banding_id == Banding.id)
        .where(
            BandingMember.user_id == actor.id,
            BandingMember.released_at.is_(None),
            BandingMember.not_teaching_declared_at.is_not(None),
            Banding.status.in_(OPEN_BANDING),
        )
    )


def own_panel(actor: Actor, banding_id: str, **_: object) -> Mapping[str, object] | None:
    """A banding with the person on its panel, open or answered, as `g.banding` and `g.permohonan`."""
    scope = select(Banding.permohonan_id).where(
        Banding.public_id == banding_id,
        Banding.id.in_(
            select(BandingMember.banding_id).where(
                BandingMember.user_id == actor.id, BandingMember.released_at.is_(None)
            )
        ),
    )
    return _banding(actor, banding_id, Permohonan.id.in_(scope))


def visible_banding(actor: Actor, banding_id: str, **_: object) -> Mapping[str, object] | None:
    """A banding of a case that the person reads at all, as `g.banding` and `g.permohonan`; never of his own."""
    return _banding(actor, banding_id, visible_to(actor))


def _banding(
    actor: Actor, banding_id: str, scope: ColumnElement[bool]
) -> Mapping[str, object] | None:
    query = (
        select(Permohonan)
        .join(Banding, Banding.permohonan_id == Permohonan.id)
        .where(Banding.public_id == banding_id, scope, Permohonan.asesi_id != actor.id)
        .options(joinedload(Permohonan.skema_version), joinedload(Permohonan.asesi))
    )
    if is_writing():
        # The case before its banding, as everybody locks them: so the last of two signatures sees the first.
        query = query.with_for_update(of=Permohonan)
    permohonan = db.session.scalar(query)
    if permohonan is None:
        return None
    found = (
        select(Banding)
        .where(Banding.public_id == banding_id)
        .options(selectinload(Banding.members).joinedload(BandingMember.user))
    )
    if is_writing():
        found = found.with_for_update().execution_options(populate_existing=True)
    return {"permohonan": permohonan, "banding": db.session.scalars(found).one()}


def _assigned_cases(actor: Actor) -> Any:
    by_slot = (
        select(Booking.permohonan_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(Slot.asesor_id == actor.id, Booking.cancelled_at.is_(None))
    )
    by_batch = (
        select(Peserta.permohonan_id)
        .join(Jadwal, Jadwal.id == Peserta.jadwal_id)
        .join(Permohonan, Permohonan.id == Peserta.permohonan_id)
        .where(
            or_(Jadwal.asesor_1_id == actor.id, Jadwal.asesor_2_id == actor.id),
            Peserta.attempt == Permohonan.attempt,
            peserta_stays(),
        )
    )
    by_paper = select(FrAk02.permohonan_id).where(FrAk02.asesor_id == actor.id)
    return by_slot.union(by_batch, by_paper)


def can_edit_registration(actor: Actor, permohonan: Permohonan) -> bool:
    """The asesi fills forms and documents while the permohonan is in his hands."""
    return actor.id == permohonan.asesi_id and permohonan.status in (
        PermohonanStatus.DRAFT,
        PermohonanStatus.RETURNED,
    )


def can_add_documents(actor: Actor, permohonan: Permohonan) -> bool:
    """As editing, and further evidence when the asesor asked for it."""
    return can_edit_registration(actor, permohonan) or (
        actor.id == permohonan.asesi_id and permohonan.status is PermohonanStatus.EVIDENCE_NEEDED
    )


#: Built once: every page of the asesi begins with it.
_OWN = (
    select(Permohonan)
    .where(
        Permohonan.public_id == bindparam("public_id"),
        Permohonan.asesi_id == bindparam("asesi"),
        is_claimed(),
    )
    .options(joinedload(Permohonan.skema_version), joinedload(Permohonan.asesi))
)
_OWN_FOR_UPDATE = _OWN.with_for_update(of=Permohonan)


def own_permohonan(actor: Actor, permohonan_id: str, **_: object) -> Mapping[str, object] | None:
    """The asesi's own case, as `g.permohonan`."""
    values = {"public_id": permohonan_id, "asesi": actor.id}
    permohonan = db.session.scalar(_OWN_FOR_UPDATE if is_writing() else _OWN, values)
    return {"permohonan": permohonan} if permohonan is not None else None


def visible_permohonan(
    actor: Actor, permohonan_id: str, **_: object
) -> Mapping[str, object] | None:
    """A case in the person's scope, as `g.permohonan`; a staff person never opens his own as staff."""
    return _case(and_(visible_to(actor), Permohonan.asesi_id != actor.id), permohonan_id)


def visible_without_asesor(
    actor: Actor, permohonan_id: str, **_: object
) -> Mapping[str, object] | None:
    """As `visible_permohonan`, but not for whoever assessed the case, in whichever role he comes: what its asesi said
    of him is not his to read.
    """
    assessed = select(FrAk02.permohonan_id).where(FrAk02.asesor_id == actor.id)
    scope = and_(visible_to(actor), Permohonan.asesi_id != actor.id, Permohonan.id.not_in(assessed))
    return _case(scope, permohonan_id)


def visible_fr_ak_05(actor: Actor, report_id: str) -> Mapping[str, object] | None:
    """A signed FR.AK.05 in the person's scope, as `g.report`."""
    return _report(actor, FrAk05, report_id)


def visible_fr_ak_06(actor: Actor, report_id: str) -> Mapping[str, object] | None:
    """A signed FR.AK.06 in the person's scope, as `g.report`."""
    return _report(actor, FrAk06, report_id)


def _report(
    actor: Actor, model: type[FrAk05] | type[FrAk06], report_id: str
) -> Mapping[str, object] | None:
    """Beside those who read every case, the asesor who wrote it. A draft is nobody's but on his own page."""
    own = true() if actor.has(*_READS_ALL) else model.asesor_id == actor.id
    found = db.session.scalar(
        select(model)
        .where(model.public_id == report_id, model.signed_at.is_not(None), own)
        .options(
            joinedload(model.asesor),
            joinedload(model.jadwal).options(
                joinedload(Jadwal.tuk), joinedload(Jadwal.skema_version)
            ),
        )
    )
    return {"report": found} if found is not None else None


def _case(scope: ColumnElement[bool], permohonan_id: str) -> Mapping[str, object] | None:
    query = (
        select(Permohonan)
        .where(Permohonan.public_id == permohonan_id, scope)
        .options(joinedload(Permohonan.skema_version), joinedload(Permohonan.asesi))
    )
    if is_writing():
        # PostgreSQL: the second of two officials waits here and then sees the new version.
        query = query.with_for_update(of=Permohonan)
    permohonan = db.session.scalar(query)
    return {"permohonan": permohonan} if permohonan is not None else None


def visible_document(actor: Actor, document_id: str, **_: object) -> Mapping[str, object] | None:
    """A file of a case in the person's scope, as `g.document` and `g.permohonan`."""
    scope = or_(visible_to(actor), own_case(actor), _judged_by(actor), _surveils(actor))
    row = db.session.execute(
        select(Document, Permohonan)
        .join(Permohonan, Permohonan.id == Document.permohonan_id)
        .where(Document.public_id == document_id, scope)
    ).one_or_none()
    return {"document": row[0], "permohonan": row[1]} if row is not None else None


def _surveils(actor: Actor) -> ColumnElement[bool]:
    """Condition on Document: sent with a surveilan that this asesor judges now; no other file of the case."""
    return Document.id.in_(
        select(SurveilanFile.document_id)
        .join(Surveilan, Surveilan.id == SurveilanFile.surveilan_id)
        .where(Surveilan.asesor_id == actor.id, Surveilan.status == SurveilanStatus.EXAMINED)
    )


def _met_by(actor: Actor) -> ColumnElement[bool]:
    """Condition on Permohonan and Slot: meetings whose pack this person may read; never of his own case.

    Beside those who read every case: the asesor of that very meeting, the tim teknis before whom the case is, and the
    panel of its open banding. The penyelia sees meetings on a page of his own, and no file.
    """
    scopes: list[ColumnElement[bool]] = [true()] if actor.has(*_READS_ALL) else []
    if actor.has(Role.ASESOR):
        scopes.append(Slot.asesor_id == actor.id)
    if actor.has(Role.TIM_TEKNIS):
        scopes.append(Permohonan.id.in_(_cases_before(actor)))
    scopes.append(_judged_by(actor))
    return and_(or_(false(), *scopes), Permohonan.asesi_id != actor.id)


def visible_meeting(actor: Actor, booking_id: str) -> Mapping[str, object] | None:
    """A seat in the person's scope, as `g.booking` with its slot, jadwal, case and record."""
    found = db.session.scalar(
        select(Booking)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(Permohonan, Permohonan.id == Booking.permohonan_id)
        .where(Booking.public_id == booking_id, _met_by(actor))
        .options(
            joinedload(Booking.slot).joinedload(Slot.jadwal).joinedload(Jadwal.tuk),
            joinedload(Booking.slot).joinedload(Slot.asesor),
            joinedload(Booking.permohonan).joinedload(Permohonan.skema_version),
            joinedload(Booking.record),
        )
    )
    return {"booking": found} if found is not None else None


def visible_recording(actor: Actor, recording_id: str) -> Mapping[str, object] | None:
    """A recording of a meeting in the person's scope, as `g.recording`."""
    found = db.session.scalar(
        select(MeetingRecording)
        .join(Booking, Booking.id == MeetingRecording.booking_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(Permohonan, Permohonan.id == Booking.permohonan_id)
        .where(MeetingRecording.public_id == recording_id, _met_by(actor))
        .options(joinedload(MeetingRecording.booking).joinedload(Booking.permohonan))
    )
    return {"recording": found} if found is not None else None


def visible_signature(
    actor: Actor, permohonan_id: str, signature_id: int, **_: object
) -> Mapping[str, object] | None:
    """A signature that was also drawn, on a case in the person's scope, as `g.signature` and `g.permohonan`."""
    scope = or_(visible_to(actor), Permohonan.asesi_id == actor.id, _judged_by(actor))
    row = db.session.execute(
        select(Signature, Permohonan)
        .join(Permohonan, Permohonan.id == Signature.permohonan_id)
        .where(
            Permohonan.public_id == permohonan_id,
            Signature.id == signature_id,
            Signature.drawing_key.is_not(None),
            scope,
        )
    ).one_or_none()
    return {"signature": row[0], "permohonan": row[1]} if row is not None else None
