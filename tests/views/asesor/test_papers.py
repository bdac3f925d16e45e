"""FR.APL.02 reviewed, FR.MAPA, FR.AK.07, FR.AK.01 and the signatures: saved singly, with and without HTMX."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lsp import clock
from lsp.database import db, write_transaction
from lsp.models import Holiday, RemotePermission, Signature, Slot, User, UserRole
from lsp.models.inforce import form_template
from lsp.services import fr_ak_07
from lsp.vocabulary import Form, MeetingKind, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.html import errors, form, links, notices, soup, words
from tests.support.meetings import make_day_off
from tests.views.asesor.conftest import typed
from tests.workflow.cases import sign
from tests.workflow.people import MAPA_ID
from tests.workflow.stage_meetings import AGREED, PART_A, PART_B

S = PermohonanStatus
REVIEW = {"can_continue": "ya", "missing_evidence": "", "note": "Lengkap."}
PLAN = {"mapa": MAPA_ID, "ubah-a": "Asesi memakai kursi roda."}
AK_07 = {
    "potential": ["3"],
    **{f"a-{key}": "tidak" for key in PART_A},
    **{f"b-{key}": "ya" for key in PART_B},
    **{f"b-{key}-note": "SKKNI 2021-1" for key in PART_B},
    **{f"agreed-{key}": text for key, text in AGREED.items()},
}
AK_01 = {"evidence": ["portofolio", "wawancara"]}
HELD = {
    "day": f"{clock.today_wib() + timedelta(days=3)}",
    "time": "09:30",
    "place": "TUK Rekaan",
    "contact": "0811 0000 0000",
}
#: Panel, its root, and what is a good form of it.
PAPERS = [
    ("/fr-apl-02", "#apl-02-panel", REVIEW),
    ("/fr-mapa", "#mapa-panel", PLAN),
    ("/fr-ak-07", "#ak-07-panel", AK_07),
    ("/pelaksanaan", "#held-panel", HELD),
    ("/fr-ak-01", "#ak-01-panel", AK_01),
]
BAD = [
    ("/fr-apl-02", {}, "Pilih dapat atau tidak"),
    ("/fr-apl-02", {"can_continue": "mungkin"}, "Pilih salah satu"),
    ("/fr-apl-02", {"can_continue": "tidak", "note": "catatan saya"}, "Sebutkan bukti yang kurang"),
    ("/fr-apl-02", {"can_continue": "ya", "note": "x" * 2001}, "Paling panjang 2000"),
    ("/fr-mapa", {"ubah-b": "Di atas kapal."}, "Pilih satu MAPA"),
    ("/fr-mapa", {"mapa": "sulap", "ubah-b": "Di atas kapal."}, "Pilih salah satu"),
    ("/fr-mapa", {"mapa": MAPA_ID, "ubah-b": "x" * 1001}, "Paling panjang 1000"),
    ("/fr-ak-07", {}, "Pilih ya atau tidak"),
    (
        "/fr-ak-07",
        {key: value for key, value in AK_07.items() if key != "potential"},
        "Centang potensi asesi",
    ),
    ("/fr-ak-07", AK_07 | {"a-bahasa": "ya"}, "Centang penyesuaian"),
    ("/fr-ak-07", AK_07 | {"a-bahasa": "ya", "a-bahasa-note": "x" * 1001}, "Paling panjang 1000"),
    ("/fr-ak-07", AK_07 | {"b-acuan-note": ""}, "Tulis keterangannya"),
    ("/fr-ak-07", AK_07 | {"agreed-methods": ""}, "Isi metode asesmen"),
    ("/pelaksanaan", {}, "Isi tanggal asesmen"),
    ("/pelaksanaan", HELD | {"contact": ""}, "Isi kontak cadangan"),
    ("/fr-ak-01", AK_01 | {"evidence": ["lainnya"]}, "Tulis bukti lainnya"),
    ("/fr-ak-01", {}, "Pilih bukti"),
    ("/fr-ak-01/tanda-tangan", {}, "Isi nama lengkap"),
]


class TestSavedSingly:
    @pytest.fixture(autouse=True)
    def _agreed(self, request):
        """FR.AK.01 is laid out once it is agreed when the assessment will be."""
        if "pre" in request.fixturenames:
            request.getfixturevalue("pre").save("/pelaksanaan", HELD)

    @pytest.mark.parametrize(("tail", "root", "data"), PAPERS)
    def test_plain(self, pre, tail, root, data):
        answer = pre.post(tail, data)
        assert (answer.status_code, answer.location) == (303, f"{pre.url(tail)}#{tail[1:]}")
        page = pre.get(tail)
        assert "tersimpan" in notices(page)[0].lower() or "siap" in notices(page)[0]
        kept = typed(page.select_one(f'{root} form[action="{pre.url(tail)}"]'))
        for name, value in data.items():
            assert kept[name] in (value, [value])

    @pytest.mark.parametrize(("tail", "root", "data"), PAPERS)
    def test_htmx_and_page_agree(self, pre, tail, root, data):
        pre.assert_htmx_equals_page(tail, root, tail, data)

    @pytest.mark.parametrize(("tail", "root", "data"), PAPERS)
    def test_sent_twice_it_stands_once(self, pre, tail, root, data):
        pre.post(tail, data)
        assert pre.post(tail, data).status_code == 303

    @pytest.mark.parametrize(("tail", "root", "data"), PAPERS)
    def test_after_the_meeting_it_is_only_read(self, desk_at, tail, root, data):
        desk = desk_at(S.READY)
        assert not desk.get(tail).select(f"{root} form")
        answer = desk.post(tail, data)
        assert answer.status_code == 409
        assert notices(soup(answer))

    def test_the_summary_of_fr_ak_07_names_each_row(self, pre):
        page = soup(pre.post("/fr-ak-07", {}))
        told = [words(each) for each in page.select("#ak-07-panel .notice li")]
        assert "Bagian A butir 1: Pilih ya atau tidak." in told
        assert len(told) == len(set(told))

    @pytest.mark.parametrize("hx", [False, True])
    @pytest.mark.parametrize(("tail", "data", "sentence"), BAD)
    def test_bad_input_is_told_and_kept(self, pre, tail, data, sentence, hx):
        if "tanda" in tail:
            pre.save("/fr-ak-01", AK_01)
        answer = pre.post(tail, data, hx=hx)
        assert answer.status_code == 422
        page = soup(answer)
        assert any(sentence in each for each in errors(page).values()), errors(page)
        drawn = typed(form(page, pre.url(tail)))
        for name, value in data.items():
            if value not in ("mungkin", "sulap"):
                assert drawn[name] in (value, [value]), name


class TestReview:
    def test_missing_evidence_is_forgotten_when_it_may_go_on(self, pre):
        pre.post("/fr-apl-02", {"can_continue": "tidak", "missing_evidence": "IBPR"})
        assert dossier_of(pre.case).reviews[-1].missing_evidence == "IBPR"
        pre.post("/fr-apl-02", REVIEW | {"missing_evidence": "IBPR"})
        db.session.expire_all()
        assert [row.missing_evidence for row in dossier_of(pre.case).reviews] == [""]

    def test_answers_and_gaps_of_every_unit_are_there(self, pre):
        panel = pre.get("/fr-apl-02").find(id="apl-02-panel")
        assert len(panel.find_all("details")) == len(pre.cast.skema.units)
        assert "Mengenali bahaya 1" in words(panel)


class TestPlan:
    def test_the_only_one_is_preset(self, pre):
        page = pre.get("/fr-mapa").find(id="mapa-panel")
        assert typed(page.form)["mapa"] in (MAPA_ID, [MAPA_ID])

    def test_portofolio_below_the_jenjang_of_the_lsp_is_warned_about_and_can_be_chosen(self, pre):
        other = factories.make_mapa(pre.cast.skema, series=2, name="Portofolio")
        warning = "LSP memakai portofolio mulai jenjang 4"
        assert warning not in words(pre.get("/fr-mapa"))
        pre.cast.skema.jenjang = 3
        db.session.commit()
        panel = pre.get("/fr-mapa").find(id="mapa-panel")
        assert words(panel.form).count(warning) == 2, "each of them is by portofolio"
        assert pre.post("/fr-mapa", PLAN | {"mapa": other.public_id}).status_code < 400
        assert warning in " ".join(words(each) for each in pre.get("/fr-mapa").select(".notice"))

    def test_one_of_several_is_read_before_it_is_chosen(self, pre):
        other = factories.make_mapa(pre.cast.skema, series=2, name="Portofolio")
        page = pre.get("/fr-mapa").find(id="mapa-panel")
        assert typed(page.form).get("mapa") in (None, [], "")
        assert "FR.IA.08, FR.IA.09" in words(page)
        whole = pre.get(f"/fr-mapa/{other.public_id}")
        assert "Peta Instrumen Asesmen" in words(whole)
        assert "Bukti 2" in words(whole)

    def test_what_a_remote_case_may_not_take_says_so_before_the_press(self, pre):
        letter = db.session.query(RemotePermission).filter_by(skema_id=pre.cast.skema.skema_id)
        letter.one().methods = ["wawancara"]
        db.session.commit()
        panel = pre.get("/fr-mapa").find(id="mapa-panel")
        option = panel.find("input", value=MAPA_ID)
        assert option.has_attr("disabled")
        assert not option.has_attr("checked")
        assert "Tidak dapat dipilih. Izin jarak jauh CONTOH/SJJ/001" in words(panel)
        answer = pre.post("/fr-mapa", PLAN)
        assert answer.status_code == 409
        assert "Asesi memakai kursi roda." in words(soup(answer))
        assert "tidak memuat metode MAPA ini: Portofolio" in notices(soup(answer))[0]

    def test_the_chosen_one_is_stored_with_its_methods_and_what_was_changed(self, pre):
        pre.save("/fr-mapa", PLAN)
        plan = dossier_of(pre.case).plan
        assert plan.mapa.public_id == MAPA_ID
        assert plan.methods == ["portofolio", "wawancara"]
        assert plan.mapa_changes == {"a": "Asesi memakai kursi roda."}
        assert "Untuk asesi ini: Asesi memakai kursi roda." in words(pre.get("/fr-mapa"))

    def test_the_origin_noted_in_fr_ak_07_is_marked_in_the_map(self, pre):
        pre.save("/fr-mapa", PLAN)
        assert "asesi ini" not in words(pre.get(f"/fr-mapa/{MAPA_ID}"))
        dossier_of(pre.case).plan.fr_ak_07 = {"potential": ["3"]}
        db.session.commit()
        heads = map(words, pre.get(f"/fr-mapa/{MAPA_ID}").find_all("th"))
        marked = [head for head in heads if "asesi ini" in head]
        assert marked == ["Potensi 3 asesi ini"]

    def test_without_one_in_force_it_says_who_mends_it(self, pre, monkeypatch):
        monkeypatch.setattr("lsp.services.mapa.in_force", lambda *_: [])
        panel = pre.get("/fr-mapa").find(id="mapa-panel")
        assert panel.form is None
        assert "belum punya MAPA yang berlaku" in words(panel)
        assert "Minta admin" in words(panel)
        assert links(panel) == {}
        assert pre.browser.get(pre.url(f"/fr-mapa/{MAPA_ID}")).status_code == 404
        with write_transaction():
            user = db.session.get_one(User, pre.browser.user.id)
            user.roles.append(UserRole(role=Role.ADMIN, granted_at=clock.now()))
        panel = pre.get("/fr-mapa").find(id="mapa-panel")
        assert links(panel)["Buka MAPA di Pengaturan"] == "/admin/pengaturan/mapa"

    def test_a_change_voids_the_signature(self, desk_at):
        desk = desk_at(S.PRE_SCHEDULED)
        page = words(desk.get("/fr-ak-01").find(id="ak-01-panel"))
        assert "belum menandatangani" not in page
        desk.post("/fr-mapa", PLAN)
        page = words(desk.get("/fr-ak-01").find(id="ak-01-panel"))
        assert page.count("belum menandatangani") == 1
        assert "Tanda tangani FR.AK.01" in page

    def test_another_mapa_asks_both_papers_anew_and_says_whose_signature_fell_off(self, desk_at):
        desk = desk_at(S.PRE_SCHEDULED)
        paper = fr_ak_07.preset(
            desk.case, dossier_of(desk.case).plan, form_template(fr_ak_07.CODE).body
        )
        plan = dossier_of(desk.case).plan
        plan.fr_ak_07 = plan.fr_ak_07 | {"agreed": paper.agreed | {"benchmark": "SKKNI sendiri"}}
        sign(desk.case, Form.FR_AK_01, desk.case.asesi, Role.ASESI)
        sign(desk.case, Form.FR_AK_01, desk.cast.asesor, Role.ASESOR)
        other = factories.make_mapa(desk.cast.skema, series=2, codes=("CVP", "PW"))
        answer = desk.post("/fr-mapa", {"mapa": other.public_id})
        page = soup(desk.browser.get(answer.location))
        said = (
            "Rencana asesmen tersimpan. Tanda tangan FR.AK.01 dari asesi dan asesor tidak berlaku "
            "lagi. Periksa dan simpan lagi FR.AK.07 dan FR.AK.01 menurut rencana ini."
        )
        assert said in words(page)
        plan = dossier_of(desk.case).plan
        assert (plan.fr_ak_07_at, plan.fr_ak_01_at) == (None, None)
        assert plan.fr_ak_07["agreed"] == {
            "benchmark": "SKKNI sendiri",
            "methods": "Portofolio, Pertanyaan wawancara",
            "instruments": "FR.IA.08, FR.IA.09",
        }
        assert "Rencana asesmen berganti" in words(desk.get("/fr-ak-07"))
        refused = desk.post("/fr-ak-01", AK_01)
        assert "simpan FR.AK.07 lagi" in words(soup(refused))
        desk.save("/fr-ak-07", AK_07)
        desk.save("/fr-ak-01", AK_01)


class TestAgreedTime:
    """What is agreed should be a time that can be had; it is said, and bars nothing."""

    def slot(self, pre, days):
        begins = clock.now().replace(microsecond=0) + timedelta(days=days)
        return factories.saved(
            Slot(
                jadwal_id=dossier_of(pre.case).booking.slot.jadwal_id, asesor_id=pre.cast.asesor.id,
                kind=MeetingKind.ASSESSMENT, starts_at=begins, ends_at=begins + timedelta(hours=2),
                capacity=1, meeting_url="https://meet.jit.si/rekaan",
            )
        )  # fmt: skip

    def test_a_day_off_a_holiday_and_no_slot_are_said(self, pre):
        when = date.fromisoformat(HELD["day"])
        factories.saved(Holiday(day=when, name="Hari Rekaan"))
        make_day_off(pre.cast.asesor, starts_on=when)
        pre.save("/pelaksanaan", HELD)
        panel = words(pre.get("/pelaksanaan").find(id="held-panel"))
        assert "Asesor tidak bertugas pada waktu yang disepakati" in panel
        assert "hari libur: Hari Rekaan" in panel
        assert "Belum ada slot asesmen yang terbuka" in panel

    def test_an_open_slot_of_his_fills_the_fields(self, pre):
        slot = self.slot(pre, 4)
        link = next(
            href
            for text, href in links(pre.get("/pelaksanaan").find(id="held-panel")).items()
            if "waktu=" in href
        )
        here = slot.starts_at.astimezone(clock.WIB)
        panel = soup(pre.browser.get(link)).find(id="held-panel")
        drawn = typed(panel.form)
        assert (drawn["day"], drawn["time"]) == (f"{here:%Y-%m-%d}", f"{here:%H:%M}")
        slot.starts_at = slot.starts_at.replace(second=0)
        db.session.commit()
        pre.save("/pelaksanaan", HELD | {"day": drawn["day"], "time": drawn["time"]})
        assert "Belum ada slot" not in words(pre.get("/pelaksanaan"))


class TestSigningFrAk01:
    @pytest.fixture
    def ready(self, pre):
        pre.save("/pelaksanaan", HELD)
        pre.save("/fr-ak-01", AK_01)
        pre.save("/catat/banding", {})
        pre.save("/catat/hak", {})
        return pre

    def test_not_before_what_it_says_was_explained(self, pre):
        pre.save("/pelaksanaan", HELD)
        pre.save("/fr-ak-01", AK_01)
        pre.save("/catat/banding", {})
        left = "kerahasiaan, keluhan, dan asesmen ulang dijelaskan"
        assert left in words(pre.get("/fr-ak-01").find(id="ak-01-panel"))
        answer = pre.post("/fr-ak-01/tanda-tangan", {"typed_name": pre.browser.user.name})
        assert answer.status_code == 409
        assert left in notices(soup(answer))[0]
        pre.save("/catat/hak", {})
        assert "Sebelum menandatangani" not in words(pre.get("/fr-ak-01"))
        pre.save("/fr-ak-01/tanda-tangan", {"typed_name": pre.browser.user.name})

    def test_by_typing_the_name(self, ready):
        name = ready.browser.user.name
        ready.assert_htmx_equals_page(
            "/fr-ak-01", "#ak-01-panel", "/fr-ak-01/tanda-tangan", {"typed_name": name.lower()}
        )
        assert dossier_of(ready.case).signature(Form.FR_AK_01, Role.ASESOR) is not None

    def test_pressed_twice_signs_once(self, ready):
        for _ in range(2):
            ready.post("/fr-ak-01/tanda-tangan", {"typed_name": ready.browser.user.name})
        rows = db.session.query(Signature).filter_by(
            permohonan_id=ready.case.id, form=Form.FR_AK_01
        )
        assert rows.count() == 1

    def test_another_name_is_refused_and_kept(self, ready):
        answer = ready.post("/fr-ak-01/tanda-tangan", {"typed_name": "Orang Lain"})
        assert answer.status_code == 409
        page = soup(answer)
        assert ready.browser.user.name in notices(page)[0]
        assert typed(form(page, ready.url("/fr-ak-01/tanda-tangan")))["typed_name"] == "Orang Lain"

    def test_not_before_the_evidence_was_chosen(self, pre):
        answer = pre.post("/fr-ak-01/tanda-tangan", {"typed_name": pre.browser.user.name})
        assert answer.status_code == 409
        assert "Pilih dulu bukti" in notices(soup(answer))[0]
