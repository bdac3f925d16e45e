"""MAPA of a skema: what is in force, versions that are never edited, the check before one is put in force."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AssessmentPlan, Mapa, Setting
from lsp.services import mapa as mapas, mapa_sections
from lsp.services.mapa_check import gaps_of, jenjang_warning
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories
from tests.workflow.cases import make_permohonan
from tests.workflow.people import actor_of


@pytest.fixture
def skema(app):
    return factories.make_skema()


@pytest.fixture
def admin(app):
    return actor_of(factories.make_user(Role.ADMIN))


@pytest.fixture
def draft(skema):
    return factories.make_mapa(skema, draft=True)


def sentences(mapa):
    return [gap.sentence for gap in gaps_of(mapa)]


class TestInForce:
    def test_of_each_mapa_the_newest_version_of_the_day(self, skema):
        today = clock.today_wib()
        first = factories.make_mapa(skema)
        other = factories.make_mapa(skema, series=2, codes=("CL",))
        later = factories.make_mapa(
            skema, version_number=2, effective_from=today + timedelta(days=3)
        )
        factories.make_mapa(skema, series=2, version_number=2, draft=True)
        assert list(mapas.in_force(skema.id)) == [first, other]
        assert list(mapas.in_force(skema.id, today + timedelta(days=3))) == [later, other]
        assert mapas.in_force(skema.id, skema.effective_from - timedelta(days=1)) == []

    def test_the_list_says_how_each_stands(self, skema):
        factories.make_mapa(skema)
        factories.make_mapa(skema, version_number=2)
        factories.make_mapa(skema, version_number=3, draft=True)
        line = next(each for each in mapas.overview() if each.public_id == skema.public_id)
        assert [(row.version_number, row.state.label) for row in line.mapa] == [
            (2, "Berlaku"), (3, "Draf"), (1, "Diganti"),
        ]  # fmt: skip
        assert not line.lacks

    def test_an_open_skema_with_a_draft_alone_lacks_one(self, skema, draft):
        assert all(line.lacks for line in mapas.overview() if line.public_id == skema.public_id)


class TestWhatCannotBeFilled:
    @pytest.mark.parametrize(
        ("codes", "papers"),
        [
            (("CL", "PW"), "FR.IA.01"),
            (("CVP", "PW", "DIT", "CRP"), "FR.IA.04A, FR.IA.04B, FR.IA.11"),
            (("CVP", "PW", "DPT"), "FR.IA.05"),
        ],
    )
    def test_its_papers_are_named_and_the_draft_stays(self, skema, admin, codes, papers):
        mapa = factories.make_mapa(skema, codes=codes, draft=True)
        assert [gap.sentence.split(" belum dapat diisi")[0] for gap in gaps_of(mapa)] == [papers]
        with pytest.raises(DomainError, match="belum lengkap"):
            mapas.publish(admin, mapa, clock.today_wib())

    def test_interview_portfolio_oral_questions_and_third_parties_can(self, skema, admin):
        mapa = factories.make_mapa(skema, codes=("CVP", "PW", "DPL", "VPK"), draft=True)
        assert gaps_of(mapa) == []


class TestJenjang:
    def test_portofolio_below_the_jenjang_of_the_lsp_is_warned_about(self, app):
        low = factories.make_mapa(factories.make_skema(jenjang=3))
        assert "jenjang 3. Menurut Pengaturan, LSP memakai portofolio mulai jenjang 4" in (
            jenjang_warning(low)
        )
        assert jenjang_warning(factories.make_mapa(factories.make_skema(jenjang=4))) == ""
        assert (
            jenjang_warning(factories.make_mapa(factories.make_skema(jenjang=2), codes=("CL",)))
            == ""
        )

    def test_the_lsp_sets_it(self, app):
        mapa = factories.make_mapa(factories.make_skema(jenjang=3))
        db.session.add(
            Setting(
                key="portfolio_from_jenjang", value=3, label="Portofolio", doubt="",
                effective_from=clock.today_wib(),
            )
        )  # fmt: skip
        db.session.flush()
        assert jenjang_warning(mapa) == ""

    def test_it_is_no_bar(self, app, admin):
        mapa = factories.make_mapa(factories.make_skema(jenjang=1), draft=True)
        assert gaps_of(mapa) == []
        mapas.publish(admin, mapa, clock.today_wib())


class TestBeginning:
    def test_it_starts_with_what_its_approach_needs(self, skema, admin):
        made = mapas.begin(admin, skema, name="Portofolio", approach="portofolio")
        assert {tuple(row["codes"]) for row in made.matrix.values()} == {("PW", "CVP")}
        assert set(made.instrument_map["Kelompok pekerjaan 1"]) == {"FR.IA.08", "FR.IA.09"}

    def test_two_of_one_name_are_refused(self, skema, draft, admin):
        with pytest.raises(DomainError, match="sudah punya MAPA dengan nama itu"):
            mapas.begin(admin, skema, name="mapa REKAAN", approach="portofolio")

    def test_copied_from_another_skema_version_the_units_are_found_by_code(self, draft, admin):
        other = factories.make_skema(units=3)
        made = mapas.begin(admin, other, name="Salinan", approach="portofolio", source=draft)
        evidence = [made.matrix.get(str(unit.id), {}).get("evidence") for unit in other.units]
        assert evidence == ["Bukti 1", "Bukti 2", None]
        assert made.people == {}
        assert "Unit 3, Unit contoh 3: isi bukti, jenis bukti, metode dan perangkat." in sentences(
            made
        )

    def test_a_new_version_is_a_copy_whose_signatories_have_not_dated_it(self, skema, admin):
        standing = factories.make_mapa(skema)
        made = mapas.new_version(admin, standing)
        assert (made.version_number, made.matrix) == (2, standing.matrix)
        assert made.people["penyusun"][0] == {
            "name": "Penyusun Rekaan", "met": "MET.000.009901.2026", "date": "",
        }  # fmt: skip
        assert mapas.new_version(admin, standing) is made


class TestPublishing:
    def test_a_complete_one(self, draft, admin):
        assert gaps_of(draft) == []
        mapas.publish(admin, draft, clock.today_wib())
        assert list(mapas.in_force(draft.skema_version_id)) == [draft]

    def test_not_in_the_past_and_not_before_its_forerunner(self, skema, admin):
        today = clock.today_wib()
        factories.make_mapa(skema, effective_from=today + timedelta(days=5))
        draft = factories.make_mapa(skema, version_number=2, draft=True)
        with pytest.raises(DomainError, match="paling cepat hari ini"):
            mapas.publish(admin, draft, today - timedelta(days=1))
        with pytest.raises(DomainError, match="Versi sebelumnya baru berlaku"):
            mapas.publish(admin, draft, today)

    @pytest.mark.parametrize(
        ("section", "value", "sentence"),
        [
            ("choices", {}, "Asesi: belum ada yang dicentang."),
            ("matrix", {}, "Pendekatan portofolio dan wawancara memerlukan CVP dan PW"),
            ("changes", {}, "3.1 a Karakteristik Kandidat: pilih ada atau tidak ada."),
            ("changes", {"a": {"answer": "ada", "words": ""}}, "Karakteristik Kandidat: tulis isi"),
            ("instrument_map", {}, "unit memakai CVP, tetapi FR.IA.08 belum dicentang"),
            ("people", {}, "sedikitnya satu penyusun"),
            ("people", {}, "sedikitnya satu validator"),
            ("people", {}, "Manajer sertifikasi LSP: tulis namanya."),
        ],
    )
    def test_what_is_missing_is_named_and_refused(self, draft, admin, section, value, sentence):
        setattr(draft, section, value)
        db.session.flush()
        assert any(sentence in each for each in sentences(draft)), sentences(draft)
        with pytest.raises(DomainError, match="belum lengkap"):
            mapas.publish(admin, draft, clock.today_wib())

    def test_an_instrument_no_unit_asks_for(self, draft):
        group = "Kelompok pekerjaan 1"
        draft.instrument_map = {group: draft.instrument_map[group] | {"FR.IA.10": ["1"]}}
        assert sentences(draft) == [
            f"{group}: FR.IA.10 dicentang, padahal tidak ada unit yang memakai VPK."
        ]

    def test_written_questions_need_one_of_their_two_papers(self, skema):
        mapa = factories.make_mapa(skema, codes=("CVP", "PW", "DPT"), draft=True)
        assert not any("FR.IA.05 atau FR.IA.06" in each for each in sentences(mapa))
        marks = mapa.instrument_map["Kelompok pekerjaan 1"]
        mapa.instrument_map = {
            "Kelompok pekerjaan 1": {
                key: value for key, value in marks.items() if key != "FR.IA.05"
            }
        }
        assert ["FR.IA.05 atau FR.IA.06 belum" in each for each in sentences(mapa)] == [True]


class TestInUse:
    """Nothing edits or deletes a version that was put in force."""

    def test_the_services_refuse(self, skema, admin):
        standing = factories.make_mapa(skema)
        for work in (
            lambda: mapa_sections.save(admin, standing, "people", {}),
            lambda: mapas.discard(admin, standing),
            lambda: mapas.publish(admin, standing, date(2030, 1, 1)),
        ):
            with pytest.raises(DomainError, match="Buat versi barunya"):
                work()

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE mapa SET people = '{}' WHERE id = :id", "DELETE FROM mapa WHERE id = :id"],
    )
    def test_the_database_refuses_too(self, skema, statement):
        standing = factories.make_mapa(skema)
        with pytest.raises(DBAPIError, match="frozen: mapa"):
            db.session.execute(text(statement), {"id": standing.id})

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE mapa SET people = '{}' WHERE id = :id", "DELETE FROM mapa WHERE id = :id"],
    )
    def test_a_draft_may_change_and_go(self, draft, statement):
        assert db.session.execute(text(statement), {"id": draft.id}).rowcount == 1

    @pytest.mark.both
    def test_what_a_plan_names_is_not_taken_back(self, admin):
        case = make_permohonan(PermohonanStatus.PAID)
        mapa = factories.make_mapa(
            case.skema_version, series=9, effective_from=clock.today_wib() + timedelta(days=3)
        )
        factories.saved(
            AssessmentPlan(
                permohonan_id=case.id,
                attempt=9,
                mapa_id=mapa.id,
                asesor_id=admin.id,
                approach="portofolio",
            )
        )
        with pytest.raises(DomainError, match="rencana asesmen"):
            mapas.take_back(admin, mapa)
        with pytest.raises(DBAPIError, match="frozen: mapa"):
            db.session.execute(
                text("UPDATE mapa SET published_at = NULL, effective_from = NULL WHERE id = :id"),
                {"id": mapa.id},
            )

    def test_what_a_newer_version_follows_is_not_taken_back(self, skema, admin):
        coming = factories.make_mapa(skema, effective_from=clock.today_wib() + timedelta(days=3))
        mapas.new_version(admin, coming)
        with pytest.raises(DomainError, match="versi yang lebih baru"):
            mapas.take_back(admin, coming)

    def test_a_draft_is_discarded(self, draft, admin):
        mapas.discard(admin, draft)
        assert db.session.scalar(select(Mapa.id)) is None


def test_empty_fields_of_all_units_are_filled_at_once(draft):
    first, second = (str(unit.id) for unit in draft.skema_version.units)
    matrix = {first: {"evidence": "Sendiri", "types": [], "codes": ["CVP"]}}
    count = mapa_sections.fill_empty_units(
        draft, matrix, types=["TL"], codes=["PW"], evidence="Sama"
    )
    assert count == 2
    assert matrix[first] == {"evidence": "Sendiri", "types": ["TL"], "codes": ["CVP"]}
    assert matrix[second] == {"evidence": "Sama", "types": ["TL"], "codes": ["PW"]}
