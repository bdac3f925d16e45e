"""Mails as people get them: their texts, their headers, the address of the server, mails as files."""

from __future__ import annotations

import datetime as dt
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from jinja2 import UndefinedError

from lsp import clock, worker
from lsp.config import ROOT
from lsp.database import db
from lsp.gateways import mail
from lsp.models import Lembaga
from lsp.services import accounts
from lsp.smtp_url import SmtpServer
from lsp.vocabulary import LinkPurpose
from tests.support import outbox_app
from tests.support.outbox_app import Sink, Store, add_mail, all_rows, in_app, over_smtp, smtp_server

_, _, made_folder_store = outbox_app.FIXTURES
NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
BASE = {"name": "Budi Contoh", "base_url": "https://lsp.example", "lembaga_name": "LSP Contoh"}
SKEMA = "Pelaksana Lapangan Pekerjaan Gedung"
#: The templates of accounts and registration, with the context its caller gives.
CONTEXTS: dict[str, dict[str, Any]] = {
    "verify_email": {"token": "tok-en", "hours": 72},
    "reset_password": {"token": "tok-en", "hours": 1},
    "invite": {"token": "tok-en", "hours": 72},
    "claim": {"token": "tok-en", "hours": 72, "skema": SKEMA},
    "claim_stuck_admin": {"asesi_name": "Siti Contoh", "skema": SKEMA, "public_id": "7Q9K2M", "tries": 5},
    "id_izin_kept": {"id_izin": "I-2026111809150100042"},
    "id_izin_given": {"id_izin": "I-2026111809150100042"},
    "account_exists": {},
    "password_changed": {},
    "second_factor": {"said": "Satu kode cadangan dipakai. Sisanya 9 kode."},
    "permohonan_submitted_admin": {"asesi_name": "Siti Contoh", "skema": SKEMA, "public_id": "7Q9K2M"},
    "remind_draft": {"skema": SKEMA},
    "remind_returned": {"skema": SKEMA, "due": "6 Desember 2026"},
    "remind_invoiced": {
        "skema": SKEMA, "number": "INV/0001/2026", "amount": "Rp1.500.000", "due": "29 November 2026",
    },
    "remind_schedule": {"skema": SKEMA, "meeting": "pra-asesmen"},
    "remind_evidence": {"skema": SKEMA, "due": "6 Desember 2026"},
    "work_assigned": {"count": "3", "by": "Ratna Contoh"},
    "permohonan_returned": {
        "skema": SKEMA,
        "due": "6 Desember 2026",
        "items": ["KTP: buram, foto ulang", "Ijazah: <halaman> 2 & 3 belum ada"],
    },
    "permohonan_received": {"skema": SKEMA, "public_id": "7Q9K2M", "days": 3},
    "permohonan_verified": {"skema": SKEMA},
    "permohonan_rejected": {"skema": SKEMA, "reason": "Pengalaman kerja belum cukup."},
    "invoice_issued": {
        "skema": SKEMA, "number": "INV/0001/2026", "amount": "Rp1.500.000", "due": "29 November 2026", "extended": 0,
        "what": "sertifikasi",
    },
    "invoice_reminder": {
        "number": "INV/0001/2026", "amount": "Rp1.500.000", "due": "29 November 2026", "what": "selisih biaya",
    },
    "payment_confirmed": {"number": "INV/0001/2026", "amount": "Rp1.500.000"},
    "payment_short": {
        "skema": "Petugas K3",
        "number": "INV/0001/2026",
        "amount": "Rp1.500.000",
        "received": "Rp1.000.000",
        "rest": "Rp500.000",
        "due": "29 November 2026",
    },
    "invoice_lapsed": {"skema": SKEMA, "number": "INV/0001/2026", "until": "6 Desember 2026", "extended": False},
    "permohonan_withdrawn": {"skema": SKEMA},
    "permohonan_dropped": {"skema": SKEMA, "reason": "Tidak ada kegiatan selama 60 hari."},
    "proof_declined": {
        "skema": SKEMA, "number": "INV/0001/2026", "due": "29 November 2026", "reason": "Jumlahnya tidak terbaca.",
    },
    "proposal_declined": {
        "person": "Calon Contoh", "role": "Asesor", "decided_by": "Ketua Contoh", "reason": "Asesor masih cukup.",
    },
    "complaint_received": {"receipt": "KEL-0001-2026", "until": "6 Desember 2026"},
    "complaint_arrived": {"complaint": "7Q9K2M", "until": "25 November 2026"},
    "complaint_told": {
        "receipt": "KEL-0001-2026", "status_label": "Diperiksa", "note": "Kami memeriksa.", "until": "6 Desember 2026",
    },
    "complaint_closed": {"receipt": "KEL-0001-2026", "letter": "0001/KEL-LSP/2026", "note": "Sudah dijawab."},
    "complaint_assigned": {"receipt": "KEL-0001-2026", "complaint": "7Q9K2M", "until": "6 Desember 2026"},
    "complaint_due": {
        "receipt": "KEL-0001-2026", "complaint": "7Q9K2M", "status_label": "Diperiksa", "until": "6 Desember 2026",
    },
    "third_party_asked": {
        "asesi": "Siti Contoh", "skema": SKEMA, "token": "tok-en", "until": "6 Desember 2026",
    },
    "third_party_reminder": {
        "asesi": "Siti Contoh", "skema": SKEMA, "token": "tok-en", "until": "6 Desember 2026",
    },
    "third_party_silent": {"asesi": "Siti Contoh", "permohonan": "7Q9K2M"},
    "third_party_answered": {"asesi": "Siti Contoh", "permohonan": "7Q9K2M"},
    "feedback_reminder": {"skema": SKEMA, "until": "6 Desember 2026", "public_id": "7Q9K2M"},
    "report_reminder": {
        "jadwal": "Gelombang 1", "lacking": "FR.AK.05 dan FR.AK.06", "public_id": "7Q9K2M",
    },
    "idle_reminder": {"skema": SKEMA, "status_label": "Perlu perbaikan", "days_left": 7},
}  # fmt: skip


