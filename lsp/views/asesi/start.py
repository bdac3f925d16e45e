"""Beginning a permohonan: the ID Izin from Portal Perizinan, the skema, kind and mode."""

from __future__ import annotations

from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.registration import SelectChoice, StartForm
from lsp.models import Permohonan, SkemaVersion, User
from lsp.permissions import writes_itself
from lsp.services import intake, throttle
from lsp.services.skema import fees_by_jenjang
from lsp.views.asesi.id_izin import ask_the_admin, own_way
from lsp.views.asesi.shared import asesi_only, bp, onward
from lsp.views.html import page
from lsp.vocabulary import Mode, RequestKind
from lsp.workflow.fitness import why_not_remote
from lsp.workflow.guards.certificate_life import FOLLOWS

KIND_HELP = {
    RequestKind.BARU: "Belum pernah punya SKK untuk jabatan kerja ini.",
    RequestKind.PERPANJANGAN: "SKK Anda akan atau sudah habis masa berlakunya.",
    RequestKind.PERUBAHAN: "Data di SKK Anda perlu dibetulkan.",
    RequestKind.FRESH_GRADUATE: "Baru lulus, pengalaman kerja belum cukup.",
}
MODE_HELP = {
    Mode.DARING: "Bertemu asesor lewat video, dari rumah atau proyek.",
    Mode.LURING: "Bertemu asesor di tempat uji.",
}
NOT_REMOTE = "Skema ini belum boleh dinilai jarak jauh. Pilih tatap muka."


@bp.get("/asesi/mulai")
@asesi_only
def begin() -> ResponseReturnValue:
    versions = intake.open_skema_versions()
    wanted = request.args.get("skema", "")
    chosen = versions[0].public_id if len(versions) == 1 else wanted
    form = StartForm(formdata=None, skema=chosen, kind=RequestKind.BARU.value, mode=Mode.DARING.value)  # fmt: skip
    return _page(form, versions)


@bp.post("/asesi/mulai")
@asesi_only
@writes_itself
def begin_permohonan() -> ResponseReturnValue:
    form, versions = StartForm(), intake.open_skema_versions()
    form.skema.choices = _choices(versions)
    if not form.validate():
        return _page(form, versions, status=422)
    throttle.count_try((throttle.ID_IZIN_ACCOUNT, str(g.actor.id)))
    begin_write()
    versions = intake.open_skema_versions()
    version = next((row for row in versions if row.public_id == form.skema.data), None)
    mode = Mode(form.mode.data)
    if version is None or (mode is Mode.DARING and _is_not_remote(version)):
        (form.mode if version is not None else form.skema).errors = [
            NOT_REMOTE if version is not None else "Pilih skema."
        ]
        return _page(form, versions, status=422)
    return _begun(form, versions, version, RequestKind(form.kind.data), mode)


def _is_not_remote(version: SkemaVersion) -> bool:
    today = clock.today_wib()
    return why_not_remote(version, today, today) is not None


def _begun(
    form: StartForm,
    versions: list[SkemaVersion],
    version: SkemaVersion,
    kind: RequestKind,
    mode: Mode,
) -> ResponseReturnValue:
    """Start it; what somebody else holds becomes a question to the admin."""
    asesi = db.session.get_one(User, g.actor.id)
    try:
        permohonan = intake.start(
            g.actor, asesi=asesi, id_izin=form.id_izin.data or "", version=version, kind=kind, mode=mode
        )  # fmt: skip
    except intake.IdIzinHeld as held:
        return _ask(form, versions, held.permohonan, version=version, kind=kind, mode=mode)
    except DomainError as refusal:
        return _refused(form, versions, refusal)
    db.session.commit()
    if kind in FOLLOWS:
        told = "Permohonan dibuat. Sebutkan dulu sertifikat lama Anda."
        return onward("previous_certificate", permohonan, told)
    return onward("permohonan", permohonan, "Permohonan dibuat. Lanjutkan dengan FR.APL.01.")


def _ask(
    form: StartForm, versions: list[SkemaVersion], holder: Permohonan, **wanted: Any
) -> ResponseReturnValue:
    try:
        return ask_the_admin(holder, **wanted)
    except DomainError as refusal:
        return _refused(form, versions, refusal)


def _refused(
    form: StartForm, versions: list[SkemaVersion], refusal: DomainError
) -> ResponseReturnValue:
    """The sentence by its field; one's own permohonan with that ID Izin is led to."""
    way = own_way(refusal)
    db.session.rollback()
    told = form.put_by_its_field(refusal)
    return _page(form, intake.open_skema_versions(), status=409, notice=told, way=way)


def _choices(versions: list[SkemaVersion]) -> list[SelectChoice]:
    return [SelectChoice(row.public_id, row.title) for row in versions]


def _page(
    form: StartForm,
    versions: list[SkemaVersion],
    *,
    status: int = 200,
    notice: str = "",
    way: tuple[str, str] | None = None,
) -> ResponseReturnValue:
    return page(
        "asesi/start.html",
        status=status,
        form=form,
        notice_text=notice,
        way=way,
        skema_list=[
            (row.public_id, row.title, f"Jenjang {row.jenjang} · {row.subklasifikasi}")
            for row in versions
        ],
        fees=fees_by_jenjang(versions),
        kinds=[(kind.value, kind.label, KIND_HELP[kind]) for kind in RequestKind],
        modes=[(mode.value, mode.label, MODE_HELP[mode]) for mode in Mode],
    )
