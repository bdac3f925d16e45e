"""The page of a third party: answered once without an account, tells nothing to whoever comes later or by guessing."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest
import time_machine
from flask import url_for

from lsp import clock, ids, logs
from lsp.database import db
from lsp.forms.third_party import LONGEST
from lsp.models import ThirdParty
from lsp.services import third_party, throttle
from lsp.services.third_party_words import questions_of
from lsp.vocabulary import PermohonanStatus
from tests.html import errors, filled, form, h1, links, main, notices, soup, words
from tests.support.third_party import PERSON, SECRET, ask, letter_for
from tests.test_pages import MOST_BYTES
from tests.workflow.cases import actor_of, make_permohonan

GONE = "Tautan tidak berlaku lagi"
THANKS = "Terima kasih, jawaban Anda sudah kami terima"


@pytest.fixture
def asked(cast):
    """(row, token) of a third party of a case that is ready."""
    return ask(make_permohonan(PermohonanStatus.READY, cast=cast), cast)


def url(token):
    return url_for("third_party.ask", letter_token=token)


def now(row):
    db.session.expire_all()
    return db.session.get_one(ThirdParty, row.id)


class TestThePage:
    def test_it_says_who_asks_about_whom_and_what_becomes_of_it(self, client, asked):
        row, token = asked
        page = soup(client.get(url(token)))
        said = words(main(page))
        case = row.permohonan
        assert case.asesi_name in h1(page)
        for told in (
            case.skema_version.title,
            "Informasi Rahasia",
            "tidak akan membaca",
            "panel banding",
            "satu kali",
        ):
            assert told in said
        for kept in (case.id_izin, case.asesi.email, case.status.label):
            assert kept not in said

    def test_what_is_known_of_him_stands_there_already(self, client, asked):
        token = asked[1]
        typed = filled(form(soup(client.get(url(token))), url(token)))
        assert (typed["id-name"], typed["id-workplace"]) == (PERSON.name, PERSON.workplace)

    def test_words_joined_by_strokes_break_after_a_stroke(self, client, asked):
        page = soup(client.get(url(asked[1])))
        label = page.find("label", {"for": "id-name"})
        assert str(label).count("/<wbr/>") == label.get_text().count("/") > 0

    def test_it_is_light_and_loads_no_script(self, client, asked):
        answer = client.get(url(asked[1]))
        assert len(gzip.compress(answer.data, 6)) <= MOST_BYTES
        page = soup(answer)
        assert page.find("script") is None
        assert page.find("link", rel="stylesheet") is None

    def test_no_search_engine_and_no_other_site_learns_the_address(self, client, asked):
        headers = client.get(url(asked[1])).headers
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "Disallow: /pihak-ketiga/" in client.get("/robots.txt").get_data(as_text=True)

    def test_opening_is_noted_once(self, client, asked):
        row, token = asked
        client.get(url(token))
        first = now(row).opened_at
        assert first is not None
        with time_machine.travel(clock.now() + timedelta(hours=1)):
            client.get(url(token))
        assert now(row).opened_at == first

    def test_the_log_names_the_route_and_not_the_address(self, client, asked, monkeypatch):
        lines = []

        class Log:
            def info(self, event, **named):
                lines.append(f"{event} {named}")

        monkeypatch.setattr(logs, "logger", Log)
        client.get(url(asked[1]))
        told = " ".join(lines)
        assert "third_party.ask" in told
        assert asked[1] not in told


class TestAnswering:
    def test_it_is_kept_and_thanked_for(self, client, asked):
        row, token = asked
        answer = client.post(url(token), data=letter_for(row))
        assert answer.status_code == 303
        assert h1(soup(client.get(answer.location))) == THANKS
        said = now(row).said
        assert said["statements"]["k3"] is True
        assert said["open"]["lainnya"] == SECRET
        assert said["identity"]["name"] == PERSON.name
        assert said["consent"].startswith("Saya menjawab")

    def test_afterwards_nothing_of_it_nor_of_the_case_is_shown(self, client, asked):
        row, token = asked
        client.post(url(token), data=letter_for(row))
        page = words(main(soup(client.get(url(token)))))
        for kept in (SECRET, row.permohonan.asesi_name, PERSON.name):
            assert kept not in page

    def test_sent_twice_it_is_kept_once(self, client, asked):
        row, token = asked
        client.post(url(token), data=letter_for(row))
        first = now(row).answered_at
        again = client.post(url(token), data=letter_for(row))
        assert again.status_code == 303
        assert now(row).answered_at == first

    def test_other_answers_of_a_second_tab_are_not_thanked_for(self, client, asked):
        row, token = asked
        client.post(url(token), data=letter_for(row))
        first = now(row).answered_at
        other = {"s-k3": "tidak", "o-lama": "Sembilan tahun di bengkel"}
        again = client.post(url(token), data=letter_for(row, **other))
        assert again.status_code == 409
        page = soup(again)
        assert h1(page) == "Jawaban ini tidak disimpan"
        assert "Sembilan tahun di bengkel" in words(main(page))
        assert row.permohonan.asesi_name not in words(main(page))
        assert (now(row).answered_at, now(row).said["statements"]["k3"]) == (first, True)

    def test_what_is_missing_is_named_and_what_was_typed_stays(self, client, asked):
        row, token = asked
        letter = letter_for(row, **{"o-hubungan": "Mandornya sejak 2019", "o-lama": ""})
        del letter["s-tugas"], letter["agreed"]
        answer = client.post(url(token), data=letter)
        assert answer.status_code == 422
        page = soup(answer)
        assert {"s-tugas", "o-lama", "agreed"} <= set(errors(page))
        assert "Ada 3 isian" in " ".join(notices(page))
        typed = filled(form(page, url(token)))
        assert typed["o-hubungan"].strip() == "Mandornya sejak 2019"
        assert (typed["s-k3"], typed["id-name"]) == (["ya"], PERSON.name)
        assert now(row).answered_at is None

    def test_the_summary_names_the_questions_by_their_numbers(self, client, asked):
        row, token = asked
        letter = letter_for(row, **{"o-lama": ""})
        del letter["s-tugas"]
        page = soup(client.post(url(token), data=letter))
        numbers = {
            each.key: str(number) for number, each in enumerate(questions_of(row).all, start=1)
        }
        assert set(links(page.select_one(".notice.bad"))) == {
            f"No. {numbers['s-tugas']}: pilih Ya atau Tidak.",
            f"No. {numbers['o-lama']}: belum dijawab.",
        }
        asks = page.find("label", attrs={"for": "o-lama"})
        assert words(asks).startswith(f"{numbers['o-lama']}. ")
        legend = page.find("input", attrs={"name": "s-tugas"}).find_parent("fieldset").legend
        assert words(legend).startswith(f"{numbers['s-tugas']}. ")

    def test_an_empty_answer_and_a_long_one_are_told_apart(self, client, asked):
        row, token = asked
        letter = letter_for(row, **{"o-lama": "", "o-hubungan": "a" * (LONGEST + 1)})
        page = soup(client.post(url(token), data=letter))
        found = errors(page)
        assert found["o-lama"] == "Belum dijawab."
        assert found["o-hubungan"] == "Paling panjang 2.000 huruf."
        assert page.find(id="o-hubungan")["maxlength"] == str(LONGEST)
        number = [each.key for each in questions_of(row).all].index("o-hubungan") + 1
        summary = set(links(page.select_one(".notice.bad")))
        assert f"No. {number}: paling panjang 2.000 huruf." in summary

    def test_what_may_stay_empty_may(self, client, asked):
        row, token = asked
        letter = letter_for(row, **{"o-pelatihan": "", "o-lainnya": ""})
        assert client.post(url(token), data=letter).status_code == 303
        assert "pelatihan" not in now(row).said["open"]

    def test_who_typed_on_while_the_link_ended_still_sends(self, client, asked):
        row, token = asked
        client.get(url(token))
        with time_machine.travel(row.expires_at + timedelta(hours=2)):
            assert client.post(url(token), data=letter_for(row)).status_code == 303
        assert now(row).answered_at is not None


class TestDeadLinks:
    def test_all_of_them_look_the_same(self, client, asked, cast):
        row, old = asked
        new = third_party.send_again(actor_of(cast.asesor), row)
        db.session.commit()
        pages = {
            words(main(soup(client.get(url(each))))) for each in (old, ids.secret_token(), "x")
        }
        with time_machine.travel(row.expires_at + timedelta(days=2)):
            pages.add(words(main(soup(client.get(url(new))))))
        third_party.withdraw(actor_of(cast.asesor), row)
        db.session.commit()
        answer = client.get(url(new))
        pages.add(words(main(soup(answer))))
        assert answer.status_code == 404
        assert len(pages) == 1
        assert row.permohonan.asesi_name not in pages.pop()

    def test_what_was_typed_when_it_died_can_be_copied(self, client, asked, cast):
        row, token = asked
        third_party.withdraw(actor_of(cast.asesor), row)
        answer = client.post(url(token), data=letter_for(row))
        assert answer.status_code == 404
        page = soup(answer)
        assert h1(page) == GONE
        assert SECRET in words(main(page))

    def test_who_tries_links_is_slowed_and_a_right_one_still_opens(self, client, asked):
        for _ in range(throttle.THIRD_PARTY_ADDRESS.count):
            assert client.get(url(ids.secret_token())).status_code == 404
        assert client.get(url(ids.secret_token())).status_code == 429
        assert client.get(url(asked[1])).status_code == 200
