"""Every page of the asesi in every state: it opens, is light, asks few queries, and belongs to him alone."""

from __future__ import annotations

import gzip

import pytest
from flask import url_for
from sqlalchemy import event

from lsp.database import db
from lsp.views.html import STATIC_FOLDER
from lsp.vocabulary import Answer, PermohonanStatus, Role
from tests import factories
from tests.html import h1, links, main, soup, words
from tests.views.asesi import situations

S = PermohonanStatus
PANELS = [
    "permohonan", "history", "fr_apl_01", "documents", "fr_apl_02", "fr_apl_02_whole", "consents", "signing", "submit",
    "payment", "schedule", "meeting", "result", "certificate", "withdraw", "cancel", "appeal",
    "accept_result", "mode", "reassessment", "no_reassessment",
]  # fmt: skip
MOST_BYTES, MOST_QUERIES = 14_000, 12
MOST_FIRST_VISIT = 30_000


def situation(status: PermohonanStatus, asesi):
    """A permohonan of `asesi` in this state, with what belongs to it."""
    if status is S.DRAFT:
        return situations.ready_to_send(asesi)
    if status is S.RETURNED:
        return situations.returned(asesi)
    if status is S.INVOICED:
        return situations.invoiced(asesi)
    if status in (S.PRE_SCHEDULED, S.SCHEDULED, S.IN_ASSESSMENT):
        return situations.booked(asesi, status=status)
    if status in (S.NOT_YET_COMPETENT, S.COMPETENT):
        return situations.decided(asesi, status=status, opened=True)
    permohonan = situations.draft(asesi, status=status)
    situations.fill_apl_01(permohonan)
    return permohonan


def address(endpoint: str, permohonan, **more) -> str:
    return url_for(f"asesi.{endpoint}", permohonan_id=permohonan.public_id, **more)


def weight(answer) -> int:
    return len(gzip.compress(answer.get_data(), 9))


