"""What every template may use: the LSP's own data, the navigation of the present person."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for

from lsp.actor import NOBODY, Actor
from lsp.services import lembaga
from lsp.vocabulary import Role

#: Role → endpoint of its one page, in the order in which a person with several roles is led.
HOMES = {
    Role.KETUA: "ketua.home",
    Role.TIM_TEKNIS: "tim_teknis.home",
    Role.ASESOR: "asesor.home",
    Role.ADMIN: "admin.home",
    Role.PENYELIA: "penyelia.home",
    Role.AUDITOR: "auditor.home",
    Role.ANGGOTA_LUAR: "banding.home",
    Role.ASESI: "asesi.home",
}


def homes_of(actor: Actor) -> list[tuple[Role, str]]:
    """(role, endpoint) of each page that stands for this person, first the one to land on."""
    from flask import current_app

    return [
        (role, endpoint)
        for role, endpoint in HOMES.items()
        if role in actor.roles and endpoint in current_app.view_functions
    ]


def home_url(actor: Actor) -> str:
    """Where this person lands after signing in."""
    pages = homes_of(actor)
    return (
        url_for(pages[0][1])
        if pages
        else url_for("auth.account" if actor.is_authenticated else "public.home")
    )


def page_context() -> dict[str, Any]:
    actor: Actor = g.get("actor", NOBODY)
    public_or_asesi = request.blueprint in (None, "public", "auth", "asesi", "device_check")
    in_force = lembaga.current_or_none()
    if in_force is not None:
        g.lembaga_zone = in_force.zone
    return {
        "lembaga": in_force,
        "actor": actor,
        "signed_in": actor.is_authenticated,
        "home_url": home_url(actor) if actor.is_authenticated else "/",
        "nav_items": _nav_items(actor),
        "sign_out_url": url_for("auth.sign_out") if actor.is_authenticated else "",
        "inline_css": public_or_asesi,
    }


def _nav_items(actor: Actor) -> list[dict[str, object]]:
    if not actor.is_authenticated:
        return [_item("Masuk", "auth.sign_in")]
    items = [_item(role.label, endpoint) for role, endpoint in homes_of(actor)]
    return [*items, _item("Akun", "auth.account")]


def _item(label: str, endpoint: str) -> dict[str, object]:
    return {"label": label, "href": url_for(endpoint), "current": request.endpoint == endpoint}
