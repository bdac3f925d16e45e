"""Reading what ships with the product: reference tables, defaults, texts, schemes. Origins stand in NOTICE."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


def read_csv(name: str) -> list[dict[str, str]]:
    """Rows of a table, e.g. `reference/provinsi.csv`."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_json(name: str) -> Any:
    """Content of a JSON file, e.g. `defaults/settings.json`."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def read_text(name: str) -> str:
    """Content of a text file, e.g. `muk/fr_ia_09.csv`."""
    return (FOLDER / name).read_text(encoding="utf-8")


def read_titled_text(name: str) -> tuple[str, str]:
    """(title, body) of a text file: the first line is the title, the body begins after the empty line."""
    title, _, body = (FOLDER / name).read_text(encoding="utf-8").partition("\n\n")
    return title.strip(), body.strip()
