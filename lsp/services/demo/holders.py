"""Holders of certificates of the demo: a year after issue one surveilan is due, one was sent, one is overdue.

Their cases went the whole way more than a year ago, before the others begin, so the audit chain tells the days in order.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from lsp import clock
from lsp.database import write_transaction
from lsp.services import certificates, clocks, pleno_sk, surveilan
from lsp.services.demo.driver import DemoCase, Stage
from lsp.services.surveilan import Superior
from lsp.vocabulary import MeetingKind

#: Account → days since its certificate was issued: not yet a year, a year and its form sent, long overdue.
ISSUED = {"asesi17": 350, "asesi18": 360, "asesi19": 420}
SENDS = "asesi18"
_BODY = {
    "bekerja": "ya",
    "tempat": "CV Contoh Rekaan, petugas K3 di proyek jembatan contoh.",
    "ada_keluhan": "tidak",
    "logbook": [
        {"proyek": "Jembatan contoh", "masa": "Januari sampai sekarang", "peran": "Petugas K3"},
        {"proyek": "Rumah susun contoh", "masa": "Setahun yang lalu", "peran": "Pengawas K3"},
    ],
}
_SUPERIOR = Superior("Sutrisno Contoh", "Manajer proyek", "0800 0000 0200")
