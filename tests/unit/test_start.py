"""A start that cannot succeed says why in a sentence, and changes nothing."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys

import pytest

from lsp.config import ROOT, ConfigProblem, from_environment
from lsp.crypto import PURPOSES
from tests.support.app import build


def start(folder, *command):
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *(command or ("lsp", "prepare", "--no-input", "--empty"))],
        cwd=ROOT, env=environment | {"LSP_DATA": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def keys_of(folder):
    return from_environment({"LSP_DATA": str(folder)}).keyring


class TestKeys:
    @pytest.mark.parametrize("content", ["", "{", "[]", '{"personal": "1:abc"}'])
    def test_a_damaged_file_is_named_and_kept(self, tmp_path, content):
        (tmp_path / "keys.json").write_text(content)
        with pytest.raises(ConfigProblem, match=r"keys\.json is damaged"):
            keys_of(tmp_path)
        assert (tmp_path / "keys.json").read_text() == content

    @pytest.mark.parametrize("left", ["portal.sqlite3", "files/installation-id"])
    def test_a_lost_file_is_not_replaced_beside_data(self, tmp_path, left):
        (tmp_path / left).parent.mkdir(exist_ok=True)
        (tmp_path / left).write_text("")
        with pytest.raises(ConfigProblem, match="is lost"):
            keys_of(tmp_path)
        assert not (tmp_path / "keys.json").exists()

    def test_a_fresh_folder_gets_them_for_its_owner_alone(self, tmp_path):
        keys_of(tmp_path / "new")
        made = tmp_path / "new" / "keys.json"
        assert set(json.loads(made.read_text())) == {*PURPOSES, "secret_key"}
        assert stat.S_IMODE(made.stat().st_mode) == 0o600
        assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700


def test_the_data_folder_is_its_owners_alone(tmp_path):
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    build(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_data_folder_that_is_none_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigProblem, match="cannot be used"):
        build(tmp_path / "file" / "data")


class TestDatabase:
    def test_damaged_or_newer_is_said_without_a_traceback(self, tmp_path):
        keys_of(tmp_path)
        file = tmp_path / "portal.sqlite3"
        file.write_bytes(b"no database at all" * 500)
        done = start(tmp_path)
        assert done.returncode == 1
        assert "Basis data rusak" in done.stderr
        assert "Traceback" not in done.stderr
        file.unlink()
        with sqlite3.connect(file) as made:
            made.execute("create table alembic_version (version_num text)")
            made.execute("insert into alembic_version values ('9999_from_the_future')")
        made.close()
        done = start(tmp_path)
        assert done.returncode == 1
        assert "versi portal yang lebih baru" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_wrong_setting_is_said_without_a_traceback(self, tmp_path):
        (tmp_path / "keys.json").write_text("")
        done = start(tmp_path)
        assert done.returncode == 1
        assert "is damaged" in done.stderr
        assert "Traceback" not in done.stderr

    def test_what_a_start_writes_is_its_owners_alone(self, tmp_path):
        assert start(tmp_path).returncode == 0
        for path in tmp_path.rglob("*"):
            assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
