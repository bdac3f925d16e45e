"""`flask lsp …`: what is done to an installation from a shell. What operators read is Indonesian.

Every command that writes does so in one `write_transaction()`; nobody is asked anything while it is open.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from lsp.actor import Actor
from lsp.config import ROOT, Config
from lsp.crypto import KeyProblem
from lsp.database import DatabaseBusy, db, write_transaction
from lsp.errors import DomainError
from lsp.gateways import signer
from lsp.gateways.files import StoreUnavailable
from lsp.models import AuditHead, User
from lsp.services import accounts, audit, file_keeping, installation, ministries, skema_import
from lsp.services.demo_accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from lsp.vocabulary import STAFF_ROLES, LinkPurpose, Role

#: Its presence in the data folder makes the next start a demo (lsp/config.py).
DEMO_MARK = "demo"
_FIRST_EMAIL = {Role.ADMIN: "LSP_ADMIN_EMAIL", Role.KETUA: "LSP_KETUA_EMAIL"}
_FIRST_NAME = {Role.ADMIN: "LSP_ADMIN_NAME", Role.KETUA: "LSP_KETUA_NAME"}

lsp_commands = AppGroup("lsp", help="Perintah untuk pengelola portal.")


class Refused(click.ClickException):
    """A sentence for the operator, without click's English prefix; the exit code is 1."""

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


@contextmanager
def _refusals() -> Iterator[None]:
    """Sentences of our own errors go to the operator; anything else keeps its traceback."""
    try:
        yield
    except (DomainError, KeyProblem) as problem:
        raise Refused(str(problem)) from problem
    except DatabaseBusy as problem:
        raise Refused(
            "Basis data sedang ditulis proses lain. Coba lagi sebentar lagi."
        ) from problem


@lsp_commands.command("prepare", help="Siapkan basis data: migrasi, nilai awal, dan akun pertama.")
@click.option("--empty", is_flag=True, help="Mulai tanpa data demo.")
@click.option(
    "--no-demo", is_flag=True, help="Jangan pernah memuat data demo (dipakai server produksi)."
)
@click.option("--no-input", is_flag=True, help="Jangan bertanya apa pun.")
def prepare(*, empty: bool, no_demo: bool, no_input: bool) -> None:
    """Run before the web process starts: whether an installation is a demo is read from its folder at the start."""
    config = _config()
    migrate_database()
    with _refusals():
        with write_transaction():
            fresh = installation.is_fresh()
            installation.prepare_database()
            if config.production and installation.holds_demo_accounts():
                raise Refused(
                    "Basis data ini berisi akun demo dengan kata sandi yang diketahui umum. Portal tidak dijalankan. "
                    "Pakai basis data dan LSP_DATA yang kosong."
                )
            _check_store()
        if fault := signer.fault():
            click.echo(fault, err=True)
        if fresh and not (empty or no_demo or config.production):
            load_demo(config)
        if installation.holds_demo_accounts():
            _show_demo_accounts(config, asked_for_empty=empty)
        else:
            _prepare_own_installation(
                config, may_ask=not (no_demo or no_input) and sys.stdin.isatty()
            )


@lsp_commands.command("demo", help="Muat data demo ke basis data yang masih kosong.")
def demo() -> None:
    config = _config()
    if config.production:
        raise Refused("Data demo tidak dapat dimuat dalam mode produksi.")
    with _refusals():
        with write_transaction():
            if not installation.is_fresh():
                raise Refused("Data demo hanya dimuat ke basis data yang masih kosong.")
            installation.prepare_database()
        load_demo(config)
    _show_demo_accounts(config, asked_for_empty=False)


@lsp_commands.command(
    "create-staff", help="Usulkan akun petugas; ketua yang menyetujuinya di portal."
)
@click.argument("email")
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in STAFF_ROLES]))
@click.option("--as", "proposer", required=True, metavar="EMAIL", help="Admin yang mengusulkan.")
@click.option("--reason", required=True, help="Alasan usulan, dibaca ketua.")
def create_staff(*, email: str, name: str, role: str, proposer: str, reason: str) -> None:
    wanted = next(each for each in STAFF_ROLES if each.value == role)
    with _refusals(), write_transaction():
        actor = _admin(proposer)
        accounts.propose_staff(actor, email=email, name=name, role=wanted, reason=reason)
    click.echo(
        f"Usulan tercatat: {name} sebagai {wanted.label}. Akun dibuat setelah ketua menyetujuinya."
    )


