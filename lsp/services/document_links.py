"""Links by which LPJK and BNSP fetch papers of a case: long, random, revocable, each opening kept.

Whoever holds a link reads one paper of one case and nothing else, without an account, until it is revoked or ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from lsp import clock, crypto, ids
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Certificate, Document, DocumentLink, DocumentLinkRead, Permohonan
from lsp.models.inforce import setting
from lsp.services import audit
from lsp.services.paper_entry import Paper
from lsp.vocabulary import InstrumentPaper, MeetingKind, PaperState
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.certificate import validity_end, validity_years
from lsp.workflow.machine import LEAST_GROUNDS, check_reason

LPJK = "lpjk"
SERVED, REVOKED, ENDED, ABSENT = "served", "revoked", "ended", "absent"
#: Characters of a token of 256 bits: anything else is not looked up.
TOKEN_LENGTH = 43
#: A picture of the meeting: the paper is the stored file itself.
PICTURE = "dokumentasi_asesmen"
#: Papers that a link can lead to: drawn by views/link_papers.py from what the case holds, or a stored file.
SERVABLE = frozenset(
    {
        "FR.APL.01", "FR.APL.02", "FR.MAPA.01", "FR.MAPA.02", "FR.AK.01", "FR.AK.02", "FR.AK.03", "FR.AK.04",
        "FR.AK.05", "FR.AK.06", "FR.AK.07", "daftar_hadir_pra", "daftar_hadir_asesmen", "rekomendasi_asesor", PICTURE,
        "daftar_hadir_pleno", "berita_acara_pleno", "surat_tugas_komite",
        *(each.value for each in (InstrumentPaper.DPL, InstrumentPaper.CVP, InstrumentPaper.PW, InstrumentPaper.VPK)),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link with how often it was opened, and when last."""

    link: DocumentLink
    reads: int
    last: datetime | None

    @property
    def has_ended(self) -> bool:
        return clock.today_wib() > self.link.ends_on


# --- Reading -----------------------------------------------------------------------------------------------------


def of_case(permohonan: Permohonan) -> list[LinkLine]:
    """Every link that was ever made for the case, in the order of making. Two queries."""
    links = db.session.scalars(
        select(DocumentLink)
        .where(DocumentLink.permohonan_id == permohonan.id)
        .order_by(DocumentLink.id)
        .options(joinedload(DocumentLink.made_by), joinedload(DocumentLink.revoked_by))
    ).all()
    found = db.session.execute(
        select(DocumentLinkRead.link_id, func.count(), func.max(DocumentLinkRead.at))
        .where(
            DocumentLinkRead.link_id.in_([each.id for each in links]),
            DocumentLinkRead.answer == SERVED,
        )
        .group_by(DocumentLinkRead.link_id)
    )
    read = {link_id: (count, last) for link_id, count, last in found}
    return [LinkLine(each, *read.get(each.id, (0, None))) for each in links]


def standing(
    permohonan: Permohonan, lines: Iterable[LinkLine], *, purpose: str = LPJK
) -> dict[str, DocumentLink]:
    """Paper → the link that leads there now."""
    return {
        each.link.paper: each.link
        for each in lines
        if each.link.revoked_at is None
        and not each.has_ended
        and each.link.attempt == permohonan.attempt
        and each.link.purpose == purpose
    }


def can_be_linked(paper: Paper | None) -> bool:
    return paper is not None and paper.state is PaperState.PRESENT and paper.key in SERVABLE


def one(permohonan: Permohonan, link_id: str) -> DocumentLink | None:
    return db.session.scalar(
        select(DocumentLink).where(
            DocumentLink.public_id == link_id, DocumentLink.permohonan_id == permohonan.id
        )
    )


def path_of(link: DocumentLink) -> str:
    """Its address on this site."""
    return f"/d/{link.token}"


# --- Making and revoking -----------------------------------------------------------------------------------------


