"""Log lines as JSON on standard output: who (by id), what, how long; never personal data or a query string."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import IO, Any, TextIO, cast

import structlog
from flask import g
from werkzeug.wrappers import Request, Response

# Long digit runs (NIK, phone), e-mail addresses and tokens have no place in a log.
_SECRETS = re.compile(r"\d{9,}|[\w.+-]+@[\w-]+\.[\w.]+|[A-Za-z0-9_-]{40,}")
# PostgreSQL tells the whole row it refused ("Failing row contains ..."), whatever the driver is told to hide.
_ROW = re.compile(r"DETAIL:.*?(?=\nCONTEXT:|\n\[SQL:|\nThe above exception|\Z)", re.DOTALL)


def _redact(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _SECRETS.sub("…", _ROW.sub("DETAIL: …", value))
    return event


class PatientFile:
    """Standard output that may be full or closed: a line that cannot be written is lost, the request goes on.

    Each line tries anew, so the log comes back by itself when the disk has room again.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        try:
            return self._file.write(text)
        except (OSError, ValueError):  # ValueError: the file was closed
            return 0

    def flush(self) -> None:
        try:
            self._file.flush()
        except (OSError, ValueError):
            return


def configure(*, testing: bool) -> None:
    """Set up structlog once per process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.WARNING if testing else logging.INFO
        ),
        logger_factory=structlog.PrintLoggerFactory(file=cast(TextIO, PatientFile(sys.stdout))),
        cache_logger_on_first_use=not testing,
    )


def logger() -> Any:
    return structlog.get_logger()


def request_line(request: Request, response: Response) -> None:
    """One line a request: route name instead of the address, which may hold a one-use token."""
    actor = g.get("actor")
    logger().info(
        "request",
        request_id=g.get("request_id", ""),
        method=request.method,
        route=getattr(request, "endpoint", None),
        status=response.status_code,
        actor=actor.id if actor is not None else None,
    )
