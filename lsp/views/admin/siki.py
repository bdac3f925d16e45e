"""Dari data SIKI: a dossier pasted or uploaded, shown before anything is written, then saved."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.administration import offered
from lsp.forms.intake import DossierForm, DossierIntakeForm
from lsp.models import Permohonan
from lsp.permissions import access, writes_itself
from lsp.services import id_izin as id_izins, intake, regions, siki_dossier, siki_intake
from lsp.services.siki_dossier import Dossier, DossierUnreadable
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.apl01_words import FIELD_WORDS
from lsp.views.filters import samar
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import Labelled, Mode, RequestKind
from lsp.vocabulary.dates import day_words


@bp.get("/siki")
@access(roles=ADMIN)
def siki_form() -> ResponseReturnValue:
    return _paste_page(DossierForm(formdata=None))


@bp.post("/siki")
@access(roles=ADMIN)
@writes_itself
def read_siki() -> ResponseReturnValue:
    """Show what the dossier holds. Writes nothing."""
    form = DossierForm()
    try:
        content = _pasted(form)
        dossier = siki_dossier.parse(content)
    except DossierUnreadable as refusal:
        form.dossier.errors = [str(refusal)]
        return _paste_page(form, status=422)
    return _preview(dossier, content)


@bp.post("/siki/simpan")
@access(roles=ADMIN)
@writes_itself
def save_siki() -> ResponseReturnValue:
    content = request.form.get("dossier", "")
    try:
        dossier = siki_dossier.parse(content)
    except DossierUnreadable as refusal:
        form = DossierForm(formdata=None)
        form.dossier.errors = [str(refusal)]
        return _paste_page(form, status=422)
    begin_write()
    form = _with_skema(DossierIntakeForm())
    id_izin = dossier.id_izin or id_izins.normal(form.id_izin.data or "")
    holder = intake.holder_of(id_izin) if id_izin else None
    if holder is not None:
        return _fill(dossier, content, holder)
    return _open(dossier, content, form, id_izin)


def _fill(dossier: Dossier, content: str, holder: Permohonan) -> ResponseReturnValue:
    """Into the draft that was shown; one that was not shown yet (its number was just typed) is shown first."""
    if request.form.get("untuk") != holder.public_id:
        return _preview(dossier, content, holder=holder)
    try:
        done = siki_intake.fill_draft(g.actor, holder, dossier, content)
    except DomainError as refusal:
        db.session.rollback()
        return _preview(dossier, content, notice=str(refusal), status=409)
    db.session.commit()
    kept = f" {len(done.kept)} isian asesi dibiarkan." if done.kept else ""
    return redirect_after_post(
        url_for("admin.permohonan", permohonan_id=holder.public_id),
        f"{len(done.written)} isian dan {done.rows} baris diisikan dari data SIKI.{kept}",
    )


def _open(
    dossier: Dossier, content: str, form: DossierIntakeForm, id_izin: str
) -> ResponseReturnValue:
    form.standing = {"id_izin": form.id_izin.data or ""} if dossier.id_izin else {}
    if not form.validate():
        return _preview(dossier, content, form=form, status=422)
    versions = {version.public_id: version for version in intake.open_skema_versions()}
    try:
        permohonan = siki_intake.open_draft(
            g.actor,
            dossier,
            content,
            id_izin=id_izin,
            name=form.name.data or "",
            email=form.email.data or "",
            version=versions[form.skema.data],
            kind=RequestKind(form.kind.data),
            mode=Mode(form.mode.data),
        )
    except DomainError as refusal:
        db.session.rollback()
        told = form.put_by_its_field(refusal)
        return _preview(dossier, content, form=form, notice=told, status=422)
    db.session.commit()
    return redirect_after_post(
        url_for("admin.permohonan", permohonan_id=permohonan.public_id),
        f"Draf {permohonan.asesi_name} dibuat dari data SIKI. Tautannya dikirim ke {permohonan.asesi.email}.",
    )


def _pasted(form: DossierForm) -> str:
    """The text, or the file when one was chosen. Raises DossierUnreadable."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return form.dossier.data or ""
    content = sent.stream.read(siki_dossier.MOST_BYTES + 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise DossierUnreadable(
            "Berkas ini bukan teks JSON. Simpan jawaban SIKI sebagai .json."
        ) from fault


def _with_skema(form: DossierIntakeForm) -> DossierIntakeForm:
    """Nothing is chosen by itself: the first of the list would be a guess."""
    form.skema.choices = offered(
        [
            ("", "Pilih skema"),
            *(
                (version.public_id, f"{version.title} (jenjang {version.jenjang})")
                for version in intake.open_skema_versions()
            ),
        ]
    )
    return form


def _first_form(dossier: Dossier) -> DossierIntakeForm:
    version = siki_intake.skema_for(dossier, intake.open_skema_versions())
    return DossierIntakeForm(
        formdata=None,
        id_izin=dossier.id_izin,
        name=dossier.name,
        email=dossier.email,
        skema=version.public_id if version is not None else None,
        kind=(dossier.kind or RequestKind.BARU).value,
        mode=Mode.DARING.value,
    )


def _preview(
    dossier: Dossier,
    content: str,
    *,
    holder: Permohonan | None = None,
    form: DossierIntakeForm | None = None,
    notice: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    if holder is None and dossier.id_izin:
        holder = intake.holder_of(dossier.id_izin)
    closed = siki_intake.refusal(g.actor, holder) if holder is not None else None
    draft = holder if closed is None else None
    return page(
        "admin/siki_preview.html",
        status=status,
        dossier=dossier,
        content=content,
        holder=holder,
        closed=closed,
        fields=_fields(draft, dossier),
        rows=_rows(dossier),
        doubts=siki_intake.doubts(draft, dossier) if draft is not None else [],
        form=form or _with_skema(_first_form(dossier)),
        misfit=siki_intake.misfit(dossier, intake.open_skema_versions()) if holder is None else "",
        notice_text=notice,
    )


def _fields(draft: Permohonan | None, dossier: Dossier) -> list[tuple[str, str, str, str]]:
    """(label, what SIKI says, what becomes of it, tone); the NIK by its last digits."""
    tones = {"KEPT": "wait", "NEW": "ok"}
    return [
        (_label(name), _shown(name, dossier.known.values[name]), fate.value, tones.get(fate.name, ""))
        for name, fate in siki_intake.fates(draft, dossier).items()
        if dossier.known.values[name] not in (None, "")
    ]  # fmt: skip


def _label(name: str) -> str:
    words = FIELD_WORDS[name]
    return words[0].upper() + words[1:]


def _shown(name: str, value: Any) -> str:
    if name == "nik":
        return samar(value[-4:], len(value))
    if name == "birth_date":
        return day_words(date.fromisoformat(value))
    if name == "province_code":
        return regions.province_name(value)
    if name == "city_code":
        return regions.city_name(value)
    return value.label if isinstance(value, Labelled) else str(value)


def _rows(dossier: Dossier) -> list[tuple[str, list[str]]]:
    """Lists of the form, each row in one line."""
    known = dossier.known
    return [
        ("Pendidikan", [_line(row["level"], row["school"], row["study_programme"]) for row in known.educations]),
        ("Pengalaman", [_line(row["position"], row["project"], _time(row)) for row in known.experiences]),
        ("Pelatihan", [_line(row["name"], row["organiser"], _hours(row)) for row in known.trainings]),
        ("Dokumen yang masih di SIKI (belum diunduh)", [file.label for file in known.files]),
    ]  # fmt: skip


def _line(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _time(row: dict[str, Any]) -> str:
    return f"{day_words(row['started_on'])} sampai {day_words(row['ended_on'])}"


def _hours(row: dict[str, Any]) -> str:
    return f"{row['hours']} JP" if row["hours"] else ""


def _paste_page(form: DossierForm, *, status: int = 200) -> ResponseReturnValue:
    return page("admin/siki.html", status=status, form=form, most=siki_dossier.MOST_BYTES // 1000)
