"""Where a page finds a stored file; who may read it is asked there (lsp/views/files.py)."""

from __future__ import annotations

from flask import current_app, url_for


def file_url(endpoint: str, document_id: str) -> str:
    """Address of a stored file; empty where this installation cannot show files."""
    if endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, document_id=document_id)
