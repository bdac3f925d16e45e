"""The asesi reads the result and the FR.IA beside it in the meeting, and signs them with one press."""

from __future__ import annotations

import pytest

from lsp import clock
from lsp.database import db
from lsp.models import PortfolioCheck, Signature
from lsp.services.meeting_news import edition
from lsp.vocabulary import Answer, Conclusion, InstrumentPaper, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests.html import errors, links, main, soup, words
from tests.support.assessment import make_filled, make_instrument, make_third_party
from tests.views.asesi import situations
from tests.views.asesi.pages import url

S = PermohonanStatus
CVP, PW, VPK = InstrumentPaper.CVP, InstrumentPaper.PW, InstrumentPaper.VPK


@pytest.fixture
def case(browser):
    """Under way, everything filled and nothing signed; documents and an interview are planned."""
    made = situations.booked(browser.user, status=S.IN_ASSESSMENT, hours=-0.5)
    situations.plan_for(made).methods = ["portofolio", "wawancara"]
    db.session.commit()
    situations.recommendation_for(made, Answer.K)
    return made


def card(browser, case):
    page = soup(browser.get(url("meeting", case)))
    found = page.find(id="judul-fr-ak-02")
    return found.find_parent("section") if found else None


def signs(browser, case, seen=None, **changes):
    field = card(browser, case).find("input", attrs={"name": "seen"})
    data = {"seen": seen or field["value"], "typed_name": case.asesi_name} | changes
    return browser.post(url("sign_paper", case, form_key="fr-ak-02"), data=data)


def seen_of(browser, case):
    return card(browser, case).find("input", attrs={"name": "seen"})["value"]


def signed(case):
    db.session.expire_all()
    rows = db.session.query(Signature).filter_by(permohonan_id=case.id, signer_role=Role.ASESI)
    return sorted(row.form.label for row in rows)


def change(case, paper):
    dossier_of(case).instruments[paper].feedback = "Baru."
    db.session.commit()


def test_the_card_says_what_one_press_signs_and_sums_it_up(browser, case):
    shown = card(browser, case)
    assert words(shown.h2) == "FR.IA.08, FR.IA.09 dan FR.AK.02"
    text = words(shown)
    assert "Rekomendasi asesor Kompeten" in text
    assert "Penjelasan Anda runtut dan jelas." in text
    assert "1. " in words(shown.find("details"))
    assert "Portofolio" in words(shown.find("details"))
    ways = links(shown)
    assert ways["Baca FR.IA.09 Pertanyaan Wawancara"] == url(
        "read_paper", case, paper_key="fr-ia-09"
    )


def test_what_lies_before_him_is_said_first_and_led_to(browser, case):
    """On a phone the card stands screens below the meeting."""
    here, label = url("meeting", case), "Baca dan tanda tangani"
    home = url("permohonan", case)
    assert links(main(soup(browser.get(home))))[label] == f"{here}#judul-fr-ak-02"
    shown = main(soup(browser.get(here)))
    assert links(shown)[label] == "#judul-fr-ak-02"
    assert "FR.IA.08, FR.IA.09 dan FR.AK.02 siap Anda tanda tangani." in words(shown)
    signs(browser, case)
    for page in (home, here):
        assert label not in links(main(soup(browser.get(page))))


def room_button(page):
    """The way into the room as a second button."""
    return page.find(id="kapan").find_parent("section").select(".btn:not(.main)")


def test_the_page_has_one_thing_to_do_first(browser, case):
    """To sign while a paper lies there, then to wait; the way into the room stays, as a second button."""
    here = url("meeting", case)
    before = main(soup(browser.get(here)))
    assert words(before.find(class_="now").h2) == "Ada yang menunggu tanda tangan Anda"
    assert not before.find(id="kapan").find_parent(class_="now")
    assert room_button(before), "into the room, and no more the first thing"
    signs(browser, case)
    after = main(soup(browser.get(here)))
    assert words(after.find(class_="now").h2) == "Hasil asesmen sudah Anda tandatangani"
    assert room_button(after)
    assert not after.select(".now .btn")
    signed_card = card(browser, case)
    assert "Baca dulu" not in words(signed_card)
    assert words(signed_card.find("summary")) == "Baca isinya"


def test_nothing_is_led_to_while_an_instrument_is_open(browser, case):
    dossier_of(case).instruments[PW].finished_at = None
    db.session.commit()
    text = words(main(soup(browser.get(url("permohonan", case)))))
    assert "Asesmen sedang berlangsung" in text
    assert "Baca dan tanda tangani" not in text


def test_one_press_signs_all(browser, case):
    assert signs(browser, case).status_code == 303
    assert signed(case) == ["FR.AK.02", "FR.IA.08", "FR.IA.09"]
    assert "Ditandatangani" in words(card(browser, case))


