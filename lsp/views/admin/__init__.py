"""The admin's dashboard, one module a subject; importing the package registers all of its addresses."""

from lsp.views.admin import (
    accounts,
    blanko,
    bookings,
    checklist,
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
    "checklist",
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