def queries(work) -> list[str]:
    """SELECTs beside the one that reads session and person."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        if (
            statement.lstrip().upper().startswith("SELECT")
            and "sign_in.token_digest" not in statement
        ):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return sent


class TestEveryState:
    @pytest.mark.parametrize("status", PermohonanStatus)
    def test_every_panel_opens_and_is_light(self, status, sign_in):
        browser = sign_in()
        permohonan = situation(status, browser.user)
        for endpoint in PANELS:
            answer = browser.get(address(endpoint, permohonan))
            assert answer.status_code in (200, 303), (endpoint, answer.status_code)
            assert weight(answer) <= MOST_BYTES, endpoint

    def test_a_first_visit_fits_a_slow_phone(self, sign_in):
        """Page, style sheet, scripts and icon together."""
        browser = sign_in()
        permohonan = situation(S.DRAFT, browser.user)
        for endpoint in PANELS:
            answer = browser.get(address(endpoint, permohonan))
            names = {path.name for path in STATIC_FOLDER.iterdir() if path.name in answer.text}
            more = sum(len(gzip.compress((STATIC_FOLDER / name).read_bytes(), 9)) for name in names)
            assert weight(answer) + more <= MOST_FIRST_VISIT, (endpoint, names)

    @pytest.mark.parametrize("status", PermohonanStatus)
    def test_the_page_says_one_thing_to_do_now(self, status, sign_in):
        browser = sign_in()
        permohonan = situation(status, browser.user)
        page = soup(browser.get(url_for("asesi.home")))
        assert h1(page) == permohonan.skema_version.title
        card = page.select_one(".now")
        assert card is not None
        assert words(card.h2)
        assert len(card.select(".btn")) <= 1
        for link in card.select("a.btn"):
            assert browser.get(str(link["href"])).status_code == 200

    @pytest.mark.parametrize("status", PermohonanStatus)
    def test_the_page_takes_few_queries(self, status, sign_in):
        browser = sign_in()
        permohonan = situation(status, browser.user)
        for path in [url_for("asesi.home"), address("permohonan", permohonan)]:
            sent = queries(lambda path=path: browser.get(path))
            assert len(sent) <= MOST_QUERIES, "\n".join(sent)

    @pytest.mark.parametrize("status", PermohonanStatus)
    def test_the_meeting_takes_few_queries(self, status, sign_in):
        """Nine more once a result is read: FR.AK.02 and the FR.IA it rests on, however many rows these have."""
        browser = sign_in()
        path = address("meeting", situation(status, browser.user))
        sent = queries(lambda: browser.get(path))
        decided = status in (S.COMPETENT, S.NOT_YET_COMPETENT)
        assert len(sent) <= (MOST_QUERIES + 9 if decided else MOST_QUERIES), "\n".join(sent)

    def test_the_queries_do_not_grow_with_rows(self, sign_in):
        small, large = sign_in(), sign_in()
        situations.ready_to_send(small.user)
        big = factories.make_skema(units=12, documents=10)
        situations.ready_to_send(large.user, skema_version_id=big.id)
        for _ in range(5):
            situations.draft(large.user)
        counts = [
            len(queries(lambda browser=each: browser.get(url_for("asesi.home"))))
            for each in (small, large)
        ]
        assert counts[1] <= counts[0]


class TestWhoseItIs:
    @pytest.mark.parametrize("endpoint", PANELS)
    def test_anothers_permohonan_is_not_found(self, endpoint, sign_in):
        permohonan = situations.draft()
        assert sign_in().get(address(endpoint, permohonan)).status_code == 404

    @pytest.mark.parametrize("endpoint", PANELS)
    def test_staff_have_pages_of_their_own(self, endpoint, sign_in):
        permohonan = situations.draft()
        assert sign_in(Role.ADMIN).get(address(endpoint, permohonan)).status_code == 403


class TestTheOthers:
    def test_an_issued_one_shows_its_status_though_the_result_was_never_opened(self, sign_in):
        browser = sign_in()
        issued = situations.decided(browser.user, status=S.ISSUED, decision=Answer.K)
        unread = situations.decided(browser.user)
        situations.draft(browser.user)
        rows = soup(browser.get(url_for("asesi.home"))).select("[aria-labelledby=lain] li")
        shown = {str(row.a["href"]): words(row) for row in rows}
        assert S.ISSUED.label in shown[address("permohonan", issued)]
        assert S.NOT_YET_COMPETENT.label not in shown[address("permohonan", unread)]


class TestHome:
    def test_without_a_permohonan_it_says_how_to_begin(self, sign_in):
        page = soup(sign_in().get(url_for("asesi.home")))
        assert words(page.select_one(".now h2")) == "Mulai permohonan"
        assert links(main(page))["Mulai permohonan"] == url_for("asesi.begin")

    def test_while_the_lsp_looks_at_his_id_izin_the_card_says_so(self, sign_in):
        browser = sign_in()
        factories.make_dispute(asker=browser.user)
        (card,) = soup(browser.get(url_for("asesi.home"))).select(".now")
        assert words(card.select_one(".eyebrow")) == "Sedang kami kerjakan"
        assert "diperiksa LSP" in words(card.h2)

    def test_beginning_and_withdrawing_are_no_data_of_the_person(self, sign_in):
        browser = sign_in()
        situations.draft(browser.user)
        page = soup(browser.get(url_for("asesi.home")))
        found = {
            words(card.h2): set(links(card))
            for card in page.select("main .card")
            if card.h2 and card.h2.get("id") in ("permohonan-ini", "lain", "data-saya")
        }
        assert found["Permohonan lain"] == {"Mulai permohonan baru"}
        assert found["Data saya"] == {"Siapa yang membuka data saya", "Akun dan perangkat"}
        assert "Mengundurkan diri" in found["Permohonan ini"]

    def test_it_shows_the_open_one_and_lists_the_others(self, sign_in):
        browser = sign_in()
        ended = situations.draft(browser.user, status=S.WITHDRAWN)
        standing = situations.draft(browser.user)
        page = soup(browser.get(url_for("asesi.home")))
        assert h1(page) == standing.skema_version.title
        assert links(page)[f"{ended.skema_version.title} {ended.id_izin}"] == address(
            "permohonan", ended
        )

    def test_an_unopened_verdict_is_not_given_away(self, sign_in):
        browser = sign_in()
        permohonan = situations.decided(browser.user)
        for path in (url_for("asesi.home"), address("history", permohonan), address("result", permohonan),
                     address("certificate", permohonan), address("submit", permohonan)):  # fmt: skip
            assert "elum kompeten" not in browser.get(path).get_data(as_text=True), path

    def test_times_stand_in_the_readers_zone(self, sign_in):
        from lsp.models import User

        browser = sign_in()
        db.session.get_one(User, browser.user.id).zone = "Asia/Jayapura"
        db.session.commit()
        permohonan = situations.booked(browser.user)
        assert "WIT (" in words(main(soup(browser.get(address("meeting", permohonan)))))
