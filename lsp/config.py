"""Settings read from the environment, once, at the start. Says everything that is wrong at the same time.

Data of the LSP (fees, windows, quorum, texts) is not here: it is rows with a version and a date.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from lsp.crypto import PURPOSES, KeyProblem, Keyring, KeySet, read_or_make_key_file
from lsp.smtp_url import faults_of

ROOT = Path(__file__).resolve().parent.parent
MAX_UPLOAD_BYTES = 10_000_000
#: A multipart body carries its file and a few fields.
MAX_BODY_BYTES = MAX_UPLOAD_BYTES + 200_000
#: The kind of a body that is a piece of a file (tus 1.0); it is as large as an upload.
PIECE_TYPE = "application/offset+octet-stream"
#: Any other body. An FR.APL.02 of 120 KUK with six pieces of evidence ticked at each comes to 40 kB.
MAX_FORM_BYTES = 256_000


class ConfigProblem(Exception):
    """The environment cannot be used; the text lists every fault, one a line."""


@dataclass(frozen=True, slots=True)
class Config:
    """One installation. Built by `from_environment`, or by hand in tests."""

    data_folder: Path
    database_url: str
    base_url: str
    secret_key: str
    keyring: Keyring
    production: bool = False
    demo: bool = False
    smtp_url: str = ""
    mail_from: str = ""
    files_url: str = ""
    s3_options: dict[str, str] = field(default_factory=dict)
    trusted_proxies: int = 0
    #: The key that signs certificates; none: they are not signed (lsp/gateways/signer.py).
    sign_p12: Path | None = None
    sign_password: str = field(default="", repr=False)
    sign_password_file: Path | None = None
    sign_tsa_url: str = ""
    testing: bool = False

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    def flask_settings(self) -> dict[str, object]:
        """What Flask and its extensions read."""
        return {
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": self._engine_options(),
            "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
            "MAX_FORM_MEMORY_SIZE": 1_000_000,
            "MAX_FORM_PARTS": 1_000,
            # Long forms are filled over hours; the token lives as long as the sign-in does.
            "WTF_CSRF_TIME_LIMIT": None,
            # The access gate asks for the token after it knows who is there (lsp/views/gate.py).
            "WTF_CSRF_CHECK_DEFAULT": False,
            "WTF_CSRF_ENABLED": not self.testing,
            # It knows only the referrer, which some browsers hide; the gate asks Origin and Sec-Fetch-Site too.
            "WTF_CSRF_SSL_STRICT": False,
            "SESSION_COOKIE_NAME": "__Host-sid" if self.https else "sid",
            "SESSION_COOKIE_SECURE": self.https,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_PATH": "/",
            "PREFERRED_URL_SCHEME": "https" if self.https else "http",
            "TESTING": self.testing,
            "LSP": self,
            "DEMO": self.demo,
        }

    def _engine_options(self) -> dict[str, object]:
        # A failing statement is logged with its trace; names and addresses are in its parameters.
        options: dict[str, object] = {"hide_parameters": True}
        if self.sqlite:
            # More connections than threads: an upload must never wait for one (bars: pool exhaustion).
            return options | {"pool_size": 24, "max_overflow": 8, "connect_args": {"timeout": 10}}
        return options | {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True}


def from_environment(environ: dict[str, str] | None = None) -> Config:
    """Read the environment. Raises ConfigProblem with every fault found."""
    env = dict(os.environ if environ is None else environ)
    faults: list[str] = []
    data_folder = Path(env.get("LSP_DATA") or ROOT / "instance").resolve()
    production = env.get("LSP_ENV", "development") == "production"
    base_url = env.get("BASE_URL", "").rstrip("/")
    if not base_url:
        base_url = f"http://{env.get('HOST') or '127.0.0.1'}:{env.get('PORT') or '8000'}"
    database_url = _database_url(env.get("DATABASE_URL", ""), data_folder)
    files_url = env.get("FILES_URL", "")
    if production:
        faults += _production_faults(env, base_url, database_url, files_url, data_folder)
    faults += _files_faults(env)
    faults += _signing_faults(env)
    faults += faults_of(env.get("SMTP_URL", ""), env.get("MAIL_FROM", ""))
    trusted_proxies = _whole_number(env, "TRUSTED_PROXIES", faults)
    keyring, secret_key = _keys(env, data_folder, production, faults)
    if faults or keyring is None:
        raise ConfigProblem("\n".join(faults))
    return Config(
        data_folder=data_folder,
        database_url=database_url,
        base_url=base_url,
        secret_key=secret_key,
        keyring=keyring,
        production=production,
        demo=not production and (data_folder / "demo").exists(),
        smtp_url=env.get("SMTP_URL", ""),
        mail_from=env.get("MAIL_FROM", "") or "portal@localhost",
        files_url=files_url,
        s3_options={
            name.lower(): value
            for name, value in env.items()
            if name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT")
        },
        trusted_proxies=trusted_proxies,
        sign_p12=_path(env, "SIGN_P12"),
        sign_password=env.get("SIGN_P12_PASSWORD", ""),
        sign_password_file=_path(env, "SIGN_P12_PASSWORD_FILE"),
        sign_tsa_url=env.get("SIGN_TSA_URL", ""),
    )


def _path(env: dict[str, str], name: str) -> Path | None:
    return Path(env[name]).resolve() if env.get(name) else None


def _signing_faults(env: dict[str, str]) -> list[str]:
    """What contradicts itself. A key that cannot be opened stops nothing but the signing (signer.py)."""
    faults = []
    if env.get("SIGN_P12_PASSWORD") and env.get("SIGN_P12_PASSWORD_FILE"):
        faults.append("Set SIGN_P12_PASSWORD or SIGN_P12_PASSWORD_FILE, not both.")
    rest = ("SIGN_P12_PASSWORD", "SIGN_P12_PASSWORD_FILE", "SIGN_TSA_URL")
    if not env.get("SIGN_P12") and any(env.get(name) for name in rest):
        faults.append("SIGN_P12 must be set with the other SIGN_ variables, or none of them.")
    tsa = urlsplit(env.get("SIGN_TSA_URL", ""))
    if env.get("SIGN_TSA_URL") and (tsa.scheme not in ("http", "https") or not tsa.hostname):
        faults.append(
            "SIGN_TSA_URL must be the http:// or https:// address of a time stamp service."
        )
    return faults


def _whole_number(env: dict[str, str], name: str, faults: list[str]) -> int:
    text = env.get(name) or "0"
    if not text.isdigit():
        faults.append(f"{name} must be a whole number.")
        return 0
    return int(text)


def _database_url(url: str, data_folder: Path) -> str:
    if not url:
        return f"sqlite:///{data_folder / 'portal.sqlite3'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _files_faults(env: dict[str, str]) -> list[str]:
    parts = urlsplit(env.get("FILES_URL", ""))
    if parts != urlsplit("") and (parts.scheme != "s3" or not parts.netloc):
        return [
            "FILES_URL must be s3://bucket or s3://bucket/prefix; leave it out to keep files in LSP_DATA."
        ]
    return []


def _production_faults(
    env: dict[str, str], base_url: str, database_url: str, files_url: str, data_folder: Path
) -> list[str]:
    """What a production start refuses, each as one sentence that says what to set."""
    faults = []
    if urlsplit(base_url).scheme != "https":
        faults.append("BASE_URL must start with https:// in production.")
    if not env.get("SMTP_URL") or not env.get("MAIL_FROM"):
        faults.append(
            "SMTP_URL and MAIL_FROM must be set in production: people wait for these mails."
        )
    if (data_folder / "demo").exists():
        faults.append("This data folder holds demo data; production needs a fresh one.")
    if database_url.startswith("sqlite") or not files_url:
        volume_file = data_folder / "volume-id"
        wanted = env.get("LSP_VOLUME_ID", "")
        if not wanted or not volume_file.exists() or volume_file.read_text().strip() != wanted:
            faults.append(
                "A cheap dyno's disk may vanish at each restart. Either mount a volume, write its id into "
                f"{volume_file.name} in LSP_DATA and set LSP_VOLUME_ID to the same id, or set DATABASE_URL "
                "(PostgreSQL) and FILES_URL. See docs/deploy.md."
            )
    return faults


def _keys(
    env: dict[str, str], data_folder: Path, production: bool, faults: list[str]
) -> tuple[Keyring | None, str]:
    names = {purpose: f"LSP_KEY_{purpose.upper()}" for purpose in PURPOSES}
    texts = {purpose: env.get(name, "") for purpose, name in names.items()}
    secret_key = env.get("SECRET_KEY", "")
    if not production and not all((*texts.values(), secret_key)):
        try:
            stored = read_or_make_key_file(data_folder / "keys.json")
        except KeyProblem as problem:
            faults.append(str(problem))
            return None, secret_key
        except OSError as problem:
            faults.append(f"The data folder {data_folder} cannot be used: {problem.strerror}.")
            return None, secret_key
        texts = {purpose: text or stored[purpose] for purpose, text in texts.items()}
        secret_key = secret_key or stored["secret_key"]
    if len(secret_key) < 32:
        faults.append("SECRET_KEY must be set, 32 characters or more.")
    missing = [names[purpose] for purpose, text in texts.items() if not text]
    if missing:
        faults.append(
            "Set " + ", ".join(missing) + " (id:base64 of 32 random bytes; see docs/deploy.md)."
        )
        return None, secret_key
    try:
        return Keyring(
            {purpose: KeySet.parse(purpose, text) for purpose, text in texts.items()}
        ), secret_key
    except KeyProblem as problem:
        faults.append(str(problem))
        return None, secret_key