def deliver(**changes: Any) -> None:
    values: dict[str, Any] = {
        "message_id": "0123456789ABCDEF",
        "to": "budi@contoh.example",
        "subject": "Halo",
        "text": "Isi\n",
        "sent_at": NOON,
    }
    mail.deliver(**(values | changes))


@pytest.fixture
def portal(folder_store: Store) -> Iterator[Flask]:
    """Without a mail server: mails become files."""
    with in_app(folder_store.config()) as app:
        yield app


class TestTexts:
    def test_all_of_them_stand(self) -> None:
        stems = {path.stem for path in (ROOT / "lsp" / "templates" / "mail").glob("[a-z]*.txt")}
        assert set(CONTEXTS) <= stems

    @pytest.mark.parametrize("template", CONTEXTS)
    def test_it_says_who_writes_and_where_to_go(self, template: str) -> None:
        subject, text = mail.render(template, {**BASE, **CONTEXTS[template]})
        assert 10 < len(subject) <= 90
        assert "\n" not in subject
        assert "LSP Contoh" in text
        assert "https://lsp.example/" in text
        assert "Anda" in text
        assert "\n\n\n" not in text
        assert "{" not in text

    @pytest.mark.parametrize("template", CONTEXTS)
    def test_all_that_is_given_is_told(self, template: str) -> None:
        told = "\n".join(mail.render(template, {**BASE, **CONTEXTS[template]}))
        for name, value in CONTEXTS[template].items():
            if (template, name) in {
                ("reset_password", "hours"),
                ("invoice_issued", "extended"),
                ("invoice_lapsed", "extended"),
            }:
                continue
            for each in value if isinstance(value, list) else [value]:
                assert str(each) in told

    def test_a_missing_value_is_an_error_not_a_hole(self) -> None:
        with pytest.raises(UndefinedError, match="token"):
            mail.render("verify_email", {**BASE, "hours": 72})

    def test_the_life_of_a_reset_link_is_the_true_one(self) -> None:
        minutes = accounts.LINK_LIFE[LinkPurpose.RESET_PASSWORD] // timedelta(minutes=1)
        assert (
            f"berlaku {minutes} menit" in mail.render("reset_password", {**BASE, "token": "x"})[1]
        )

    def test_an_extended_invoice_says_so(self) -> None:
        subject, text = mail.render(
            "invoice_issued", {**BASE, **CONTEXTS["invoice_issued"], "extended": 1}
        )
        assert "diperpanjang" in subject
        assert "tidak dapat diperpanjang lagi" in text

    def test_a_lapsed_invoice_promises_no_second_extension(self) -> None:
        facts = {**BASE, **CONTEXTS["invoice_lapsed"]}
        assert (
            "dapat diperpanjang satu kali, paling lambat" in mail.render("invoice_lapsed", facts)[1]
        )
        _, text = mail.render("invoice_lapsed", facts | {"extended": True})
        assert "tidak dapat diperpanjang lagi" in text
        assert "satu kali" not in text

    def test_a_missed_meeting_warns_only_of_what_is_next(self) -> None:
        facts = {**BASE, "skema": SKEMA, "absent": "asesi"}
        warning = "gugur bila Anda tidak hadir lagi"
        assert warning in mail.render("meeting_missed", facts | {"last_chance": True})[1]
        assert warning not in mail.render("meeting_missed", facts | {"last_chance": False})[1]

    def test_a_day_is_written_out(self) -> None:
        subject, text = mail.render(
            "invoice_reminder",
            {**BASE, "number": "1", "amount": "Rp1", "due": "2026-11-29", "what": "sertifikasi"},
        )
        assert subject.endswith("jatuh tempo 29 November 2026")
        assert "2026-11-29" not in text

    def test_a_case_dropped_by_a_clock_has_no_empty_reason(self) -> None:
        assert (
            "Alasan"
            not in mail.render("permohonan_dropped", {**BASE, "skema": SKEMA, "reason": ""})[1]
        )

    def test_a_stranger_cannot_write_in_our_name_by_signing_up(self) -> None:
        _, text = mail.render(
            "verify_email", {**BASE, "name": "Klik hadiah.example", "token": "x", "hours": 72}
        )
        assert "hadiah" not in text

    @pytest.mark.parametrize("name", ["Budi\r\nBcc: x@contoh.example", "Budi\u2028Klik"])
    def test_a_name_with_a_line_break_is_refused(self, name: str) -> None:
        with pytest.raises(mail.MailProblem):
            mail.render("password_changed", {**BASE, "name": name})

    def test_the_name_of_the_lsp_in_force_is_used(self, portal: Flask, folder_store: Store) -> None:
        db.session.add(
            Lembaga(
                effective_from=dt.date(2026, 1, 1),
                name="LSP Bangun Contoh",
                licence_number="BNSP-LSP-1-ID",
            )
        )
        db.session.commit()
        add_mail("password_changed")
        worker.drain()
        [written] = mail.read_mail_files(folder_store.folder / "outbox", 5)
        assert "LSP Bangun Contoh" in written.text


