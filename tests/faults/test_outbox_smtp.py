"""A mail server that refuses, hangs, breaks off or shows a wrong certificate: the mail stays queued, none is lost."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lsp import clock, worker, worker_process
from lsp.database import write_transaction
from lsp.gateways import smtp
from lsp.services import outbox
from lsp.vocabulary import Channel
from tests.support import outbox_app
from tests.support.outbox_app import (
    Sink,
    Store,
    add_mail,
    all_rows,
    in_app,
    over_smtp,
    random_sins,
    smtp_server,
)

outbox_postgres, made_store, made_folder_store = outbox_app.FIXTURES


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A server context with a certificate for `name` (an address), and the file by which it would be trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / f"{name}.pem", folder / f"{name}.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public


@contextmanager
def trickling_server() -> Iterator[int]:
    """Greets line by line and never comes to an end: no single silence is long."""

    def greet(line: socket.socket) -> None:
        with line, suppress(OSError):
            while True:
                line.sendall(b"220-one moment\r\n")
                time.sleep(0.05)

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def take() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(
                        target=greet, args=(listening.accept()[0],), daemon=True
                    ).start()

        threading.Thread(target=take, daemon=True).start()
        yield int(listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)  # closing alone does not end accept()


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield int(listening.getsockname()[1])


class TestFailingServer:
    def one_mail_over(self, store: Store, port: int, *more: str) -> Any:
        with in_app(over_smtp(store, port, *more)):
            public_id = add_mail()
            worker.drain()
            return all_rows()[public_id]

    @pytest.mark.parametrize(
        ("sin", "error"),
        [
            ("4xx", "SMTPRecipientsRefused: 451 4.3.0"),
            ("5xx", "SMTPRecipientsRefused: 550 5.1.1"),
            ("late5xx", "SMTPDataError: 554 5.7.1"),
            ("cut", "SMTPServerDisconnected"),
        ],
    )
    def test_a_refused_mail_stays_queued(self, folder_store: Store, sin: str, error: str) -> None:
        with smtp_server(Sink(lambda: sin)) as port:
            row = self.one_mail_over(folder_store, port)
        assert row.error == f"MailProblem: {error}"
        assert row.done_at is None
        assert row.dead_at is None
        assert row.run_at > clock.now()

    def test_nobody_there(self, folder_store: Store) -> None:
        row = self.one_mail_over(folder_store, outbox_app.free_port())
        assert row.error == "MailProblem: ConnectionRefusedError: Connection refused"
        assert row.done_at is None

    def test_a_server_that_says_nothing(
        self, folder_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.3)
        with silent_server() as port:
            row = self.one_mail_over(folder_store, port)
        assert row.error == "MailProblem: SMTPServerDisconnected"
        assert row.done_at is None

    def test_a_server_that_comes_to_no_end(
        self, folder_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(smtp, "DEADLINE_SECONDS", 0.4)
        with trickling_server() as port:
            began = time.monotonic()
            row = self.one_mail_over(folder_store, port)
        assert time.monotonic() - began < 10
        assert row.error == "MailProblem: TimeoutError: no answer in time"
        assert row.done_at is None

    def test_a_delivery_ends_before_its_lease(self) -> None:
        assert outbox.LEASE.total_seconds() >= smtp.DEADLINE_SECONDS + 30

    @pytest.mark.parametrize("way", ["starttls", "smtps"])
    @pytest.mark.parametrize(
        ("name", "trusted"), [("127.0.0.1", False), ("127.0.0.2", True), ("127.0.0.1", True)]
    )
    def test_only_a_trusted_certificate_of_that_name_will_do(
        self,
        folder_store: Store,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        way: str,
        name: str,
        trusted: bool,
    ) -> None:
        context, public = certificate(tmp_path, name)
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(public))
        good = trusted and name == "127.0.0.1"
        sink = Sink()
        settings = (
            {"ssl_context": context}
            if way == "smtps"
            else {"tls_context": context, "require_starttls": True}
        )
        with smtp_server(sink, **settings) as port:
            more = ("smtps",) if way == "smtps" else ("smtp", "?starttls=1")
            row = self.one_mail_over(folder_store, port, *more)
        assert len(sink.taken) == (1 if good else 0)
        assert (row.done_at is not None) is good
        assert good or row.error.startswith("MailProblem: SSLCertVerificationError: ")

    def test_a_server_without_starttls_gets_no_mail(self, folder_store: Store) -> None:
        sink = Sink()
        with smtp_server(sink) as port:
            row = self.one_mail_over(folder_store, port, "smtp", "?starttls=1")
        assert row.error == "MailProblem: SMTPNotSupportedError"
        assert not sink.taken

    def test_cut_after_data_is_sent_again_under_the_same_message_id(
        self, folder_store: Store
    ) -> None:
        sins = iter(["cut", "ok"])
        sink = Sink(lambda: next(sins))
        with smtp_server(sink) as port, in_app(over_smtp(folder_store, port)):
            public_id = add_mail()
            worker.drain()
            with time_machine.travel(clock.now() + timedelta(minutes=2)):
                worker.drain()
            assert all_rows()[public_id].done_at is not None
        assert sink.ids == {f"<{public_id}@lsp.example>": 2}

    def test_a_server_that_fails_only_at_goodbye_has_the_mail(self, folder_store: Store) -> None:
        class Rude(Sink):
            async def handle_QUIT(self, server: Any, _session: Any, _envelope: Any) -> str:
                server.transport.abort()
                return "421 gone"

        sink = Rude()
        with smtp_server(sink) as port:
            row = self.one_mail_over(folder_store, port)
        assert row.done_how == "sent"


def send_all_through_a_sinful_server(
    store: Store, count: int, monkeypatch: pytest.MonkeyPatch
) -> Sink:
    """Every mail arrives; one that arrives twice was cut after its data."""
    monkeypatch.setattr(outbox, "backoff", lambda _attempts: timedelta(0))
    monkeypatch.setattr(outbox, "MAX_ATTEMPTS", 100)
    sink = Sink(random_sins(8, {"ok": 55, "4xx": 15, "5xx": 10, "late5xx": 10, "cut": 10}))
    with smtp_server(sink) as port, in_app(over_smtp(store, port)):
        written = [add_mail() for _ in range(count)]
        worker.drain()
        rows = all_rows()
        assert all(rows[public_id].done_at for public_id in written)
    assert set(sink.ids) == {f"<{public_id}@lsp.example>" for public_id in written}
    assert sum(sink.ids.values()) - count <= sink.cuts
    return sink


@pytest.mark.both
def test_no_mail_is_lost_by_a_server_that_fails_by_chance(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = send_all_through_a_sinful_server(store, 40, monkeypatch)
    assert sink.cuts > 0


@pytest.mark.both
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_thousand_mails_through_a_failing_server(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = send_all_through_a_sinful_server(store, 1000, monkeypatch)
    print(f"1000 mails, {sink.cuts} cut after their data, {len(sink.taken) - 1000} arrived twice")  # noqa: T201


def test_two_workers_in_one_process_send_each_mail_once(folder_store: Store) -> None:
    sink = Sink()
    with smtp_server(sink) as port, in_app(over_smtp(folder_store, port)) as app:
        written = [add_mail() for _ in range(30)]

        def work() -> None:
            with app.app_context():
                worker.drain()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sink.ids == {f"<{public_id}@lsp.example>": 1 for public_id in written}


class TestSlowServer:
    def test_jobs_go_on_and_the_end_does_not_wait(
        self, folder_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One mail server that hangs must neither hold up certificates nor keep a worker from ending."""
        done = threading.Event()
        monkeypatch.setattr(worker, "CHORES", ())
        monkeypatch.setattr(worker, "STOP_SECONDS", 0.2)
        monkeypatch.setitem(worker.JOBS, "paper", lambda _item: done.set())
        with trickling_server() as port, in_app(over_smtp(folder_store, port)) as app:
            add_mail()
            with write_transaction():
                outbox.add(Channel.JOB, "paper", dedupe="paper", payload={})
            with worker_process.Stop() as stop:
                working = threading.Thread(target=_work, args=(app, stop))
                working.start()
                assert done.wait(20)
                began = time.monotonic()
                stop.ask()
                working.join(20)
            assert time.monotonic() - began < 10
            assert all(row.lease_until is None for row in all_rows().values())


def _work(app: Any, stop: worker_process.Stop) -> None:
    with app.app_context():
        worker.work(stop)
