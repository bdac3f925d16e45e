"""Mails as outbox rows: one function a mail would hide the text, so the text stands in templates/mail/."""

from __future__ import annotations

from lsp.models.queue import add_mail as mail

__all__ = ["mail"]