class TestHeaders:
    @pytest.mark.parametrize(
        "changes",
        [
            {"subject": "Halo\r\nBcc: x@contoh.example"},
            {"subject": "Halo\nBcc: x@contoh.example"},
            {"subject": "Halo\u2028x"},
            {"subject": ""},
            {"to": "budi@contoh.example\r\nBcc: x@contoh.example"},
            {"to": "budi@contoh.example\n"},
            {"to": "budi@contoh.example, x@contoh.example"},
            {"to": "Budi <budi@contoh.example>"},
            {"to": "budi"},
            {"to": ""},
            {"message_id": "../../etc/x"},
            {"message_id": "A>\r\nX: y"},
        ],
    )
    def test_what_would_add_a_header_or_a_recipient_is_refused(
        self, portal: Flask, folder_store: Store, changes: dict[str, str]
    ) -> None:
        with pytest.raises(mail.MailProblem) as refused:
            deliver(**changes)
        assert "contoh" not in str(refused.value)
        assert not folder_store.mails

    def test_a_sent_mail_reads_as_it_was_written(self, folder_store: Store) -> None:
        text = f"Yth. Siti — {'panjang ' * 30}\n\nhttps://lsp.example/tautan/{'x' * 90}\n.\nakhir\n"
        sink = Sink()
        with (
            smtp_server(sink) as port,
            in_app(over_smtp(folder_store, port, mail_from="LSP Contoh <lsp@lsp.example>")),
        ):
            deliver(subject="Permohonan “Gedung” — lengkap", text=text, html="<p>é</p>")
        got = message_from_bytes(sink.taken[0], policy=policy.default)
        assert got["Subject"] == "Permohonan “Gedung” — lengkap"
        assert got["From"] == "LSP Contoh <lsp@lsp.example>"
        assert got["To"] == "budi@contoh.example"
        assert got["Date"].datetime == NOON
        assert got["Message-ID"] == "<0123456789ABCDEF@lsp.example>"
        assert got["Auto-Submitted"] == "auto-generated"
        body = got.get_body(("plain",))
        assert body is not None
        assert body.get_content().replace("\r\n", "\n") == text
        assert max(map(len, sink.taken[0].splitlines())) <= 998
        assert sink.taken[0].isascii()


