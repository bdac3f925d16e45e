"""Meetings to choose from as the staff read them: those that can be taken, and the others with what bars them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import g

from lsp.models import Permohonan
from lsp.services.offers import Offer
from lsp.views.filters import tanggal, zona_singkat


@dataclass(frozen=True, slots=True)
class Times:
    """free: (public id, when, with whom); barred: (when, with whom, why not).

    zone: the asesi's in a word, empty where it is the reader's own.
    """

    free: list[tuple[str, str, str]]
    barred: list[tuple[str, str, str]]
    zone: str


def times_of(permohonan: Permohonan, offers: Iterable[Offer]) -> Times:
    """The reader's hour first, the asesi's in brackets where it differs."""
    zone = permohonan.asesi.zone
    found = Times([], [], "" if zone == g.actor.zone else zona_singkat(zone))
    for offer in offers:
        when = tanggal(offer.starts_at, home=zone) + (", sudah mulai" if offer.has_begun else "")
        who = f"{offer.asesor_name} · {offer.jadwal_name}"
        if offer.bar:
            found.barred.append((when, who, offer.bar))
        else:
            found.free.append((offer.public_id, when, f"{who} · {offer.seats_left} kursi kosong"))
    return found
