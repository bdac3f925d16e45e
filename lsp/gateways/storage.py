"""The installation's one file store and the lock for heavy work, set once by `create_app`."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlsplit

from lsp.config import Config
from lsp.gateways.files import FileKeys, FileStore, S3Config
from lsp.gateways.parts import Parts

_HEAVY_LOCK = "heavy.lock"


class _Installed:
    store: FileStore | None = None
    lock_path: Path | None = None
    parts: Parts | None = None
    recording_parts: Parts | None = None
    on_disk: bool = True


def install(config: Config) -> None:
    """Local folder by default; an S3 bucket when `FILES_URL` (s3://bucket/prefix) is set."""
    keys = FileKeys(config.keyring.files())
    _Installed.lock_path = config.data_folder / _HEAVY_LOCK
    _Installed.parts = Parts(config.data_folder / "parts")
    _Installed.recording_parts = Parts(config.data_folder / "recording-parts")
    _Installed.on_disk = not config.files_url
    if config.files_url:
        _Installed.store = FileStore.s3(_s3_config(config), keys)
        return
    folder = config.data_folder / "files"
    folder.mkdir(parents=True, exist_ok=True)
    _Installed.store = FileStore.local(folder, keys)


def store() -> FileStore:
    """The file store. Raises RuntimeError before `install`."""
    if _Installed.store is None:
        raise RuntimeError("the file store is not installed")
    return _Installed.store


def parts() -> Parts:
    """Files on their way in pieces: on this dyno's disk, also where the store is a bucket."""
    if _Installed.parts is None:
        raise RuntimeError("the file store is not installed")
    return _Installed.parts


def recording_parts() -> Parts:
    """Recordings on their way: apart, because they are large and live longer."""
    if _Installed.recording_parts is None:
        raise RuntimeError("the file store is not installed")
    return _Installed.recording_parts


def room() -> int:
    """Bytes that are free on the disk of the data folder."""
    return shutil.disk_usage(heavy_lock().parent).free


def disk_copies() -> int:
    """How often a file on its way stands on that disk at most: its part, and the stored file unless a bucket has it."""
    return 2 if _Installed.on_disk else 1


def heavy_lock() -> Path:
    """Lock file of heavy work, shared by the processes of this dyno."""
    if _Installed.lock_path is None:
        raise RuntimeError("the file store is not installed")
    return _Installed.lock_path


def _s3_config(config: Config) -> S3Config:
    parts = urlsplit(config.files_url)
    options = config.s3_options
    return S3Config(
        bucket=parts.netloc,
        prefix=parts.path.strip("/"),
        region=options.get("aws_region", "us-east-1"),
        access_key_id=options.get("aws_access_key_id", ""),
        secret_access_key=options.get("aws_secret_access_key", ""),
        endpoint=options.get("aws_endpoint") or None,
    )
