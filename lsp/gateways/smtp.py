"""Hand a message to an SMTP server within one deadline, however slowly the server speaks.

smtplib's timeout begins anew with every byte, so a server that says one line every five seconds could keep a mail
for hours: its lease would run out and a second worker would send it again.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from contextlib import suppress
from email.message import EmailMessage

from lsp.smtp_url import SmtpServer

#: The longest silence of a server.
TIMEOUT_SECONDS = 20.0
#: The longest delivery, well within the lease of its row (services/outbox.py).
DEADLINE_SECONDS = 60.0


class _Ending:
    """When every delivery is to end, because the worker is."""

    at = float("inf")


def end_within(seconds: float) -> None:
    """Give the delivery under way so long; later ones end at once, until `begin_again`."""
    _Ending.at = time.monotonic() + seconds


def begin_again() -> None:
    _Ending.at = float("inf")


def send(server: SmtpServer, message: EmailMessage) -> None:
    """Returns when the server has it. Raises SMTPException or OSError, TimeoutError past the deadline."""
    delivery = _Delivery(server, message)
    delivery.start()
    end = time.monotonic() + DEADLINE_SECONDS
    while delivery.is_alive() and (left := min(end, _Ending.at) - time.monotonic()) > 0:
        delivery.join(min(left, 0.25))
    if delivery.is_alive():
        delivery.cut()
        raise TimeoutError("the delivery took too long")
    if delivery.error is not None:
        raise delivery.error


class _Delivery(threading.Thread):
    """One delivery, which can be left behind: once cut off it cannot send any more."""

    def __init__(self, server: SmtpServer, message: EmailMessage) -> None:
        super().__init__(name="mail", daemon=True)
        self._server, self._message = server, message
        self._cut, self._smtp = threading.Event(), _connection(server, message)
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self._deliver()
        except (smtplib.SMTPException, OSError) as problem:
            self.error = problem
        finally:
            self._smtp.close()

    def cut(self) -> None:
        self._cut.set()
        line = self._smtp.sock
        if isinstance(line, socket.socket):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _deliver(self) -> None:
        server, smtp = self._server, self._smtp
        smtp.connect(server.host, server.port)
        if server.starttls:
            smtp.starttls(context=ssl.create_default_context())
        if server.user:
            smtp.login(server.user, server.password)
        if self._cut.is_set():  # before there was a line to cut
            raise TimeoutError("the delivery took too long")
        smtp.send_message(self._message)
        # The server has the mail: whatever goes wrong from here must not send it again.
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()


def _connection(server: SmtpServer, message: EmailMessage) -> smtplib.SMTP:
    """Not yet connected."""
    ours = message["From"].addresses[0].domain  # for EHLO: asking the resolver may take seconds
    if not server.tls:
        made = smtplib.SMTP(local_hostname=ours, timeout=TIMEOUT_SECONDS)
    else:
        made = smtplib.SMTP_SSL(
            local_hostname=ours, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    # Without this, TLS checks the certificate against the empty name given to the constructor.
    made._host = server.host  # type: ignore[attr-defined]
    return made
