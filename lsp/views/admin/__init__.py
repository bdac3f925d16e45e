"""The admin's dashboard, one module a subject; importing the package registers all of its addresses."""

from lsp.views.admin import (
    accounts,
    blanko,
    bookings,
    bulk,
    checklist,
    export,
    intake,
    jadwal,
    money,
    phrases,
    pleno,
    queue,
    register,
    settings,
    staff,
    steps,
    work,
)
from lsp.views.admin.blueprint import bp

__all__ = [
    "accounts",
    "blanko",
    "bookings",
    "bp",
    "bulk",
    "checklist",
    "export",
    "intake",
    "jadwal",
    "money",
    "phrases",
    "pleno",
    "queue",
    "register",
    "settings",
    "staff",
    "steps",
    "work",
]
