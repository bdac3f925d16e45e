"""A worker with nothing to do stands in nobody's way."""

from __future__ import annotations

import pytest
from flask import Flask

from lsp import worker


@pytest.mark.both
def test_an_idle_round_takes_no_writer_s_turn(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def turn() -> None:
        raise AssertionError("a write transaction was begun")

    worker.drain()
    monkeypatch.setattr(worker, "write_transaction", turn)
    assert worker.go_round() == 0