@lsp_commands.command("import-skema", help="Masukkan skema dari FILE sebagai versi baru.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--header",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Berkas JSON berisi nomor, judul, klasifikasi, jenjang, KBLI, KBJI.",
)
@click.option("--open", "open_it", is_flag=True, help="Langsung buka untuk pendaftaran.")
def import_skema(*, file: Path, header: Path, open_it: bool) -> None:
    with _refusals():
        data, head = _read_json(file), skema_import.SkemaHeader.from_dict(_read_json(header))
        with write_transaction():
            version = skema_import.import_skema(data, head)
            if open_it:
                skema_import.open_skema(version)
            text = f"Skema {head.number} versi {version.version_number} masuk: {len(version.units)} unit."
            reason = version.incomplete_reason
    click.echo(text)
    for sentence in (*skema_import.import_warnings(data), reason):
        if sentence:
            click.echo(sentence)


@lsp_commands.command(
    "load-ministries",
    help="Muat daftar kementerian dan pemerintah daerah dari FILE CSV (kolom nama,kode); ganti daftar lama.",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_ministries(*, file: Path) -> None:
    with _refusals():
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
        with write_transaction():
            standing, gone = ministries.load(rows)
    click.echo(f"Daftar termuat: {standing} nama. Tidak ditawarkan lagi: {gone}.")


@lsp_commands.command(
    "verify-audit", help="Periksa rantai audit: 0 utuh, 1 diubah, 2 tidak terbaca."
)
@click.pass_context
def verify_audit(context: click.Context) -> None:
    try:
        fault = audit.first_fault()
        head = db.session.get(AuditHead, 1)
        if fault is None and head is None:
            fault = (1, "head missing")
        length = head.seq if head else 0
    except SQLAlchemyError as problem:
        click.echo(f"Catatan audit tidak dapat dibaca: {type(problem).__name__}.", err=True)
        context.exit(2)
    if fault is None:
        click.echo(f"Rantai audit utuh: {length} catatan.")
        return
    number, what = fault
    words = {"missing": "hilang", "changed": "diubah", "cut off": "terpotong di akhir"}
    click.echo(
        f"Rantai audit rusak pada catatan {number}: {words.get(what, 'kepala rantai hilang')}.",
        err=True,
    )
    context.exit(1)


@lsp_commands.command("docs", help="Tulis ulang tabel alur di docs/workflow.md.")
def docs() -> None:
    from lsp.workflow.docs import write_workflow_doc

    changed = write_workflow_doc(ROOT / "docs" / "workflow.md")
    click.echo("docs/workflow.md diperbarui." if changed else "docs/workflow.md sudah sesuai.")


def migrate_database() -> None:
    """Bring the tables to the newest revision; nothing to do on most starts."""
    import flask_migrate  # the web process imports this module too and never migrates

    folder = str(ROOT / "migrations")
    try:
        _refuse_newer(folder)
        flask_migrate.upgrade(directory=folder)
    except OperationalError as problem:
        raise Refused(
            "Basis data tidak dapat dibuka atau ditulis. Periksa apakah disknya penuh atau hanya dapat dibaca, dan "
            f"apakah DATABASE_URL benar. Katanya: {_first_line(problem)}"
        ) from problem
    except DatabaseError as problem:
        raise Refused(
            "Basis data rusak atau bukan basis data. Portal tidak dijalankan. Kembalikan dari cadangan. "
            f"Katanya: {_first_line(problem)}"
        ) from problem


def _refuse_newer(folder: str) -> None:
    """An older version of the portal must not write into tables it does not know."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with db.engine.connect() as connection:
        found = set(MigrationContext.configure(connection).get_current_heads())
    if found - {script.revision for script in ScriptDirectory(folder).walk_revisions()}:
        raise Refused(
            "Basis data ini ditulis oleh versi portal yang lebih baru. Jalankan versi itu, atau kembalikan cadangan "
            "dari sebelum pembaruan."
        )


def _first_line(problem: DatabaseError) -> str:
    return str(problem.orig).splitlines()[0] if str(problem.orig) else type(problem.orig).__name__


def _check_store() -> None:
    try:
        file_keeping.check_store()
    except StoreUnavailable as problem:
        # Pages without files still help people, and nothing is deleted meanwhile.
        click.echo(f"Penyimpanan berkas belum menjawab: {problem}", err=True)


def load_demo(config: Config) -> None:
    """Fill an empty database with the fictional LSP and mark the data folder as a demo."""
    # Here, not above: the web process imports this module too and never loads a demo.
    from lsp.services.demo.base import load_base
    from lsp.services.demo.cases import load_cases

    click.echo("Memuat data demo …")
    password_hash = accounts.hash_password(DEMO_PASSWORD)
    # The mark first: known passwords must never stand in an installation that does not say it is a demo.
    mark = config.data_folder / DEMO_MARK
    mark.touch(mode=0o600)
    try:
        with write_transaction():
            load_base(password_hash)
        load_cases()
    except BaseException:
        mark.unlink(missing_ok=True)
        raise


def _config() -> Config:
    config: Config = current_app.config["LSP"]
    return config


def _show_demo_accounts(config: Config, *, asked_for_empty: bool) -> None:
    if asked_for_empty:
        click.echo(
            "Basis data ini sudah berisi data demo, jadi --empty tidak berlaku. "
            "Untuk memulai kosong, pilih folder lain dengan LSP_DATA."
        )
    click.echo("\nAkun demo (semua orang di sini rekaan)\n")
    for account in DEMO_ACCOUNTS:
        click.echo(f"  {account.name + installation.DEMO_DOMAIN:<26} {account.what}")
    click.echo(f"\n  Kata sandi semua akun: {DEMO_PASSWORD}")
    click.echo(f"  Halaman masuk: {config.base_url}/masuk\n")


def _prepare_own_installation(config: Config, *, may_ask: bool) -> None:
    """The LSP's first row, first admin and first ketua. Questions come before the write transaction."""
    found = {
        role: (os.environ.get(_FIRST_EMAIL[role], ""), os.environ.get(_FIRST_NAME[role], ""))
        for role in installation.missing_first_roles()
    }
    if may_ask:
        found = {role: given if given[0] else _ask_for(role) for role, given in found.items()}
    with write_transaction():
        installation.add_lembaga(os.environ.get("LSP_NAME", ""), os.environ.get("LSP_LICENCE", ""))
        for role, (email, name) in found.items():
            if email:
                installation.add_first(role, email=email, name=name)
        links = [(user.name, user.email, token) for user, token in installation.renew_invitations()]
    hours = accounts.LINK_LIFE[LinkPurpose.INVITE] // timedelta(hours=1)
    for name, email, token in links:
        click.echo(f"\nTautan sekali pakai untuk {name} ({email}), berlaku {hours} jam:")
        click.echo(f"  {config.base_url}/tautan/{token}")
    for role, (email, _) in found.items():
        if not email:
            click.echo(
                f"Belum ada {role.label}. Isi {_FIRST_EMAIL[role]}, lalu jalankan lagi.", err=True
            )


def _ask_for(role: Role) -> tuple[str, str]:
    email = click.prompt(f"Alamat e-mail {role.label} pertama", type=str)
    name = click.prompt(f"Nama lengkap {role.label}", type=str)
    return str(email), str(name)


def _admin(email: str) -> Actor:
    user: User | None = accounts.find_by_email(email)
    if user is None or user.disabled_at is not None:
        raise Refused(f"Tidak ada akun {email} yang aktif.")
    roles = frozenset(held.role for held in user.roles)
    if Role.ADMIN not in roles:
        raise Refused(f"{user.name} bukan admin. Hanya admin yang mengusulkan akun petugas.")
    return Actor(id=user.id, name=user.name, roles=roles, email=user.email)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as problem:
        raise Refused(f"{path.name} tidak terbaca sebagai JSON: {problem}") from problem
    if not isinstance(content, dict):
        raise Refused(f"{path.name} harus berisi satu objek JSON.")
    return content
