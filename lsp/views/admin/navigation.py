"""The tabs of the admin's pages. A page belongs to the tab that names the module of its view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for

from lsp.views.admin.blueprint import bp


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    endpoint: str
    modules: tuple[str, ...]


TABS = (
    Tab("Pekerjaan", "admin.home", ("work", "steps", "checklist", "money", "bookings", "bulk", "export",
        "moving", "unfit_data", "whatsapp", "case_file")),
    Tab("ID Izin", "admin.take_in_form", ("intake", "imports", "siki")),
    Tab("Pengambilan", "admin.claim_list", ("claims", "claim_links")),
    Tab("Jadwal", "admin.jadwal_list", ("jadwal", "series", "week", "jadwal_form", "penyelia", "hindrance",
        "reports", "feedback")),
    Tab("Paket rapat", "admin.pack_list", ("packs",)),
    Tab("Pleno dan blangko", "admin.pleno_home", (
        "pleno", "pleno_place", "blanko", "blanko_requests", "blanko_book", "lpjk")),
    Tab("Sertifikat", "admin.certificate_list", ("certificates", "surveilan")),
    Tab("Banding", "admin.banding_list", ("banding",)),
    Tab("Keluhan", "admin.complaint_list", ("complaints",)),
    Tab("Antrean", "admin.queue", ("queue", "twin")),
    Tab("Petugas", "admin.staff_list", ("staff", "second_factor")),
    Tab("Pengaturan", "admin.settings", (
        "settings", "register", "remote_permissions", "number_series", "days_off", "holidays", "phrases", "accounts",
        "texts", "fees", "mapa", "mapa_sections", "muk", "muk_import", "muk_parts", "muk_rows",
        "muk_steps", "whatsapp_texts",
    )),
)  # fmt: skip


@bp.context_processor
def navigation() -> dict[str, Any]:
    """`admin_tabs()` for the frame; a number behind a tab is what waits there for the admin, and says so."""
    return {"admin_tabs": admin_tabs}


def admin_tabs(waiting: dict[str, int]) -> list[dict[str, Any]]:
    """Items of components/tabs.html. waiting: by endpoint of the tab, how many wait."""
    here = module_of(request.endpoint or "")
    return [
        {
            "label": tab.label,
            "waiting": waiting.get(tab.endpoint, 0),
            "href": url_for(tab.endpoint),
            "current": here in tab.modules,
        }
        for tab in TABS
    ]


def module_of(endpoint: str) -> str:
    """The last name of the module in which the view of an endpoint stands."""
    view = current_app.view_functions.get(endpoint)
    return view.__module__.rpartition(".")[2] if view is not None else ""
