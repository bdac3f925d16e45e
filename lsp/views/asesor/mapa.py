"""The asesor's plan of an assessment: which MAPA of the skema, read before it is chosen, changed for one asesi."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.forms.assessment import choices
from lsp.forms.mapa import MapaChoice, Typed, read_case_changes
from lsp.models import Mapa, Permohonan
from lsp.permissions import access, visible_permohonan
from lsp.services import assessment
from lsp.services.mapa_check import jenjang_warning
from lsp.views.asesor.shared import CASE, bp
from lsp.views.html import page
from lsp.views.mapa_reading import reading
from lsp.vocabulary import EvidenceKind, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.mapa import (
    all_codes,
    instruments_of,
    papers_of_unit,
    potensi_of,
    template,
    template_of,
)


def mapa_form(permohonan: Permohonan, **data: Any) -> MapaChoice:
    """The MAPA that may be chosen; marked is the one that was, or the only one it may take."""
    offered = offered_now(permohonan)
    if not data:
        plan = dossier_of(permohonan).plan
        chosen = plan.mapa if plan is not None else None
        fitting = [mapa for mapa in offered if mapa.public_id not in barred_now(permohonan)]
        if chosen is None and len(fitting) == 1:
            chosen = fitting[0]
        data = {"formdata": None, "mapa": chosen.public_id if chosen is not None else None}
    form = MapaChoice(**data)
    form.mapa.choices = choices((mapa.public_id, _name(mapa)) for mapa in offered)
    return form


def offered_now(permohonan: Permohonan) -> list[Mapa]:
    """What may be chosen; asked once a request."""
    if "mapa_offered" not in g:
        g.mapa_offered = assessment.choosable(permohonan)
    return list(g.mapa_offered)


def barred_now(permohonan: Permohonan) -> dict[str, str]:
    """Which of them this case may not take, and why; asked once a request."""
    if "mapa_barred" not in g:
        g.mapa_barred = assessment.barred(permohonan, offered_now(permohonan))
    return dict(g.mapa_barred)


def typed_changes() -> Typed:
    return read_case_changes(request.form, template())


def _name(mapa: Mapa) -> str:
    return f"{mapa.name}, versi {mapa.version_number}"


def _small_print(mapa: Mapa, potensi: tuple[str, ...]) -> str:
    """What a MAPA asks for, under its name."""
    papers: set[str] = set()
    for unit in mapa.skema_version.units:
        papers |= papers_of_unit(mapa, unit, potensi)
    approach = template_of(mapa).approaches[mapa.approach].label
    said = f"{approach} · {', '.join(all_codes(mapa))} · {', '.join(sorted(papers))}"
    warning = jenjang_warning(mapa)
    return f"{said}. {warning}" if warning else said


def mapa_context(permohonan: Permohonan) -> dict[str, Any]:
    """For `_mapa_panel.html`."""
    plan = dossier_of(permohonan).plan
    chosen, potensi = (plan.mapa if plan is not None else None), potensi_of(plan)
    stored = plan.mapa_changes if plan is not None else {}
    labels = {kind.value: kind.label for kind in EvidenceKind}
    return {
        "plan": plan,
        "offered": [
            (mapa, _name(mapa), _small_print(mapa, potensi)) for mapa in offered_now(permohonan)
        ],
        "barred": barred_now(permohonan),
        "mapa_form": mapa_form(permohonan),
        "changes": template().changes,
        "typed": Typed(dict(stored)),
        "read": reading(chosen, potensi=potensi, case_changes=stored) if chosen else None,
        "approach": assessment.APPROACHES.get(plan.approach, "") if plan else "",
        "methods": [labels.get(kind, kind) for kind in plan.methods] if plan else [],
        "instruments": sorted(instruments_of(plan)) if plan and plan.mapa_chosen_at else [],
        "mapa_settings_url": url_for("admin.mapa_list") if g.actor.has(Role.ADMIN) else "",
        "jenjang_warning": jenjang_warning(chosen) if chosen is not None else "",
        "may_edit": assessment.is_plannable(permohonan),
    }


def mapa_of_case(actor: Actor, permohonan_id: str, mapa_id: str) -> Mapping[str, object] | None:
    """A MAPA that the plan of a case in the asesor's scope may take, as `g.mapa` beside `g.permohonan`."""
    found = visible_permohonan(actor, permohonan_id)
    if found is None:
        return None
    permohonan = cast(Permohonan, found["permohonan"])
    mapa = next(
        (each for each in assessment.choosable(permohonan) if each.public_id == mapa_id), None
    )
    return {**found, "mapa": mapa} if mapa is not None else None


@bp.get(f"{CASE}/fr-mapa/<mapa_id>")
@access(roles=(Role.ASESOR,), load=mapa_of_case)
def read_mapa(permohonan_id: str, mapa_id: str) -> ResponseReturnValue:
    """Both forms, before one of them is chosen."""
    potensi = potensi_of(dossier_of(g.permohonan).plan)
    return page(
        "asesor/mapa.html",
        permohonan=g.permohonan,
        mapa=g.mapa,
        name=_name(g.mapa),
        read=reading(g.mapa, potensi=potensi),
    )