class TestServerAddress:
    def test_it_is_read(self) -> None:
        server = mail.server_of("smtp://us%40er:p%3Ass@mail.example:587?starttls=1")
        assert server == SmtpServer("mail.example", 587, "us@er", "p:ss", tls=False, starttls=True)
        assert mail.server_of("smtps://u:p@mail.example").port == 465
        assert mail.server_of("smtp://127.0.0.1").port == 25

    @pytest.mark.parametrize(
        "url",
        [
            "http://mail.example", "smtp://", "smtp://mail.example:port",
            "smtp://user:pass@mail.example", "smtp://user:pass@mail.example?starttls=0",
        ],
    )  # fmt: skip
    def test_a_wrong_one_stops_the_worker_with_a_sentence(
        self, folder_store: Store, url: str
    ) -> None:
        with in_app(folder_store.config(smtp_url=url)) as app:
            result = app.test_cli_runner().invoke(args=["worker", "--once"])
        assert result.exit_code == 1
        assert "SMTP_URL" in result.output
        assert "pass@" not in result.output


class TestFiles:
    def test_the_same_mail_twice_is_one_private_file(
        self, portal: Flask, folder_store: Store
    ) -> None:
        deliver(queued_at=NOON)
        deliver(queued_at=NOON, sent_at=NOON + timedelta(minutes=5))
        [path] = folder_store.mails
        assert path.name == "20261122T050000000000Z-0123456789ABCDEF.eml"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    def test_a_full_disk_leaves_the_mail_queued(
        self, portal: Flask, folder_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        public_id = add_mail()
        worker.drain()
        assert all_rows()[public_id].error == "MailProblem: OSError: No space left on device"
        assert not folder_store.mails
        monkeypatch.undo()
        with time_machine.travel(clock.now() + timedelta(minutes=2)):
            worker.drain()
        assert len(folder_store.mails) == 1

    def test_they_are_read_newest_first(self, portal: Flask, folder_store: Store) -> None:
        for number in range(3):
            deliver(
                message_id=f"{number:016}",
                subject=f"Surat ke-{number}",
                text="Ibu & Bapak\n",
                sent_at=NOON + timedelta(minutes=number),
            )
        found = mail.read_mail_files(folder_store.folder / "outbox", 2)
        assert [each.subject for each in found] == ["Surat ke-2", "Surat ke-1"]
        assert found[0] == mail.MailFile(
            name="20261122T050200000000Z-0000000000000002.eml",
            to="budi@contoh.example",
            subject="Surat ke-2",
            sent_at=NOON + timedelta(minutes=2),
            text="Ibu & Bapak\n",
        )

    def test_none_are_found_where_none_were_written(self, tmp_path: Path) -> None:
        assert mail.read_mail_files(tmp_path / "outbox", 5) == []
