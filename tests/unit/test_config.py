"""Settings from the environment: every fault is named at the start, before anything is served."""

from __future__ import annotations

import re

import pytest

from lsp import config
from lsp.config import ROOT, ConfigProblem, from_environment
from lsp.smtp_url import read_server

PRODUCTION = {
    "LSP_ENV": "production",
    "BASE_URL": "https://lsp.example",
    "MAIL_FROM": "a@lsp.example",
}


def faults(tmp_path, **changes):
    with pytest.raises(ConfigProblem) as problem:
        from_environment({"LSP_DATA": str(tmp_path)} | changes)
    return str(problem.value).splitlines()


class TestMail:
    def test_a_password_in_the_clear_is_named_with_the_other_faults(self, tmp_path):
        said = faults(tmp_path, **PRODUCTION, SMTP_URL="smtp://user:secret@mail.example:587")
        assert any("?starttls=1" in line for line in said)
        assert any("LSP_KEY_PERSONAL" in line for line in said)
        assert not any("secret" in line for line in said)

    def test_no_address_is_named_in_development_too(self, tmp_path):
        assert faults(tmp_path, SMTP_URL="mail.example", MAIL_FROM="nobody") == [
            "SMTP_URL must begin with smtp:// or smtps:// and name a host.",
            "MAIL_FROM is not an address.",
        ]

    def test_what_the_guide_shows_works(self):
        row = next(
            line
            for line in (ROOT / "docs/deploy.md").read_text().splitlines()
            if "| `SMTP_URL`" in line
        )
        shown = re.findall(r"`(smtps?://[^`]+)`", row)
        assert len(shown) == 2
        for url in shown:
            server = read_server(url)
            assert server.tls or server.starttls


class TestFiles:
    @pytest.mark.parametrize(
        "url", ["bucket/prefix", "https://s3.example/bucket", "s3://", "file:///x"]
    )
    def test_an_address_that_is_no_bucket(self, tmp_path, url):
        (said,) = faults(tmp_path, FILES_URL=url)
        assert "s3://bucket/prefix" in said

    def test_a_bucket(self, tmp_path):
        made = from_environment({"LSP_DATA": str(tmp_path), "FILES_URL": "s3://lsp-contoh/berkas"})
        assert made.files_url == "s3://lsp-contoh/berkas"


def test_the_largest_bodies(tmp_path):
    assert config.MAX_FORM_BYTES < config.MAX_UPLOAD_BYTES < config.MAX_BODY_BYTES