def make_links(
    actor: Actor, permohonan: Permohonan, papers: Mapping[str, Paper], wanted: Iterable[str]
) -> int:
    """Links for LPJK to each wanted paper that is there and has none yet; returns how many were made.

    One that has ended makes room: it is taken back with that as the reason, and another stands in its place.
    """
    lines = of_case(permohonan)
    there, ends_on, made = standing(permohonan, lines), _end(permohonan), 0
    for line in lines:
        if line.has_ended and line.link.revoked_at is None:
            _revoke(actor, line.link, "Masa berlakunya habis, diganti tautan baru.")
    for key in dict.fromkeys(wanted):
        paper = papers.get(key)
        if key in there or paper is None or not can_be_linked(paper):
            continue
        picture = picture_of(permohonan) if key == PICTURE else None
        if key == PICTURE and picture is None:
            continue
        token = ids.secret_token()
        db.session.add(
            DocumentLink(
                permohonan_id=permohonan.id,
                attempt=permohonan.attempt,
                purpose=LPJK,
                paper=key,
                subject=paper.subject,
                document_id=picture.id if picture is not None else None,
                token_digest=ids.digest(token),
                token=token,
                made_by_id=actor.id,
                ends_on=ends_on,
            )
        )
        made += 1
    if made:
        db.session.flush()
        audit.note(
            actor, "document_link.make", "permohonan", permohonan.public_id, count=made, purpose=LPJK
        )  # fmt: skip
    return made


def picture_of(permohonan: Permohonan) -> Document | None:
    """The newest screenshot of this attempt's assessment."""
    dossier = dossier_of(permohonan)
    known = {each.id: each for each in dossier.documents}
    for seat in reversed(dossier.bookings):
        if (
            seat.attempt == permohonan.attempt
            and seat.slot.kind is MeetingKind.ASSESSMENT
            and seat.record is not None
            and seat.record.screenshot_document_id in known
        ):
            return known[seat.record.screenshot_document_id]
    return None


def _end(permohonan: Permohonan) -> date:
    """The last day: after the years that are set, or with the certificate; before its issue, with the one to come."""
    years, minus = int(setting("document_link_years")), int(setting("certificate_minus_days"))
    today = clock.today_wib()
    if years:
        return validity_end(today, years, minus)
    issued = db.session.scalar(
        select(Certificate.valid_until).where(Certificate.permohonan_id == permohonan.id)
    )
    if issued is not None:
        return max(issued, today)
    decided = permohonan.decided_at
    start = decided.astimezone(clock.WIB).date() if decided is not None else today
    return max(validity_end(start, validity_years(permohonan), minus), today)


def revoke(actor: Actor, permohonan: Permohonan, links: Sequence[DocumentLink], reason: str) -> int:
    """These links lead nowhere from now on; returns how many did. Raises DomainError without a reason."""
    why = check_reason(reason, LEAST_GROUNDS, field="note")
    gone = [each for each in links if each.revoked_at is None]
    if not gone:
        raise DomainError("Tautan ini sudah dicabut.")
    for each in gone:
        _revoke(actor, each, why)
    db.session.flush()
    audit.note(
        actor, "document_link.revoke", "permohonan", permohonan.public_id, count=len(gone),
        purpose=LPJK, papers=[each.paper for each in gone],
    )  # fmt: skip
    return len(gone)


def _revoke(actor: Actor, link: DocumentLink, reason: str) -> None:
    link.revoked_at, link.revoked_by_id, link.revoke_reason = clock.now(), actor.id, reason
    db.session.flush()


# --- Opening -----------------------------------------------------------------------------------------------------


def by_token(token: str) -> tuple[DocumentLink | None, str]:
    """(link, what it answers). Found by digest, so no comparison tells how much of a guess was right.

    Every dead link is looked up as a living one is, and its reader is told the same as of one that never was.
    """
    fits = len(token) == TOKEN_LENGTH and token.isascii()
    link = db.session.scalar(
        select(DocumentLink)
        .where(DocumentLink.token_digest == ids.digest(token if fits else ""))
        .options(
            joinedload(DocumentLink.permohonan).joinedload(Permohonan.skema_version),
            joinedload(DocumentLink.document),
        )
    )
    if link is None:
        return None, ABSENT
    if link.revoked_at is not None:
        return link, REVOKED
    if clock.today_wib() > link.ends_on or link.attempt != link.permohonan.attempt:
        return link, ENDED
    return link, SERVED


def note_read(link_id: int, answer: str, *, address: str) -> None:
    """Keep that the link was opened. The address is kept as a keyed digest."""
    network = crypto.keyring().blind_index(address, context="document_link_read.network")
    db.session.add(
        DocumentLinkRead(link_id=link_id, at=clock.now(), answer=answer, network=network)
    )
    db.session.flush()