def test_sent_twice_signs_once(browser, case):
    seen = seen_of(browser, case)
    for _ in range(2):
        assert signs_with(browser, case, seen).status_code == 303
    assert len(signed(case)) == 3


def signs_with(browser, case, seen):
    data = {"seen": seen, "typed_name": case.asesi_name}
    return browser.post(url("sign_paper", case, form_key="fr-ak-02"), data=data)


def test_a_paper_changed_meanwhile_is_read_before_it_is_signed(browser, case):
    seen = seen_of(browser, case)
    change(case, CVP)
    answer = signs_with(browser, case, seen)
    assert answer.status_code == 409
    assert "sudah berubah" in words(soup(answer))
    assert signed(case) == []
    assert card(browser, case).find("input", attrs={"name": "typed_name"})


def test_only_what_changed_is_asked_for_again(browser, case):
    signs(browser, case)
    change(case, PW)
    shown = card(browser, case)
    assert words(shown.h2) == "FR.IA.09"
    assert "FR.IA.09 berubah sesudah Anda tanda tangani" in words(shown)
    signs(browser, case)
    assert signed(case) == ["FR.AK.02", "FR.IA.08", "FR.IA.09", "FR.IA.09"]


def test_a_wrong_name_is_told_and_signs_nothing(browser, case):
    answer = signs(browser, case, typed_name="Orang Lain")
    assert answer.status_code == 422
    assert "Ketik nama lengkap" in errors(soup(answer))["typed_name"]
    assert signed(case) == []


def test_nothing_is_laid_out_while_an_instrument_is_open(browser, case):
    dossier_of(case).instruments[PW].finished_at = None
    db.session.commit()
    assert card(browser, case) is None


def test_an_fr_ia_is_read_whole_without_its_key(browser, case):
    item = make_instrument(case.skema_version).items[0]
    paper = dossier_of(case).instruments[PW]
    paper.answers[0].item_id = item.id
    db.session.commit()
    answer = browser.get(url("read_paper", case, paper_key="fr-ia-09"))
    text = words(main(soup(answer)))
    assert "Saya periksa dulu, lalu saya catat." in text
    assert "Unit 1, elemen 1" in text
    assert item.key not in answer.get_data(as_text=True)


def test_every_ya_and_tidak_of_the_asesor_is_read(browser, case):
    filled = dossier_of(case).instruments
    rules = {"valid": True, "authentic": False, "current": True, "sufficient": None}
    filled[CVP].checks = [PortfolioCheck(position=1, title="Surat kerja", **rules)]
    filled[PW].answers[0].achieved = False
    db.session.commit()

    def first_row(key):
        page = soup(browser.get(url("read_paper", case, paper_key=key)))
        cells = page.select("table.stack tbody tr")[0].select("td")
        return {cell.get("data-label"): words(cell) for cell in cells}

    portfolio = first_row("fr-ia-08")
    assert [portfolio[rule] for rule in ("Valid", "Asli", "Terkini", "Memadai")] == [
        "Ya", "Tidak", "Ya", "–",
    ]  # fmt: skip
    assert first_row("fr-ia-09")["Pencapaian"] == "Tidak"


def test_what_is_not_finished_or_not_there_is_not_read(browser, case):
    assert browser.get(url("read_paper", case, paper_key="fr-ia-07")).status_code == 404
    dossier_of(case).instruments[PW].finished_at = None
    db.session.commit()
    assert browser.get(url("read_paper", case, paper_key="fr-ia-09")).status_code == 404


def test_of_a_third_party_he_learns_that_one_was_asked_and_no_more(browser, case):
    make_filled(
        case, VPK, conclusion=Conclusion.MET, finished_at=clock.now(), feedback="Atasannya memuji."
    )
    make_third_party(case, supports=True, finding="Rahasia sekali.", judged_at=clock.now())
    db.session.commit()
    page = browser.get(url("meeting", case)).get_data(as_text=True)
    text = words(card(browser, case))
    assert "FR.IA.10: pihak ketiga dimintai keterangan. Isinya rahasia." in text
    assert "FR.IA.10" not in words(card(browser, case).h2)
    for secret in ("Rahasia sekali", "Atasannya memuji", "Penyelia Rekaan"):
        assert secret not in page
    path = url("read_paper", case, paper_key="fr-ia-09").replace("fr-ia-09", "fr-ia-10")
    assert browser.get(path).status_code == 404


def test_the_page_asks_again_when_the_result_becomes_ready(browser, case):
    before = edition(case)
    dossier_of(case).instruments[PW].finished_at = None
    db.session.commit()
    assert edition(case) != before
