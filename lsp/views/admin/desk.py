"""The work list beside an open case, as the admin has it and as the auditor reads it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Response, g, request, url_for

from lsp.services import complaint_handling, worklist, worklist_rows
from lsp.services.work_kinds import WORK, Age, Limits, age_of
from lsp.views.admin.list_filter import AGES, ALL, ORDERS, VERIFIERS, ListFilter
from lsp.views.html import page, wants_fragment
from lsp.vocabulary import Mode, PermohonanStatus, Role

NO_NIK = "NIK tidak boleh ada di alamat halaman, jadi tidak dicari. Ketik NIK di kotak pencarian, lalu tekan Cari."


@dataclass(frozen=True, slots=True)
class Desk:
    """The endpoints of one role's desk. acts: whether this role does anything there, or only reads."""

    role: Role
    template: str
    title: str
    home: str
    case: str
    search: str
    acts: bool


ADMIN_DESK = Desk(
    Role.ADMIN,
    "admin/home.html",
    "Menunggu Anda",
    "admin.home",
    "admin.permohonan",
    "admin.search",
    acts=True,
)


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of the list as drawn. tone: of the badge. ticked: chosen for something that is done to many at once."""

    key: str
    href: str
    name: str
    detail: str
    badge: str
    tone: str
    since: object
    age: Age
    open: bool
    ticked: bool


def list_context(
    desk: Desk, wanted: ListFilter, *, open_case: str = "", nik: str = "", all_ticked: bool = False
) -> dict[str, Any]:
    """What the list and its tiles need: two queries, however many rows."""
    above = worklist.overview(g.actor, name=wanted.wanted(nik=nik).name)
    chosen = _resolve(wanted, above.tiles, nik=nik)
    found = worklist_rows.page(
        g.actor, chosen.wanted(nik=nik), limits=above.limits, hits=above.hits
    )
    packed = "" if nik else chosen.packed
    # One url_for for all rows: fifty calls would double the page.
    before, after = url_for(desk.case, permohonan_id="-", dari=packed or None).split("-", 1)
    rows = [
        _row(
            row,
            f"{before}{row.public_id}{after}",
            chosen,
            above.limits,
            is_open=row.public_id == open_case,
            ticked=all_ticked,
        )
        for row in found.rows
    ]
    return {
        "desk": desk,
        "filter": chosen,
        "dari": packed,
        "list_title": _title(chosen, nik=nik),
        "rows": rows,
        "empty_sentence": _nothing(chosen, nik=nik),
        "choices": _choices(chosen, above),
        "admins": above.admins,
        "limits": above.limits,
        "tiles": _tiles(desk, above, chosen),
        "next_url": _to(desk, chosen.at(found.next_cursor))
        if found.next_cursor and not nik
        else "",
        "first_url": _to(desk, chosen.first_page()) if chosen.cursor else "",
        "list_url": _to(desk, chosen),
        "all_ticked": all_ticked,
        "tick_url": ""
        if nik
        else _to(desk, chosen, **({} if all_ticked else {"centang": "semua"})),
    }


@dataclass(frozen=True, slots=True)
class Choice:
    """A select of the filter. said: the words of what is chosen, for the line above it."""

    name: str
    label: str
    anything: str
    options: list[tuple[str, str]]
    value: str

    @property
    def said(self) -> str:
        return next((words for value, words in self.options if value and value == self.value), "")


def _choices(chosen: ListFilter, above: worklist.Overview) -> list[Choice]:
    states = [(state.value, state.label) for state in PermohonanStatus]
    people = [*VERIFIERS.items(), *above.admins]
    return [
        Choice("skema", "Skema", "Semua skema", above.skema, chosen.skema),
        Choice("keadaan", "Keadaan", "Semua keadaan", states, chosen.status),
        Choice("umur", "Umur", "Semua umur", list(AGES.items()), chosen.age),
        Choice("verifikator", "Verifikator", "Semua verifikator", people, chosen.verifier),
        Choice("urut", "Urutan", "Urutan biasa", list(ORDERS.items()), chosen.order),
    ]


def answer(
    desk: Desk,
    listed: dict[str, Any],
    case: dict[str, Any] | None,
    *,
    push: str = "",
    status: int = 200,
    list_notice: str = "",
) -> Response:
    """The page with list and case; when HTMX asks, both as one panel, or the case alone where it is the target."""
    response = page(
        desk.template,
        fragment="admin/_case.html" if wants_case_alone() else "admin/_workbench.html",
        status=status,
        case=case,
        title=desk.title,
        list_notice=list_notice,
        **listed,
    )
    if wants_fragment():
        response.headers["HX-Push-Url"] = push or "false"
    return response


def wants_case_alone() -> bool:
    return wants_fragment() and request.headers.get("HX-Target") == "case"


def _resolve(wanted: ListFilter, tiles: list[worklist.Tile], *, nik: str) -> ListFilter:
    """Without a word on it: a search goes over everything, else the first kind of work that waits is open."""
    if wanted.work:
        return wanted.settled()
    if nik or wanted.narrows:
        return replace(wanted, work=ALL)
    return replace(wanted, work=next((tile.key for tile in tiles if tile.count), ALL))


def _to(desk: Desk, wanted: ListFilter, **more: str) -> str:
    values: dict[str, Any] = {**wanted.query, **more}
    return url_for(desk.home, **values)


def _tiles(desk: Desk, above: worklist.Overview, chosen: ListFilter) -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for tile in above.tiles:
        made.append(
            {
                "count": tile.count,
                "label": tile.label,
                "href": _to(desk, chosen.of(tile.key)),
                "oldest": tile.oldest,
                "age": age_of(tile.oldest, above.limits, tile.key),
                "current": chosen.work == tile.key,
            }
        )
    if desk.acts:
        made += _queue_tiles(above)
    return made


def _queue_tiles(above: worklist.Overview) -> list[dict[str, object]]:
    by_hand = url_for("admin.by_step")
    failed = url_for("admin.queue", keadaan="gagal")
    keluhan = url_for("admin.complaint_list", keadaan=complaint_handling.WAITING)
    late = above.complaints_late
    return [
        {
            "count": above.complaints,
            "label": "Keluhan menunggu LSP",
            "href": keluhan,
            "note": f"{late} terlambat" if late else "",
            "age": Age.LATE if late else Age.IN_TIME,
        },
        {"count": _capped(above.by_hand), "label": "Kirim ke SIKI/BNSP", "href": by_hand},
        {
            "count": _capped(above.failed),
            "label": "Kiriman gagal",
            "href": failed,
            "note": "perlu dilihat" if above.failed else "",
            "age": Age.LATE if above.failed else Age.IN_TIME,
        },
    ]


def _capped(count: int) -> int | str:
    return f"{worklist.MANY}+" if count >= worklist.MANY else count


def _title(chosen: ListFilter, *, nik: str) -> str:
    if nik:
        return f"NIK ************{nik[-4:]}"
    if chosen.search:
        return f"Hasil pencarian “{chosen.search}”"
    if chosen.work in WORK:
        return WORK[chosen.work][0]
    return PermohonanStatus(chosen.status).label if chosen.status else "Semua permohonan"


def _nothing(chosen: ListFilter, *, nik: str) -> str:
    if nik or chosen.search:
        return "Tidak ada yang cocok. Periksa ejaannya, atau cari dengan ID Izin atau NIK lengkap (16 angka)."
    if chosen.narrows:
        return "Tidak ada yang cocok dengan saringan ini. Buka Saringan, lalu longgarkan salah satunya."
    if chosen.work in WORK:
        return "Tidak ada yang menunggu di sini. Permohonan muncul begitu orang lain menyelesaikan bagiannya."
    return "Belum ada permohonan. Permohonan muncul saat asesi memulainya, atau saat Anda mencatat ID Izin."


def _row(
    row: worklist_rows.Row,
    href: str,
    chosen: ListFilter,
    limits: Limits,
    *,
    is_open: bool,
    ticked: bool,
) -> ListRow:
    badge, tone = row.status.label, row.status.tone
    if chosen.work in ("verifikasi", "saya"):
        again = (
            row.submitted_at is not None and (row.status_at - row.submitted_at).total_seconds() > 60
        )
        badge, tone = ("diperbaiki", "") if again else ("baru", "")
    if row.status is PermohonanStatus.INVOICED and chosen.work == "bayar":
        badge, tone = ("ada bukti bayar", "wait") if row.proof else ("belum dibayar", "")
    if row.proof and row.status is not PermohonanStatus.INVOICED:
        badge, tone = "ada bukti bayar", "wait"
    if row.other_mode and row.status in WORK["ganti"][1]:
        badge, tone = "ganti cara asesmen", "wait"
    age = age_of(row.status_at, limits, chosen.work, row.status)
    return ListRow(
        row.public_id, href, row.asesi_name, _detail(row), badge, tone, row.status_at, age, is_open, ticked
    )  # fmt: skip


def _detail(row: worklist_rows.Row) -> str:
    """Under the name: the ID Izin, which tells namesakes apart, skema, and what the state makes worth knowing."""
    detail = f"{row.id_izin} · {row.skema_title}"
    if row.status in (PermohonanStatus.PAID, PermohonanStatus.READY):
        detail += " · jarak jauh" if row.mode is Mode.DARING else " · tatap muka"
    if row.verifier and row.status in (PermohonanStatus.SUBMITTED, PermohonanStatus.RETURNED):
        detail += f" · verifikator {row.verifier}"
    return detail
