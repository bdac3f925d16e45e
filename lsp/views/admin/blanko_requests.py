"""Asking BNSP for blanko: a pleno's cases by jadwal, the one press, and the page of a request with its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.decision import BlankoForm
from lsp.models import Blanko, BlankoRequest, FrApl01, Registration
from lsp.models.inforce import setting
from lsp.permissions import access, writes, writes_itself
from lsp.services import blanko_numbers, blanko_requests, blanko_sheet
from lsp.services.blanko_numbers import Look
from lsp.services.blanko_requests import Group
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.pleno import any_pleno
from lsp.views.blanko_papers import any_request, paper_url
from lsp.views.blanko_reading import XLSX
from lsp.views.html import page, redirect_after_post

_GROUPS_URL = "/pleno/<pleno_id>/blangko"
_REQUEST_URL = "/permintaan-blangko/<blanko_request_id>"


# --- Asking ------------------------------------------------------------------------------------------------------


@bp.get(_GROUPS_URL)
@access(roles=ADMIN, load=any_pleno)
def blanko_groups(pleno_id: str) -> ResponseReturnValue:
    return _groups_page()


def _groups_page(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    groups = blanko_requests.groups_of(g.pleno)
    sheets = blanko_sheet.lines_of_each([(group.people, group.jadwal) for group in groups])
    return page(
        "admin/blanko/groups.html",
        status=status,
        pleno=g.pleno,
        groups=[
            (group, blanko_sheet.gaps_of(lines))
            for group, lines in zip(groups, sheets, strict=True)
        ],
        requests=blanko_requests.latest(g.actor, pleno_id=g.pleno.id),
        notice=notice,
    )


def _gaps(group: Group) -> blanko_sheet.Gaps:
    return blanko_sheet.gaps_of(blanko_sheet.lines_of(group.people, group.jadwal))


@bp.get(_GROUPS_URL + "/ajukan")
@access(roles=ADMIN, load=any_pleno)
def ask_blanko_request(pleno_id: str) -> ResponseReturnValue:
    group = blanko_requests.group_of(g.pleno, request.args.get("jadwal", ""))
    if group is None or not group.competent or g.pleno.sk_signed_at is None:
        return _groups_page(
            status=409, notice="Tidak ada blangko yang dapat diajukan untuk jadwal ini."
        )
    people, gaps = len(group.competent), _gaps(group)
    happens = [
        f"Blangko diajukan ke BNSP untuk {people} asesi kompeten, dalam satu permintaan dengan satu nomor surat.",
        f"{len(group.not_yet)} asesi belum kompeten ikut tercantum di lembarnya.",
        "Satu kiriman ke BNSP masuk Antrean. Suratnya dapat dicetak dan lembarnya dapat diunduh sesudah ini.",
    ]
    if gaps:
        happens.append("Sel yang belum terisi di lembar BNSP tetap kosong sampai dilengkapi.")
    return page(
        "confirm.html",
        title=f"Ajukan blangko untuk {people} asesi?",
        happens=happens,
        listed_title="Di lembar ini",
        listed=[
            (case.asesi_name, "Kompeten, blangko diminta" if result == "K" else "Belum kompeten")
            for case, result in group.people
        ],
        action=url_for("admin.send_blanko_request", pleno_id=pleno_id),
        label="Ajukan blangko",
        back_url=url_for("admin.blanko_groups", pleno_id=pleno_id),
        hidden={
            "jadwal": group.key,
            **{f"versi-{case.public_id}": str(case.version) for case in group.competent},
        },
    )


@bp.post(_GROUPS_URL + "/ajukan")
@access(roles=ADMIN, load=any_pleno)
@writes
def send_blanko_request(pleno_id: str) -> ResponseReturnValue:
    try:
        made = blanko_requests.send(
            g.actor, g.pleno, request.form.get("jadwal", ""), _numbered("versi-")
        )
    except DomainError as refusal:
        db.session.rollback()
        return _groups_page(status=409, notice=str(refusal))
    number, address = made.number, _address(made)
    db.session.commit()
    return redirect_after_post(address, f"Blangko diajukan dengan surat {number}.")


def _numbered(prefix: str) -> dict[str, int]:
    """Fields `versi-<id>` by id; what is no number is none of any case."""
    return {
        name.removeprefix(prefix): request.form.get(name, -1, type=int)
        for name in request.form
        if name.startswith(prefix)
    }


# --- BNSP's codes ------------------------------------------------------------------------------------------------


@bp.get("/pleno/<pleno_id>/kode-bnsp")
@access(roles=ADMIN, load=any_pleno)
def bnsp_codes(pleno_id: str) -> ResponseReturnValue:
    return _codes_page()


def _codes_page(*, status: int = 200, notice: str = "") -> ResponseReturnValue:
    codes, jadwals = _codes()
    return page(
        "admin/blanko/codes.html",
        status=status,
        pleno=g.pleno,
        codes=codes,
        jadwals=jadwals,
        kinds=blanko_sheet.KINDS,
        notice=notice,
    )


def _codes() -> tuple[list[blanko_sheet.Code], list[Any]]:
    """What the people decided in this pleno need codes for, and its jadwal."""
    jadwals = [
        group.jadwal for group in blanko_requests.groups_of(g.pleno) if group.jadwal is not None
    ]
    lines = blanko_sheet.lines_of(blanko_requests.people_decided(g.pleno), None)
    return blanko_sheet.codes_of(lines), jadwals


@bp.post("/pleno/<pleno_id>/kode-bnsp")
@access(roles=ADMIN, load=any_pleno)
@writes
def save_bnsp_codes(pleno_id: str) -> ResponseReturnValue:
    codes, jadwals = _codes()
    typed = {
        (code.kind, code.own): request.form.get(f"kode-{place}", "")
        for place, code in enumerate(codes)
        if request.form.get(f"asal-{place}") == f"{code.kind}|{code.own}"
    }
    try:
        changed = blanko_sheet.save_codes(g.actor, typed)
        for jadwal in jadwals:
            code = request.form.get(f"jadwal-{jadwal.public_id}", "")
            changed += blanko_sheet.save_jadwal_code(g.actor, jadwal, code)
    except DomainError as refusal:
        db.session.rollback()
        return _codes_page(status=422, notice=str(refusal))
    db.session.commit()
    told = f"{changed} kode tersimpan." if changed else "Belum ada kode yang Anda ubah."
    return redirect_after_post(url_for("admin.blanko_groups", pleno_id=pleno_id), told)


# --- A request ---------------------------------------------------------------------------------------------------


@bp.get(_REQUEST_URL)
@access(roles=ADMIN, load=any_request)
def blanko_request(blanko_request_id: str) -> ResponseReturnValue:
    return _request_page(g.blanko_request)


@bp.post(_REQUEST_URL + "/nomor")
@access(roles=ADMIN, load=any_request)
@writes
def save_blanko_numbers(blanko_request_id: str) -> ResponseReturnValue:
    """What is right is taken; what is wrong stays beside its row with the reason."""
    typed: dict[str, tuple[str, int]] = {}
    shown: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for key, version in _numbered("versi-").items():
        raw = request.form.get(f"nomor-{key}", "")
        if not raw.strip():
            continue
        shown[key] = raw
        form = BlankoForm(formdata=MultiDict({"blanko": raw, "version": str(version)}))
        if form.validate():
            typed[key] = (form.blanko.data or "", version)
        else:
            wrong[key] = str(form.blanko.errors[0]) if form.blanko.errors else form.first_error()
    saved = blanko_numbers.save(g.actor, g.blanko_request, typed)
    wrong |= saved.wrong
    db.session.commit()
    told = f"{len(saved.names)} nomor blangko tercatat." if saved.names else ""
    if wrong:
        fresh = _again(blanko_request_id)
        return _request_page(fresh, typed=shown, wrong=wrong, done=told, status=422)
    if not told:
        notice = "Isi dulu sedikitnya satu nomor blangko."
        return _request_page(_again(blanko_request_id), status=422, notice=notice)
    return redirect_after_post(_address(g.blanko_request), told)


@bp.post(_REQUEST_URL + "/periksa")
@access(roles=ADMIN, load=any_request)
@writes_itself
def look_at_blanko_numbers(blanko_request_id: str) -> ResponseReturnValue:
    """A sheet or pasted rows, laid over the rows of the request; nothing is written."""
    most_mb = int(setting("sheet_mb"))
    db.session.remove()  # the file is read in a child, which may have to wait for its turn
    # One letter more than is read, so that too much is seen to be too much.
    pasted = request.form.get("tempel", "")[: blanko_numbers.MOST_PASTED + 1]
    try:
        rows = _uploaded(most_mb) or blanko_numbers.read_pasted(pasted)
        if not rows:
            raise DomainError("Pilih berkas XLSX atau CSV, atau tempel baris NIK dan nomor.")
    except DomainError as refusal:
        return _request_page(
            _again(blanko_request_id), status=422, notice=str(refusal), pasted=pasted
        )
    fresh = _again(blanko_request_id)
    found = blanko_numbers.look(fresh, rows)
    return _request_page(fresh, typed=found.numbers, wrong=found.wrong, looked=found, pasted=pasted)


def _uploaded(most_mb: int) -> list[Any]:
    sent = request.files.get("lembar")
    if sent is None or not sent.filename:
        return []
    with sent.stream as stream:
        content = stream.read(most_mb * 1_000_000 + 1)
    if len(content) > most_mb * 1_000_000:
        raise DomainError(f"Berkas ini lebih besar dari {most_mb} MB. Tidak ada yang disimpan.")
    return blanko_numbers.read_file(content)


@bp.get(_REQUEST_URL + "/lembar.xlsx")
@access(roles=ADMIN, load=any_request)
def blanko_sheet_file(blanko_request_id: str) -> ResponseReturnValue:
    """Whole NIKs stand in it: each download leaves a line in the audit chain."""
    asked: BlankoRequest = g.blanko_request
    content, name = blanko_requests.sheet_of(asked), asked.number.replace("/", "-")
    begin_write()
    blanko_requests.note_sheet(g.actor, asked)
    db.session.commit()
    headers = {"Content-Disposition": f'attachment; filename="blangko-{name}.xlsx"'}
    return Response(content, headers=headers, content_type=XLSX)


def _address(asked: BlankoRequest) -> str:
    return url_for("admin.blanko_request", blanko_request_id=asked.public_id)


def _again(public_id: str) -> BlankoRequest:
    """The request as it stands after what was just written."""
    db.session.expire_all()
    found = blanko_requests.one(g.actor, public_id)
    if found is None:
        raise LookupError("a request is never deleted")
    return found


def _request_page(
    asked: BlankoRequest,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    looked: Look | None = None,
    pasted: str = "",
    done: str = "",
    status: int = 200,
    notice: str = "",
) -> ResponseReturnValue:
    ids = [row.permohonan_id for row in asked.cases]
    nik = select(FrApl01.permohonan_id, FrApl01.nik_last4).where(FrApl01.permohonan_id.in_(ids))
    given = (
        select(Registration.permohonan_id, Blanko.number)
        .join(Blanko, Blanko.id == Registration.blanko_id)
        .where(Registration.permohonan_id.in_(ids))
    )
    waiting = blanko_requests.waiting_rows(asked)
    own_pleno = blanko_requests.pleno_is_own(g.actor, asked)
    return page(
        "admin/blanko/request.html",
        status=status,
        asked=asked,
        waiting=waiting,
        rest=[row for row in asked.cases if row not in waiting],
        # Of a pleno that decided on the reader himself only this letter is his to open.
        own_pleno=own_pleno,
        papers=[
            (paper, paper_url(paper) if not own_pleno or paper.form_id == 1 else "")
            for paper in blanko_requests.papers_of(asked)
        ],
        gaps=blanko_sheet.gaps_of(blanko_requests.lines_of(asked)),
        counts=blanko_requests.counts_of(asked),
        last4={row[0]: row[1] for row in db.session.execute(nik)},
        numbers={row[0]: row[1] for row in db.session.execute(given)},
        typed=typed or {},
        wrong=wrong or {},
        looked=looked,
        most_told=blanko_numbers.MOST_TOLD,
        pasted=pasted,
        done=done,
        notice=notice,
    )
