"""The page of documents: its address, its rows, and the files that stand there and lie in the store."""

from __future__ import annotations

from flask import Flask, url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import Document, DocumentRequirement, Permohonan


def requirement_of(permohonan: Permohonan, number: int = 0) -> DocumentRequirement:
    return permohonan.skema_version.requirements[number]


def page_url(permohonan: Permohonan) -> str:
    return url_for("asesi.documents", permohonan_id=permohonan.public_id)


def url(permohonan: Permohonan, number: int = 0) -> str:
    return url_for(
        "asesi.upload_document", permohonan_id=permohonan.public_id,
        requirement_id=requirement_of(permohonan, number).public_id,
    )  # fmt: skip


def row_id(permohonan: Permohonan, number: int = 0) -> str:
    return f"document-row-{requirement_of(permohonan, number).public_id}"


def standing() -> list[Document]:
    """Read anew: what another connection committed counts."""
    db.session.rollback()
    return list(
        db.session.scalars(
            select(Document).where(Document.replaced_at.is_(None)).order_by(Document.id)
        )
    )


def stored_files(app: Flask) -> int:
    folder = app.config["LSP"].data_folder / "files"
    return sum(1 for each in folder.rglob("*") if each.is_file())
