"""Antrean kirim: what waits, what failed, what a person does by hand; every mail can be read."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import text

from lsp import clock, worker
from lsp.config import ROOT
from lsp.database import db, write_transaction
from lsp.gateways import mail
from lsp.models import OutboxMessage, User
from lsp.models.queue import TO_CORRECT_AT_BNSP
from lsp.services import accounts
from lsp.services.outbox_words import call_of, fault_of
from lsp.vocabulary import Channel, LinkPurpose
from tests import factories
from tests.html import main, notices, soup, words
from tests.htmx import HX, same, swap


def address(message, endpoint="admin.message", **query):
    return url_for(endpoint, message_id=message.public_id, **query)


def titles(page):
    return [words(each) for each in page.select("#queue .list a")]


def reset_mail():
    """A mail with a one-use link, and its token."""
    user = factories.make_user()
    with write_transaction():
        token = accounts.mail_link(db.session.get_one(User, user.id), LinkPurpose.RESET_PASSWORD)
    return db.session.query(OutboxMessage).order_by(OutboxMessage.id.desc()).first(), token


class TestList:
    def test_by_channel_and_state(self, admin):
        factories.make_message(Channel.SIKI)
        factories.make_message(Channel.BNSP, kind="jadwal/blanko", payload={"permohonan": "X"})
        factories.make_message(Channel.SIKI, kind="gagal", dead_at=clock.now(), payload={})
        factories.make_message(
            Channel.SIKI, kind="lama", done_at=clock.now(), done_how="sent", payload={}
        )
        assert titles(soup(admin.get("/admin/antrean"))) == [
            "Status 20 – Validasi",
            "Permintaan blanko",
        ]
        assert titles(soup(admin.get("/admin/antrean?kanal=bnsp"))) == ["Permintaan blanko"]
        assert titles(soup(admin.get("/admin/antrean?keadaan=gagal"))) == ["gagal"]
        assert titles(soup(admin.get("/admin/antrean?keadaan=selesai"))) == ["lama"]

    @pytest.mark.parametrize(
        "query",
        [
            "kanal=x",
            "keadaan=x",
            "posisi=x",
            "posisi=-1",
            "posisi=2147483648",
            "posisi=" + "9" * 40,
        ],
    )
    @pytest.mark.both
    def test_a_broken_filter_is_left_out(self, admin, query):
        assert admin.get(f"/admin/antrean?{query}").status_code == 200

    @pytest.mark.parametrize("state", ["menunggu", "selesai"])
    def test_pages_hold_each_row_once(self, admin, state):
        done = {"done_at": clock.now(), "done_how": "sent"} if state == "selesai" else {}
        for number in range(30):
            factories.make_message(kind=f"nomor {number}", payload={}, **done)
        first = soup(admin.get(f"/admin/antrean?keadaan={state}"))
        second = soup(admin.get(first.select_one("a[rel=next]")["href"]))
        assert sorted(titles(first) + titles(second)) == sorted(
            f"nomor {number}" for number in range(30)
        )

    def test_a_row_that_cannot_be_decrypted_is_shown_among_the_others(self, admin):
        """A key that was taken away: else nobody could read the queue any more."""
        lost = [factories.make_message(Channel.MAIL, kind="invite"), factories.make_message()]
        factories.make_message(kind="status 30", payload={})
        one, by_hand = address(lost[0]), address(lost[1], "admin.answer_message")
        for message in lost:
            db.session.execute(
                text("UPDATE outbox_message SET payload = :bad WHERE id = :id"),
                {"bad": b"\xffnonsense", "id": message.id},
            )
        db.session.commit()
        assert titles(soup(admin.get("/admin/antrean"))) == [
            "invite (isi tidak dapat dibaca)",
            "Status 20 (isi tidak dapat dibaca)",
            "Status 30",
        ]
        assert "tidak dapat dibuka" in words(soup(admin.get(one)).select_one("#kiriman"))
        assert admin.post(by_hand).status_code == 303

    def test_empty_says_what_would_be_here(self, admin):
        assert "muncul di sini" in words(soup(admin.get("/admin/antrean")).select_one(".empty"))

    def test_a_panel_equals_the_page(self, admin):
        message = factories.make_message()
        before = soup(admin.get("/admin/antrean"))
        answer = admin.get(address(message), headers=HX)
        fresh = soup(admin.get(answer.headers["HX-Push-Url"]))
        assert same(main(swap(before, answer, "#queue")), main(fresh))


class TestMail:
    def test_without_a_mail_server_it_is_read_here_with_its_link(self, admin):
        message, token = reset_mail()
        assert f"/tautan/{token}" in admin.get(address(message)).get_data(as_text=True)

    def test_also_after_it_was_written_to_a_file(self, app, admin):
        message, token = reset_mail()
        mail.deliver(
            message_id=message.public_id, to="a@contoh.id", subject="Sandi", text=f"/tautan/{token}",
            sent_at=clock.now(), queued_at=message.created_at,
        )  # fmt: skip
        message.done_at, message.done_how = clock.now(), "sent"
        context = message.payload["context"] | {"token": ""}
        message.payload = message.payload | {"context": context}
        db.session.commit()
        assert f"/tautan/{token}" in admin.get(address(message)).get_data(as_text=True)

    def test_with_a_mail_server_the_link_stays_hidden(self, app, admin):
        message, token = reset_mail()
        app.config["LSP"] = dataclasses.replace(app.config["LSP"], smtp_url="smtp://127.0.0.1:1")
        for page in (admin.get(address(message)), admin.get("/admin/antrean")):
            assert token not in page.get_data(as_text=True)
        assert "disembunyikan" in admin.get(address(message)).get_data(as_text=True)

    def test_without_a_mail_server_nothing_is_called_sent(self, admin):
        message, _ = reset_mail()
        message.done_at, message.done_how = clock.now(), "sent"
        db.session.commit()
        page = words(soup(admin.get("/admin/antrean?keadaan=selesai")).select_one("#queue"))
        assert "tidak keluar" in page
        assert "terkirim" not in page

    def test_in_production_the_link_stays_hidden_whatever_is_set(self, app, admin):
        message, token = reset_mail()
        app.config["LSP"] = dataclasses.replace(app.config["LSP"], production=True)
        page = admin.get(address(message), base_url="http://localhost")
        assert token not in page.get_data(as_text=True)

    def test_a_mail_that_cannot_be_drawn_is_still_listed(self, admin):
        factories.make_message(
            Channel.MAIL, kind="tidak_ada", payload={"to": "a@contoh.id", "name": "A"}
        )
        factories.make_message(
            Channel.MAIL, kind="invite", payload={"to": "a@contoh.id", "name": "A"}
        )
        assert len(titles(soup(admin.get("/admin/antrean")))) == 2


class TestByHand:
    def test_shows_each_field_and_marks_it_done(self, admin):
        message = factories.make_message()
        page = soup(admin.get(address(message, kanal="siki")))
        assert (
            page.select_one("#kiriman label:-soup-contains('kd_status') + .row input")["value"]
            == "20"
        )
        action = page.select_one("#kiriman form[action*='/jawab']")["action"]
        assert message.done_at is None
        answer = admin.post(action)
        assert answer.location == "/admin/antrean?kanal=siki&keadaan=menunggu"
        db.session.expire_all()
        assert (message.done_how, message.done_by_id) == ("by_hand", admin.user.id)

    def test_twice_is_told(self, admin):
        message = factories.make_message(done_at=clock.now(), done_how="by_hand")
        answer = admin.post(address(message, "admin.answer_message"))
        assert answer.status_code == 303
        assert "sudah selesai" in notices(soup(admin.get(answer.location)))[0]

    def test_a_mail_is_not_done_by_hand(self, admin):
        message, _ = reset_mail()
        assert admin.post(address(message, "admin.answer_message")).status_code == 404


class TestSendAgain:
    def test_a_failed_row_lives_again(self, admin):
        message = factories.make_message(
            dead_at=clock.now(), attempts=12, error="SMTPServerDisconnected",
            run_at=clock.now() - timedelta(days=1),
        )  # fmt: skip
        page = soup(admin.get(address(message, keadaan="gagal")))
        assert "Sambungan ke server e-mail terputus" in words(page.select_one("#kiriman .bad.note"))
        assert "SMTP" not in words(page.select_one("#kiriman"))
        assert admin.post(address(message, "admin.send_again")).status_code == 303
        db.session.expire_all()
        assert (message.dead_at, message.attempts) == (None, 0)

    def test_the_first_failure_is_seen_at_once(self, admin):
        """Twelve tries take twenty hours: nobody may wait so long to learn that mails do not leave."""
        message = factories.make_message(
            attempts=1, error="MailProblem: ConnectionRefusedError: Connection refused",
            run_at=clock.now() + timedelta(minutes=1),
        )  # fmt: skip
        tile = next(
            tile for tile in soup(admin.get("/admin")).select("a") if "Kiriman gagal" in words(tile)
        )
        assert words(tile).startswith("1") or " 1" in words(tile)
        page = soup(admin.get(tile["href"]))
        assert "dicoba lagi" in words(page.select_one("#queue .list"))
        page = soup(admin.get(address(message, keadaan="gagal")))
        assert "tidak dapat dihubungi" in words(page.select_one("#kiriman .bad.note"))
        assert admin.post(address(message, "admin.send_again")).status_code == 303
        db.session.expire_all()
        assert (message.error, message.attempts) == ("", 0)

    def test_what_is_under_way_is_left_alone(self, admin):
        message = factories.make_message(
            attempts=2, error="x", lease_until=clock.now() + timedelta(minutes=1), lease_token="t"
        )
        assert admin.post(address(message, "admin.send_again")).status_code == 409

    def test_what_has_not_failed_is_left_alone(self, admin):
        message = factories.make_message(attempts=3)
        assert admin.post(address(message, "admin.send_again")).status_code == 409
        db.session.expire_all()
        assert message.attempts == 3


class TestReplaced:
    def test_a_result_taken_back_says_why(self, admin):
        message = factories.make_message(
            Channel.BNSP,
            kind="jadwal/peserta/hasil-uji",
            payload={"kompeten": 2},
            done_at=clock.now(),
            done_how="cancelled",
            error="Replaced: banding",
        )
        shown = words(main(soup(admin.get(address(message, keadaan="selesai")))))
        assert "sudah diganti" in shown
        assert "banding membatalkan penetapan atas rekomendasi ini" in shown

    def test_one_to_put_right_says_what_was_told(self, admin):
        message = factories.make_message(
            Channel.BNSP,
            kind=TO_CORRECT_AT_BNSP,
            payload={"dilaporkan": 2, "keterangan": "dibatalkan banding"},
        )
        shown = words(main(soup(admin.get(address(message)))))
        assert "Hasil uji perlu dibetulkan di BNSP – dibatalkan banding" in shown
        assert "tidak berlaku lagi. Betulkan di sana" in shown

    def test_one_that_names_the_right_result_says_to_put_it_there(self, admin):
        message = factories.make_message(
            Channel.BNSP,
            kind=TO_CORRECT_AT_BNSP,
            payload={"dilaporkan": 2, "kompeten": 1, "keterangan": "ditetapkan kompeten"},
        )
        page = main(soup(admin.get(address(message))))
        shown = words(page)
        assert "Hasil uji perlu dibetulkan di BNSP – ditetapkan kompeten" in shown
        assert "Yang harus dibetulkan" in shown
        assert page.select_one("label:-soup-contains('kompeten') + .row input")["value"] == "1"
        assert "Betulkan di sana menjadi hasil di atas, lalu tandai di sini." in shown
        assert "menjadi kiriman sendiri" not in shown


def test_every_kind_of_row_has_a_name_in_words():
    """No name of a function or of a ministry's address stands on the screen."""
    written = "".join(path.read_text() for path in (ROOT / "lsp/workflow").rglob("*.py"))
    kinds = set(re.findall(r'"(jadwal(?:/[a-z/-]+)?|[a-z]+-[a-z-]+)"', written)) - {
        "hasil-uji",
        "e-mail",
    }
    kinds |= {f"chore:{chore.name}" for chore in worker.CHORES} | set(worker.JOBS)
    assert {kind for kind in kinds if call_of(kind) == kind} == set()


def test_every_speaking_error_becomes_a_sentence():
    for error in ("MailProblem: gaierror: Name or service not known", "ValueError in lsp/x.py:3"):
        assert fault_of(error).endswith(".")
        assert "Error" not in fault_of(error)
