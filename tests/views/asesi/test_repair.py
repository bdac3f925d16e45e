"""After a return: only what was sent back is to be done, with the admin's words, each at its own page."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.models import ChecklistItem, PermohonanEvent
from lsp.vocabulary import FormSection, PermohonanStatus, Role, Verdict
from lsp.workflow.dossier import dossier_of
from lsp.workflow.sections import content
from tests import factories
from tests.html import filled, form, links, soup, words
from tests.views.asesi import situations

NOTE = "NIK tidak sama dengan KTP."


@pytest.fixture
def permohonan(browser):
    permohonan = situations.returned(browser.user)
    judge = factories.make_user(Role.ADMIN)
    item = ChecklistItem(
        permohonan_id=permohonan.id,
        section=FormSection.PRIBADI,
        verdict=Verdict.FAILS,
        note=NOTE,
        judged_by_id=judge.id,
        judged_at=clock.now(),
        sealed=content(permohonan, FormSection.PRIBADI),
    )
    db.session.add(item)
    db.session.commit()
    return permohonan


class TestRepair:
    def listed(self, page):
        return [words(each) for each in page.select("[aria-labelledby=persiapan] > .list b")]

    def test_the_page_lists_exactly_these(self, browser, permohonan):
        page = soup(browser.get(url_for("asesi.home")))
        first = permohonan.skema_version.requirements[0].label
        assert words(page.select_one(".now h2")) == "Perbaiki 2 bagian"
        assert self.listed(page) == [first, "Data pribadi", "Kirim permohonan"]
        text = words(page.select_one("[aria-labelledby=persiapan]"))
        assert "Foto buram." in text
        assert NOTE in text
        assert "Selebihnya, tidak diminta diubah" in text

    def test_what_the_admin_wrote_about_the_whole_stands_in_the_pages(self, browser, permohonan):
        for note in ("Catatan lama.", "Kirim sebelum Jumat."):
            event = PermohonanEvent(
                permohonan_id=permohonan.id, at=clock.now(), transition="return_for_repair",
                source=PermohonanStatus.SUBMITTED, target=PermohonanStatus.RETURNED, actor_role=Role.ADMIN,
                attempt=1, note=note,
            )  # fmt: skip
            db.session.add(event)
            db.session.commit()
        for url in (
            url_for("asesi.home"),
            url_for("asesi.documents", permohonan_id=permohonan.public_id),
        ):
            text = words(soup(browser.get(url)).main)
            assert "Kirim sebelum Jumat." in text, url
            assert "Catatan lama." not in text, url

    def test_each_leads_to_where_it_is_mended(self, browser, permohonan):
        page = soup(browser.get(url_for("asesi.home")))
        links = [each["href"] for each in page.select("[aria-labelledby=persiapan] > .list a")]
        row = permohonan.skema_version.requirements[0].public_id
        assert links[0].endswith(f"/dokumen#document-row-{row}")
        assert links[1].endswith("/fr-apl-01/pribadi")
        there = soup(browser.get(links[1]))
        assert NOTE in words(there.select_one(".notice.bad"))

    def test_sending_unchanged_is_refused_with_the_reason(self, browser, permohonan):
        apart = dossier_of(permohonan).checklist[permohonan.skema_version.requirements[0].id]
        apart.verdict = Verdict.MEETS
        db.session.commit()
        page = soup(browser.get(url_for("asesi.submit", permohonan_id=permohonan.public_id)))
        assert "Data pribadi belum diubah" in words(page.main)
        answer = browser.post(
            url_for("asesi.send_permohonan", permohonan_id=permohonan.public_id),
            data={"version": permohonan.version},
        )
        assert answer.status_code == 409

    def test_what_came_from_siki_may_be_mended_there(self, browser, permohonan):
        item = dossier_of(permohonan).sections[FormSection.PRIBADI]
        item.siki_asked_at = clock.now()
        db.session.commit()
        rows = soup(browser.get(url_for("asesi.home"))).select(
            "[aria-labelledby=persiapan] > .list li"
        )
        row = next(words(each) for each in rows if "Data pribadi" in words(each))
        assert "perbaiki lewat Portal Perizinan, atau langsung di portal ini" in row
        assert row.endswith("Di SIKI")
        page = soup(browser.get(url_for("asesi.submit", permohonan_id=permohonan.public_id)))
        assert "belum diubah" not in words(page.main)

    def test_what_was_changed_says_so_and_asks_to_sign_again(self, browser, permohonan):
        dossier_of(permohonan).fr_apl_01.address = "Jl. Baru 5"
        db.session.commit()
        page = soup(browser.get(url_for("asesi.home")))
        rows = {words(each.b): words(each.select_one(".badge")) for each in
                page.select("[aria-labelledby=persiapan] > .list li") if each.select_one(".badge")}  # fmt: skip
        assert rows["Data pribadi"] == "Sudah diubah"
        assert rows["Tanda tangan"] == "Belum"
        card = page.select_one(".now")
        assert words(card.h2) == "Perbaiki 1 bagian lagi"
        assert "1 bagian sudah Anda perbaiki; admin memeriksanya sesudah Anda kirim." in words(card)
        assert "memenuhi" not in words(card)


class TestAnswer:
    WORDS = "Alamat di KTP saya memang begitu."

    def url(self, permohonan, section="pribadi"):
        return url_for("asesi.answer", permohonan_id=permohonan.public_id, section=section)

    def test_from_the_section_to_the_answer_and_back(self, browser, permohonan):
        there = soup(
            browser.get(
                url_for(
                    "asesi.fr_apl_01_section", permohonan_id=permohonan.public_id, section="pribadi"
                )
            )
        )
        page = soup(browser.get(links(there)["Isian ini sudah benar? Jawab admin"]))
        assert NOTE in words(page.main)
        sent = filled(form(page, self.url(permohonan))) | {"words": self.WORDS}
        home = soup(browser.post(self.url(permohonan), data=sent, follow_redirects=True))
        assert "Sudah dijawab" in words(home.select_one("[aria-labelledby=persiapan]"))
        again = soup(browser.get(self.url(permohonan)))
        assert words(again.textarea) == self.WORDS
        browser.post(self.url(permohonan), data={"take_back": "ya"})
        home = soup(browser.get(url_for("asesi.home")))
        assert "Sudah dijawab" not in words(home.main)

    def test_what_is_wrong_is_said_and_kept(self, browser, permohonan):
        answer = browser.post(self.url(permohonan), data={"words": "x" * 501})
        assert answer.status_code == 422
        assert "x" * 501 in words(soup(answer).textarea)

    def test_a_section_that_was_not_sent_back_has_nothing_to_answer(self, browser, permohonan):
        assert "tidak sedang diminta" in words(
            soup(browser.get(self.url(permohonan, "pelatihan"))).main
        )
        late = browser.post(self.url(permohonan, "pelatihan"), data={"words": self.WORDS})
        assert late.status_code == 409
        assert browser.get(self.url(permohonan, "lain")).status_code == 404
