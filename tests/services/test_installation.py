"""What an installation holds before anybody signs in, and the commands that put it there."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select, text

from lsp import cli, crypto
from lsp.config import ROOT
from lsp.crypto import PURPOSES, KeyProblem, Keyring, KeySet
from lsp.data import FOLDER, read_json
from lsp.database import db, write_transaction
from lsp.models import (
    AsesorProfile,
    AuditHead,
    ConsentText,
    Fee,
    Holiday,
    KeyCheck,
    Lembaga,
    NumberSeries,
    OneUseLink,
    Setting,
    SkemaVersion,
    StaffProposal,
    Tuk,
    User,
)
from lsp.models.triggers import TRIGGERS
from lsp.services import accounts, installation
from lsp.services.demo.base import fictional_asesi, load_base
from lsp.services.demo_accounts import DEMO_ACCOUNTS
from lsp.services.installation import InstallationProblem
from lsp.vocabulary import ConsentKind, Role
from tests.factories import QUICK_HASH
from tests.services.raw_sql import installed_triggers

KEPT = (Setting, NumberSeries, ConsentText, Holiday, KeyCheck, AuditHead)


@pytest.fixture(autouse=True)
def _without_cases(monkeypatch):
    """The cases of the demo take many seconds and have a test of their own (test_demo.py)."""
    monkeypatch.setattr("lsp.services.demo.cases.load_cases", lambda: None)


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def setting(key):
    return db.session.scalars(select(Setting).where(Setting.key == key)).one()


def test_every_setting_is_read_somewhere():
    """A setting that nothing reads would promise the LSP a choice it does not have."""
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "lsp").rglob("*.py"))
    for row in read_json("defaults/settings.json"):
        assert re.search(rf"""(setting\(|due_after\(|_KEY = )["']{row["key"]}["']""", code), row[
            "key"
        ]


@pytest.mark.both
class TestPrepareDatabase:
    def test_again_adds_nothing(self, app):
        before = [count(model) for model in KEPT]
        assert all(before)
        installation.prepare_database()
        assert [count(model) for model in KEPT] == before
        assert installed_triggers(db.session.connection()) == {each.name for each in TRIGGERS}

    def test_what_the_lsp_changed_stays(self, app):
        setting("pleno_quorum").value = 5
        db.session.delete(setting("min_age"))
        db.session.commit()
        installation.prepare_database()
        db.session.commit()
        assert setting("pleno_quorum").value == 5
        assert setting("min_age").value == 17

    def test_a_chain_without_its_head_gets_no_new_one(self, app):
        with write_transaction():
            installation.add_first(Role.ADMIN, email="a@lsp.example")
        for trigger in ("audit_head_no_delete",):
            table = " ON audit_head" if db.engine.dialect.name == "postgresql" else ""
            db.session.execute(text(f"DROP TRIGGER {trigger}{table}"))
        db.session.execute(text("DELETE FROM audit_head"))
        db.session.expire_all()
        installation.prepare_database()
        assert count(AuditHead) == 0


class TestDefaults:
    def test_every_consent_has_a_text(self, app):
        rows = db.session.scalars(select(ConsentText)).all()
        assert {row.kind for row in rows} == set(ConsentKind)
        processing = next(row for row in rows if row.kind is ConsentKind.DATA_PROCESSING)
        for receiver in ("LPJK", "BNSP", "Kementerian Pekerjaan Umum"):
            assert receiver in processing.body
        assert all(row.title and not row.body.startswith(row.title) for row in rows)

    def test_patterns_print_the_numbers_of_the_forms(self, app):
        series = {row.code: row for row in db.session.scalars(select(NumberSeries))}
        fields = {"kbli": "71102", "kbji": "2142", "jenjang": 4, "licence": "0000"}
        assert series["certificate"].pattern.format(serial=123, year=2026, **fields) == (
            "71102 2142 4 00000123 2026"
        )
        assert series["lsp_registration"].pattern.format(serial=1, year=2026, **fields) == (
            "F 0000 00001 2026"
        )
        assert {code for code, row in series.items() if row.scope == "life"} == {"certificate"}

    def test_fixed_holidays_of_six_years(self, app):
        days = set(db.session.scalars(select(Holiday.day)))
        assert len(days) == 30
        assert {date(2026, 8, 17), date(2031, 12, 25)} <= days

    def test_a_setting_says_what_is_not_confirmed(self, app):
        assert "1 hari" in setting("appeal_working_days").doubt
        assert all(row.label for row in db.session.scalars(select(Setting)))

    def test_the_notice_names_the_licence_of_the_regions(self):
        notice = (FOLDER / "NOTICE").read_text(encoding="utf-8")
        assert "idn-area-data 3.1.2" in notice
        assert "Open Database License" in notice


def ring(**changes):
    keys = {purpose: {1: bytes([number]) * 32} for number, purpose in enumerate(PURPOSES, 1)}
    return Keyring({name: KeySet(name, value) for name, value in (keys | changes).items()})


@pytest.fixture
def keyring():
    """Puts the process's keyring back after a test has exchanged it."""
    before = crypto.keyring()
    yield crypto.install
    crypto.install(before)


class TestCheckKeys:
    def test_another_key_under_a_known_number_stops(self, app, keyring):
        keyring(ring(personal={1: b"x" * 32}))
        with pytest.raises(KeyProblem, match=r"Kunci nomor 1 di LSP_KEY_PERSONAL bukan kunci"):
            installation.prepare_database()

    def test_a_key_taken_away_stops(self, app, keyring):
        keyring(ring(index={2: b"y" * 32}))
        with pytest.raises(KeyProblem, match=r"Kunci nomor 1 di LSP_KEY_INDEX tidak ada lagi"):
            installation.prepare_database()

    def test_a_further_key_is_remembered(self, app, keyring):
        keyring(ring(personal={1: bytes([1]) * 32, 2: b"z" * 32}))
        installation.check_keys()
        assert db.session.get(KeyCheck, ("personal", 2)) is not None


class TestFirstPeople:
    def test_one_of_each_and_no_second(self, app):
        assert installation.missing_first_roles() == [Role.ADMIN, Role.KETUA]
        installation.add_first(Role.ADMIN, email=" Ani@LSP.example ", name="Ani")
        assert installation.missing_first_roles() == [Role.KETUA]
        with pytest.raises(InstallationProblem, match="sudah ada"):
            installation.add_first(Role.ADMIN, email="b@lsp.example")

    def test_admin_and_ketua_are_two_people(self, app):
        installation.add_first(Role.ADMIN, email="ani@lsp.example")
        with pytest.raises(InstallationProblem, match="dua orang yang berbeda"):
            installation.add_first(Role.KETUA, email="ANI@lsp.example")

    def test_names_that_no_certificate_can_print_are_refused(self, app):
        with pytest.raises(InstallationProblem, match="Nama memuat huruf"):
            installation.add_first(Role.KETUA, email="ani@lsp.example", name="李伟")
        with pytest.raises(InstallationProblem, match="Nama LSP memuat huruf"):
            installation.add_lembaga("LSP 😀")

    def test_an_address_that_is_none(self, app):
        with pytest.raises(InstallationProblem, match="bukan alamat e-mail"):
            installation.add_first(Role.ADMIN, email="ani")

    def test_a_link_that_still_holds_is_not_replaced(self, app):
        installation.add_first(Role.ADMIN, email="ani@lsp.example")
        assert len(installation.renew_invitations()) == 1
        assert installation.renew_invitations() == []
        db.session.scalars(select(OneUseLink)).one().expires_at = accounts.clock.now()
        assert len(installation.renew_invitations()) == 1


class TestDemoBase:
    @pytest.fixture(autouse=True)
    def _loaded(self, app):
        with write_transaction():
            load_base(QUICK_HASH)

    def test_every_account_with_its_roles_and_a_name(self):
        people = {user.email.split("@")[0]: user for user in db.session.scalars(select(User))}
        for account in DEMO_ACCOUNTS:
            user = people[account.name]
            assert {held.role for held in user.roles} == set(account.roles)
        assert {f"asesi{number}" for number in range(1, 21)} <= set(people)
        assert all(user.name and user.verified_at for user in people.values())
        assert people["asesi1"].name == fictional_asesi()[0]["nama"]
        assert installation.holds_demo_accounts()

    def test_one_skema_open_and_one_that_says_why_not(self):
        skema = {row.title: row for row in db.session.scalars(select(SkemaVersion))}
        sample = skema.pop("Petugas K3 (skema contoh)")
        assert sample.opened_at is not None
        assert sample.note == "contoh, bukan skema resmi"
        (other,) = skema.values()
        assert other.opened_at is None
        assert "belum dapat dibuka" in other.incomplete_reason

    def test_lsp_asesor_tuk_and_fees(self):
        lembaga = db.session.scalars(select(Lembaga)).one()
        assert lembaga.is_sample
        assert lembaga.licence_serial == "0000"
        assert all(row.scope == ["MP01"] for row in db.session.scalars(select(AsesorProfile)))
        assert db.session.scalars(select(Tuk)).one().verified_on is not None
        assert count(Fee) == 16

    def test_not_upon_something_else(self):
        with pytest.raises(InstallationProblem, match="masih kosong"):
            load_base(QUICK_HASH)


@pytest.fixture
def run(app, monkeypatch):
    """run("prepare", "--empty"): the result of `flask lsp …`; tables stand already, so nothing is migrated."""
    monkeypatch.setattr(cli, "migrate_database", lambda: None)
    monkeypatch.setattr(accounts, "hash_password", lambda _password: QUICK_HASH)
    for name in (
        "LSP_ADMIN_EMAIL",
        "LSP_KETUA_EMAIL",
        "LSP_ADMIN_NAME",
        "LSP_KETUA_NAME",
        "LSP_NAME",
    ):
        monkeypatch.delenv(name, raising=False)

    def invoke(*words, **options):
        result = app.test_cli_runner().invoke(args=["lsp", *words], **options)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        db.session.rollback()
        return result

    return invoke


@pytest.fixture
def production(app):
    app.config["LSP"] = replace(app.config["LSP"], production=True)


def demo_mark(app):
    return app.config["LSP"].data_folder / cli.DEMO_MARK


class TestPrepareCommand:
    def test_the_first_run_makes_a_demo_and_prints_its_accounts(self, app, run):
        result = run("prepare")
        assert result.exit_code == 0
        assert demo_mark(app).exists()
        assert "asesi9@demo.example" in result.output
        assert "portal-demo-2026" in result.output
        people = count(User)
        assert "ketua@demo.example" in run("prepare").output
        assert count(User) == people

    def test_empty_with_addresses_prints_two_links_once(self, app, run, monkeypatch):
        monkeypatch.setenv("LSP_ADMIN_EMAIL", "ani@lsp.example")
        monkeypatch.setenv("LSP_KETUA_EMAIL", "budi@lsp.example")
        result = run("prepare", "--empty")
        links = [line.strip() for line in result.output.splitlines() if "/tautan/" in line]
        assert len(links) == 2
        assert accounts.read_link(links[0].rsplit("/", 1)[1]).user.email == "ani@lsp.example"
        assert not demo_mark(app).exists()
        assert db.session.scalars(select(Lembaga)).one().name == installation.UNNAMED_LSP
        assert "/tautan/" not in run("prepare").output
        assert count(User) == 2

    def test_empty_without_a_terminal_asks_nothing(self, run):
        result = run("prepare", "--empty", input="ani@lsp.example\n")
        assert result.exit_code == 0
        assert "Belum ada Admin LSP" in result.output
        assert count(User) == 0

    def test_an_empty_start_stays_empty(self, app, run):
        run("prepare", "--empty", "--no-input")
        run("prepare")
        assert count(User) == 0
        assert not demo_mark(app).exists()

    def test_on_a_terminal_it_asks(self, app, monkeypatch):
        answers = iter(["ani@lsp.example", "Ani", "budi@lsp.example", "Budi"])
        monkeypatch.setattr(cli.click, "prompt", lambda *_words, **_options: next(answers))
        cli._prepare_own_installation(app.config["LSP"], may_ask=True)
        assert {user.name for user in db.session.scalars(select(User))} == {"Ani", "Budi"}

    def test_a_wrong_key_stops_with_one_sentence(self, run, keyring):
        keyring(ring(files={1: b"x" * 32}))
        result = run("prepare")
        assert result.exit_code == 1
        assert "LSP_KEY_FILES" in result.output
        assert "Traceback" not in result.output

    @pytest.mark.usefixtures("production")
    def test_production_never_loads_a_demo(self, app, run):
        assert run("prepare").exit_code == 0
        assert not demo_mark(app).exists()
        refused = run("demo")
        assert refused.exit_code == 1
        assert "produksi" in refused.output

    def test_production_refuses_a_database_with_demo_accounts(self, app, run):
        run("prepare")
        app.config["LSP"] = replace(app.config["LSP"], production=True)
        result = run("prepare", "--no-demo")
        assert result.exit_code == 1
        assert "akun demo" in result.output

    def test_a_demo_that_could_not_be_loaded_leaves_no_mark(self, app, run, monkeypatch):
        def full(_hash):
            raise OSError("disk full")

        monkeypatch.setattr("lsp.services.demo.base.load_base", full)
        with pytest.raises(OSError, match="disk full"):
            run("prepare")
        assert not demo_mark(app).exists()


class TestOtherCommands:
    def test_demo_only_into_an_empty_database(self, run):
        assert run("demo").exit_code == 0
        second = run("demo")
        assert second.exit_code == 1
        assert "masih kosong" in second.output

    def test_staff_is_proposed_not_made(self, run):
        run("demo")
        words = (
            "create-staff",
            "tono@lsp.example",
            "Tono",
            "asesor",
            "--reason",
            "asesor baru",
            "--as",
        )
        assert run(*words, "admin@demo.example").exit_code == 0
        assert db.session.scalars(select(StaffProposal)).one().role is Role.ASESOR
        assert accounts.find_by_email("tono@lsp.example") is None
        assert "bukan admin" in run(*words, "asesor1@demo.example").output
        assert "Tidak ada akun" in run(*words, "x@demo.example").output

    def test_import_skema_says_what_is_missing(self, run, tmp_path):
        slug = "personil-keselamatan-dan-kesehatan-kerja"
        header = str(FOLDER / "schemes" / f"{slug}.header.json")
        result = run("import-skema", str(FOLDER / "schemes" / f"{slug}.json"), "--header", header)
        assert result.exit_code == 0
        assert "6 dari 13 unit" in result.output
        broken = tmp_path / "broken.json"
        broken.write_text("{")
        assert "tidak terbaca" in run("import-skema", str(broken), "--header", header).output
        broken.write_text(json.dumps({"units": []}))
        refused = run("import-skema", str(broken), "--header", header)
        assert refused.exit_code == 1
        assert "'complete'" in refused.output

    def test_import_skema_opens_when_asked(self, run):
        source = FOLDER / "schemes" / "petugas-k3-lsp-p1"
        assert (
            run(
                "import-skema", f"{source}.json", "--header", f"{source}.header.json", "--open"
            ).exit_code
            == 0
        )
        assert db.session.scalars(select(SkemaVersion)).one().opened_at is not None
