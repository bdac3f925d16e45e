"""Pengaturan, MUK: the list, a draft with its rows; two tabs do not overwrite each other."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp.database import db
from lsp.models import AuditEvent
from lsp.services.audit_objects import OBJECTS
from lsp.services.audit_words import ACTIONS, DETAILS
from lsp.vocabulary import InstrumentPaper, ItemKind
from tests import factories
from tests.html import errors, filled, form, links, notices, soup, words
from tests.support.assessment import make_instrument
from tests.support.muk import LIST, PEOPLE, opened, stored, texts, url
from tests.test_pages import count_queries

P = InstrumentPaper


class TestList:
    def test_what_the_mapa_asks_for_in_vain_is_said_first(self, admin, skema):
        factories.make_mapa(skema, codes=("CVP", "PW", "DPL"))
        make_instrument(skema, P.VPK)
        make_instrument(skema, P.PW, kelompok="Kelompok pekerjaan 1")
        db.session.commit()
        assert "1 belum berisi" in words(soup(admin.get(LIST)))
        page = soup(admin.get(f"{LIST}/skema/{skema.public_id}"))
        assert "FR.IA.07 untuk Kelompok pekerjaan 1 diminta MAPA" in notices(page)[0]
        rows = [words(row) for row in page.select("main .list > li")]
        assert [row.split()[0] for row in rows] == ["FR.IA.07", "FR.IA.09", "FR.IA.10"]
        assert "Versi 1 berlaku sejak" in rows[1]
        assert "1 baris" in rows[1]

    def test_without_fr_ia_09_it_is_a_hint(self, admin, skema):
        factories.make_mapa(skema)
        page = soup(admin.get(f"{LIST}/skema/{skema.public_id}"))
        assert "pertanyaannya dibuat dari daftar FR.IA.08" in notices(page)[0]
        assert "FR.IA.08 untuk" not in words(page)
        assert "belum berisi" not in words(soup(admin.get(LIST)))

    def test_they_ask_as_much_for_many_as_for_one(self, admin, skema):
        factories.make_mapa(skema)
        make_instrument(skema)
        db.session.commit()
        mine = f"{LIST}/skema/{skema.public_id}"
        few = [count_queries(lambda at=at: admin.get(at)) for at in (LIST, mine)]
        for paper in (P.DPL, P.VPK, P.CRP):
            make_instrument(skema, paper, questions=tuple(f"Baris {n}?" for n in range(30)))
            other = factories.make_skema(units=6)
            factories.make_mapa(other)
            make_instrument(other, paper)
        db.session.commit()
        assert [count_queries(lambda at=at: admin.get(at)) for at in (LIST, mine)] == few
        assert max(few) <= 10

    def test_the_settings_lead_there(self, admin, skema):
        assert LIST in links(soup(admin.get("/admin/pengaturan"))).values()


class TestBeginning:
    def send(self, admin, skema, **typed):
        data = {"paper": "FR.IA.07", "kelompok": "", "start": "kosong", **typed}
        return admin.post(f"{LIST}/skema/{skema.public_id}/baru", data=data)

    def test_an_empty_draft_says_what_is_missing_and_stands_once(self, admin, skema):
        first, second = (self.send(admin, skema).location for _ in range(2))
        assert first == second
        assert "Belum ada baris isi" in words(soup(admin.get(first)))

    def test_a_copy_of_what_is_in_force(self, admin, skema):
        make_instrument(skema, P.DPL, people=PEOPLE)
        db.session.commit()
        page = soup(admin.get(self.send(admin, skema, start="salin").location))
        assert "Bagaimana Anda mengenali bahaya" in words(page)
        assert "Isi sedikitnya satu penyusun" in words(page), "nobody has dated the new version"

    def test_fr_ia_08_is_not_offered_and_a_foreign_kelompok_refused(self, admin, skema):
        page = soup(admin.get(f"{LIST}/skema/{skema.public_id}/baru"))
        assert "FR.IA.08" not in [each["value"] for each in page.select("#paper option")]
        assert self.send(admin, skema, paper="FR.IA.08").status_code == 422
        answer = self.send(admin, skema, kelompok="Kelompok entah")
        assert answer.status_code == 422
        assert "tidak ada di skema ini" in errors(soup(answer))["kelompok"]


class TestRows:
    def test_one_is_added_where_the_last_was_and_sent_twice_stands_once(self, admin, draft):
        unit = draft.skema_version.units[0]
        address = url(draft, "/baris/baru")
        kuk = unit.elements[0].kuk_list[0]
        sent = {"about": f"k{kuk.id}", "text": "Kapan izin kerja dipakai?", "key": "Saat berisiko."}
        for _ in range(2):
            assert admin.post(address, data={**sent, "step": "lagi"}).location == address
        row = stored(draft).items[-1]
        assert (len(stored(draft).items), row.kind) == (3, ItemKind.QUESTION)
        assert (row.unit_id, row.elemen_id, row.kuk_id) == (unit.id, unit.elements[0].id, kuk.id)
        page = soup(admin.get(address))
        assert page.select_one("#about option[selected]")["value"] == f"k{kuk.id}"

    def test_bad_input_is_told_and_kept(self, admin, draft):
        address = url(draft, "/baris/baru")
        answer = admin.post(address, data={"about": "k999999", "text": "", "key": "Kunci saya"})
        assert answer.status_code == 422
        page = soup(answer)
        assert set(errors(page)) == {"about", "text"}
        assert filled(form(page, address))["key"].strip() == "Kunci saya"

    def test_it_is_changed_and_the_other_tab_is_not_overwritten_unseen(self, admin, draft):
        address = url(draft, f"/baris/{draft.items[0].id}")
        mine = opened(admin, address) | {"text": "Tab pertama?"}
        admin.post(address, data=opened(admin, address) | {"text": "Tab kedua?"})
        answer = admin.post(address, data=mine)
        assert answer.status_code == 409
        again = filled(form(soup(answer), address))
        assert again["text"].strip() == "Tab pertama?"
        assert texts(draft)[0] == "Tab kedua?"
        assert admin.post(address, data=again).status_code == 303
        assert texts(draft)[0] == "Tab pertama?"

    def test_deleted_in_another_tab_what_was_typed_is_offered_as_a_new_row(self, admin, draft):
        address = url(draft, f"/baris/{draft.items[0].id}")
        mine = opened(admin, address) | {"text": "Masih saya perlukan?"}
        self.step(admin, draft, f"hapus-{draft.items[0].id}")
        answer = admin.post(address, data=mine)
        assert answer.status_code == 409
        anew = filled(form(soup(answer), url(draft, "/baris/baru")))
        assert admin.post(url(draft, "/baris/baru"), data=anew).status_code == 303
        assert texts(draft) == ["Apa itu APD?", "Masih saya perlukan?"]

    def step(self, admin, draft, pressed, **more):
        address = url(draft, "/langkah")
        page = soup(admin.get(url(draft)))
        return admin.post(address, data=filled(form(page, address)) | {"step": pressed} | more)

    def test_a_step_of_no_row_is_told(self, admin, draft):
        for number in ("9" * 5_000, "99", "²", ""):
            assert self.step(admin, draft, f"hapus-{number}").status_code == 409
        assert len(texts(draft)) == 2

    def test_moving_taking_out_and_bringing_back(self, admin, draft):
        first, second = (item.id for item in draft.items)
        assert self.step(admin, draft, f"turun-{first}").location.endswith(f"#baris-{first}")
        assert texts(draft) == ["Apa itu APD?", "Apa itu JSA?"]
        self.step(admin, draft, f"naik-{second}")
        assert texts(draft) == ["Apa itu APD?", "Apa itu JSA?"], "the first stays the first"
        self.step(admin, draft, f"hapus-{second}")
        assert texts(draft) == ["Apa itu JSA?"]
        assert "Yang terakhir dihapus: “Apa itu APD?”" in words(soup(admin.get(url(draft))))
        self.restore(admin, draft)
        assert texts(draft) == ["Apa itu APD?", "Apa itu JSA?"]
        assert stored(draft).items[0].key == "Kunci rekaan"

    def restore(self, admin, draft):
        address = url(draft, "/kembalikan")
        sent = filled(form(soup(admin.get(url(draft))), address))
        return [admin.post(address, data=sent).status_code for _ in range(2)]

    def test_pressed_twice_only_the_last_one_comes_back(self, admin, draft):
        first, second = (item.id for item in draft.items)
        self.step(admin, draft, f"hapus-{first}")
        self.step(admin, draft, f"hapus-{second}")
        assert self.restore(admin, draft) == [303, 409]
        assert texts(draft) == ["Apa itu APD?"]
        assert self.restore(admin, draft) == [303, 409]
        assert texts(draft) == ["Apa itu JSA?", "Apa itu APD?"]

    def test_a_second_press_on_an_old_list_does_nothing(self, admin, draft):
        address = url(draft, "/langkah")
        old = filled(form(soup(admin.get(url(draft))), address))
        first, second = (item.id for item in draft.items)
        assert admin.post(address, data=old | {"step": f"hapus-{first}"}).status_code == 303
        answer = admin.post(address, data=old | {"step": f"hapus-{second}"})
        assert answer.status_code == 409
        assert texts(draft) == ["Apa itu APD?"]

    @pytest.mark.parametrize("junk", ["", "hapus-", "hapus-abc", "sulap-1", "hapus-99999999999999"])
    def test_a_step_that_is_none(self, admin, draft, junk):
        assert self.step(admin, draft, junk).status_code == 409
        assert len(texts(draft)) == 2

    def test_three_hundred_rows_stay_light_and_ask_no_more(self, admin, draft):
        few = count_queries(lambda: admin.get(url(draft)))
        big = make_instrument(
            draft.skema_version, P.PW, in_force=False, questions=tuple(f"Baris ke-{n}?" for n in range(300))
        )  # fmt: skip
        db.session.commit()
        assert count_queries(lambda: admin.get(url(big))) == few
        assert len(admin.get(url(big)).data) < 300_000

    def test_every_step_has_its_words_in_the_audit_list(self, admin, draft):
        self.step(admin, draft, f"hapus-{draft.items[0].id}")
        self.restore(admin, draft)
        address = url(draft, "/berlakukan")
        admin.post(address, data=opened(admin, address))
        found = db.session.scalars(
            select(AuditEvent).where(AuditEvent.object_type == "instrument")
        ).all()
        assert {each.action for each in found} == {
            "muk.rows_removed", "muk.rows_restored", "muk.publish",
        }  # fmt: skip
        assert {each.action for each in found} <= set(ACTIONS)
        assert "instrument" in OBJECTS
        assert {"rows", "form", "version", "since", "item", "from"} <= set(DETAILS)


class TestChoices:
    @pytest.fixture
    def exam(self, skema):
        made = make_instrument(skema, P.DPT_PG, questions=(), in_force=False, people=PEOPLE)
        db.session.commit()
        return made

    def test_the_key_is_the_letter_of_an_option(self, admin, exam):
        address = url(exam, "/baris/baru")
        sent = {"about": "", "text": "Yang mana?", "options": "Helm\n\nSepatu\n", "key": "C"}
        assert "salah satu pilihan" in errors(soup(admin.post(address, data=sent)))["key"]
        admin.post(address, data=sent | {"key": "B"})
        row = stored(exam).items[0]
        assert (row.options, row.key) == (["Helm", "Sepatu"], "b")

    def test_the_asesi_reads_it_without_its_key(self, admin, exam):
        admin.post(
            url(exam, "/baris/baru"),
            data={"about": "", "text": "Yang mana?", "options": "Helm\nSepatu", "key": "b"},
        )
        page = soup(admin.get(url(exam, "/baca/asesi")))
        assert "a. Helm b. Sepatu" in words(page.main)
        assert "Kunci" not in words(page.main)
        assert "Kunci" in words(soup(admin.get(url(exam, "/baca/asesor"))).main)

    def test_what_is_asked_aloud_the_asesi_does_not_read(self, admin, draft):
        page = soup(admin.get(url(draft, "/baca/asesi")))
        assert "Asesi tidak membaca instrumen ini" in words(page)
        assert "JSA" not in words(page.main)


class TestParts:
    def test_the_head_of_a_task(self, admin, skema):
        task = make_instrument(skema, P.TPD, questions=(), in_force=False)
        db.session.commit()
        address = url(task, "/kepala")
        answer = admin.post(address, data=opened(admin, address) | {"minutes": "sejam"})
        assert "angka 1 sampai 999" in errors(soup(answer))["minutes"]
        typed = {"scenario": "Pasang rambu.\nLaporkan.", "equipment": "Rambu", "minutes": "45"}
        assert admin.post(address, data=opened(admin, address) | typed).status_code == 303
        assert stored(task).head == typed
        assert "Pasang rambu." in words(soup(admin.get(url(task, "/baca/asesi"))))

    def test_people_and_the_other_tab(self, admin, draft):
        address = url(draft, "/penyusun")
        mine = opened(admin, address) | {"penyusun-0-name": "Tab pertama"}
        admin.post(address, data=opened(admin, address) | {"penyusun-0-name": "Tab kedua"})
        answer = admin.post(address, data=mine)
        assert answer.status_code == 409
        assert stored(draft).people["penyusun"][0]["name"] == "Tab kedua"
        assert admin.post(address, data=filled(form(soup(answer), address))).status_code == 303
        assert stored(draft).people["penyusun"][0]["name"] == "Tab pertama"
