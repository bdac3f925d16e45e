"""Documents that a dossier names by their address: what is not here yet, and which addresses may be opened.

The portal never opens an address itself (docs/decisions/siki-dossier.md). One counts as fetched once its row of the
checklist has a file that came after it was named.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select

from lsp.database import db
from lsp.models import LinkedDocument, Permohonan
from lsp.models.inforce import setting
from lsp.workflow.dossier import dossier_of


@dataclass(frozen=True, slots=True)
class Unfetched:
    """A document that is at the ministry only. url: the address where it may be made a link, else empty."""

    label: str
    requirement: str
    address: str
    url: str


def unfetched(permohonan: Permohonan) -> list[Unfetched]:
    """What a dossier named and nobody has uploaded, in the order of the dossier."""
    rows = db.session.scalars(
        select(LinkedDocument)
        .where(LinkedDocument.permohonan_id == permohonan.id, LinkedDocument.document_id.is_(None))
        .order_by(LinkedDocument.id)
    ).all()
    if not rows:
        return []
    dossier, hosts = dossier_of(permohonan), frozenset(setting("siki_document_hosts"))
    labels = {row.id: row.label for row in dossier.requirements}
    return [
        Unfetched(
            row.label,
            labels.get(row.requirement_id or 0, ""),
            row.address,
            row.address if is_of(row.address, hosts) else "",
        )
        for row in rows
        if not any(
            file.requirement_id == row.requirement_id and file.created_at >= row.named_at
            for file in dossier.documents
            if row.requirement_id is not None
        )
    ]


def is_of(address: str, hosts: frozenset[str]) -> bool:
    """Whether an address is https, on one of these hosts, without name or port that would make it another place."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and not set(address) & set(' \\"<>')
    return (
        plain
        and parts.scheme == "https"
        and parts.hostname in hosts
        and port in (None, 443)
        and "@" not in parts.netloc
    )
