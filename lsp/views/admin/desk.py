"""The work list beside an open case, as the admin has it and as the auditor reads it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Response, g, request, url_for

from lsp import clock
from lsp.services import worklist
from lsp.views.admin.list_filter import ALL, ListFilter
from lsp.views.html import page, wants_fragment
from lsp.vocabulary import Mode, PermohonanStatus, Role

#: A tile whose oldest case is older than this is drawn as late.
LATE_DAYS = 3
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
    """A row of the list as drawn. tone: of the badge."""

    href: str
    name: str
    detail: str
    badge: str
    tone: str
    age: object
    late: bool
    open: bool


def list_context(
    desk: Desk, wanted: ListFilter, *, open_case: str = "", nik: str = ""
) -> dict[str, Any]:
    """What the list and its tiles need: two queries, however many rows."""
    above = worklist.overview()
    chosen = _resolve(wanted, above.tiles, nik=nik)
    found = worklist.page(
        g.actor,
        work="" if chosen.work == ALL else chosen.work,
        skema=chosen.skema,
        search=nik or chosen.search,
        cursor=chosen.cursor,
    )
    packed = "" if nik else chosen.packed
    # One url_for for all rows: fifty calls would double the page.
    before, after = url_for(desk.case, permohonan_id="-", dari=packed or None).split("-", 1)
    rows = [
        _row(row, f"{before}{row.public_id}{after}", chosen, is_open=row.public_id == open_case)
        for row in found.rows
    ]
    return {
        "desk": desk,
        "filter": chosen,
        "dari": packed,
        "list_title": _title(chosen, nik=nik),
        "rows": rows,
        "empty_sentence": _nothing(chosen, nik=nik),
        "skema_options": above.skema,
        "tiles": _tiles(desk, above, chosen),
        "next_url": _to(desk, chosen.at(found.next_cursor))
        if found.next_cursor and not nik
        else "",
        "first_url": _to(desk, chosen.first_page()) if chosen.cursor else "",
        "list_url": _to(desk, chosen),
    }


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
        return wanted
    if nik or wanted.search or wanted.skema:
        return replace(wanted, work=ALL)
    return replace(wanted, work=next((tile.key for tile in tiles if tile.count), ALL))


def _to(desk: Desk, wanted: ListFilter) -> str:
    values: dict[str, Any] = {**wanted.query}
    return url_for(desk.home, **values)


def _tiles(desk: Desk, above: worklist.Overview, chosen: ListFilter) -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for tile in above.tiles:
        days = (clock.now() - tile.oldest).days if tile.oldest else 0
        made.append(
            {
                "count": tile.count,
                "label": tile.label,
                "href": _to(desk, chosen.of(tile.key)),
                "oldest": tile.oldest,
                "late": days > LATE_DAYS,
                "current": chosen.work == tile.key,
            }
        )
    if desk.acts:
        made += _queue_tiles(above)
    return made


def _queue_tiles(above: worklist.Overview) -> list[dict[str, object]]:
    by_hand = url_for("admin.queue", kanal="siki", keadaan="menunggu")
    failed = url_for("admin.queue", keadaan="gagal")
    return [
        {"count": _capped(above.by_hand), "label": "Kirim ke SIKI/BNSP", "href": by_hand},
        {
            "count": _capped(above.failed),
            "label": "Kiriman gagal",
            "href": failed,
            "note": "perlu dilihat" if above.failed else "",
            "late": bool(above.failed),
        },
    ]


def _capped(count: int) -> int | str:
    return f"{worklist.MANY}+" if count >= worklist.MANY else count


def _title(chosen: ListFilter, *, nik: str) -> str:
    if nik:
        return f"NIK ************{nik[-4:]}"
    if chosen.search:
        return f"Hasil pencarian “{chosen.search}”"
    return worklist.WORK[chosen.work][0] if chosen.work in worklist.WORK else "Semua permohonan"


def _nothing(chosen: ListFilter, *, nik: str) -> str:
    if nik or chosen.search:
        return "Tidak ada yang cocok. Periksa ejaannya, atau cari dengan ID Izin atau NIK lengkap (16 angka)."
    if chosen.work in worklist.WORK:
        return "Tidak ada yang menunggu di sini. Permohonan muncul begitu orang lain menyelesaikan bagiannya."
    return "Belum ada permohonan. Permohonan muncul saat asesi memulainya, atau saat Anda mencatat ID Izin."


def _row(row: worklist.Row, href: str, chosen: ListFilter, *, is_open: bool) -> ListRow:
    badge, tone = row.status.label, row.status.tone
    if chosen.work == "verifikasi":
        again = (
            row.submitted_at is not None and (row.status_at - row.submitted_at).total_seconds() > 60
        )
        badge, tone = ("diperbaiki", "") if again else ("baru", "")
    if row.status is PermohonanStatus.INVOICED and chosen.work == "bayar":
        badge, tone = ("ada bukti bayar", "wait") if row.proof else ("belum dibayar", "")
    if row.proof and row.status is not PermohonanStatus.INVOICED:
        badge, tone = "ada bukti bayar", "wait"
    detail = row.skema_title
    if row.status in (PermohonanStatus.PAID, PermohonanStatus.READY):
        detail += " · jarak jauh" if row.mode is Mode.DARING else " · tatap muka"
    days = (clock.now() - row.status_at).days
    late = chosen.work in worklist.WORK and days > LATE_DAYS
    return ListRow(href, row.asesi_name, detail, badge, tone, row.status_at, late, is_open)
