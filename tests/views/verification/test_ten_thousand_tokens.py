"""Ten thousand tokens that are not a certificate's, asked through HTTP: none is found, in page or JSON."""

from __future__ import annotations

import os
import random
from urllib.parse import quote

import pytest
from sqlalchemy import select

from lsp import ids
from lsp.database import db
from lsp.models import Certificate
from lsp.vocabulary import PermohonanStatus
from tests.workflow.cases import make_cast, make_permohonan

#: A letter -> what a reader or a phone makes of it. None of them stands in our alphabet, or it stands for another.
LOOKS_LIKE = {
    "0": "OoΟОഠ𝟎０", "1": "IiLl|І１", "2": "Zz２", "5": "Ss５", "8": "B８", "B": "8Вβ", "A": "АΑａ", "E": "ЕΕ",
    "H": "НΗ", "K": "KКΚ", "M": "МΜ", "P": "РΡ", "S": "ſ5Ѕ", "T": "ТΤ", "X": "ХΧ", "Y": "УΥ", "V": "UuѴ",
}  # fmt: skip


def by_chance(token: str, chance: random.Random) -> str:
    return ids.certificate_token() if chance.random() < 0.5 else "".join(
        chance.choice(ids.ALPHABET) for _ in range(chance.choice((1, 16, 25, 26, 26, 27, 60)))
    )  # fmt: skip


def one_letter(token: str, chance: random.Random) -> str:
    place = chance.randrange(len(token))
    return token[:place] + chance.choice(ids.ALPHABET) + token[place + 1 :]


def look_alike(token: str, chance: random.Random) -> str:
    place = chance.choice([at for at, letter in enumerate(token) if letter in LOOKS_LIKE])
    return token[:place] + chance.choice(LOOKS_LIKE[token[place]]) + token[place + 1 :]


def other_case(token: str, chance: random.Random) -> str:
    """Small letters are the same token, so one letter is changed beside."""
    mixed = "".join(chance.choice((letter.lower(), letter)) for letter in token)
    return one_letter(mixed, chance)


def unicode_beside(token: str, chance: random.Random) -> str:
    place = chance.randrange(len(token) + 1)
    return token[:place] + chance.choice("\u200b\u00ad\u202e\u0301\ufeff é٠😀") + token[place:]


def cut(token: str, chance: random.Random) -> str:
    place = chance.randrange(len(token))
    return chance.choice(
        (token[:place] or "0", token[place + 1 :] or "0", token + token[:place] + "0")
    )


def swapped(token: str, chance: random.Random) -> str:
    letters = list(token)
    first, second = chance.sample(range(len(letters)), 2)
    letters[first], letters[second] = letters[second], letters[first]
    return "".join(letters)


WAYS = (by_chance, one_letter, look_alike, other_case, unicode_beside, cut, swapped)


def wrong_tokens(token: str, count: int, seed: int) -> list[str]:
    """Distinct ones; what is the very token but for the case is none of them."""
    chance = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        mutant = chance.choice(WAYS)(token, chance)
        if chance.random() < 0.4:
            mutant = chance.choice((one_letter, unicode_beside, cut))(mutant, chance)
        if not (mutant.isascii() and mutant.upper() == token):
            made[mutant] = None
    return list(made)


def found_among(client, tokens: list[str]) -> list[str]:
    """Those that were answered with anything but 404."""
    return [
        token
        for number, token in enumerate(tokens)
        if client.get(f"/verifikasi/{quote(token, safe='')}{('', '.json')[number % 2]}").status_code
        != 404
    ]


@pytest.fixture
def token(app) -> str:
    case = make_permohonan(PermohonanStatus.ISSUED, cast=make_cast())
    return str(
        db.session.scalar(select(Certificate.token).where(Certificate.permohonan_id == case.id))
    )


def test_none_of_some_is_found(app, token):
    client = app.test_client()
    assert client.get(f"/verifikasi/{token.lower()}").status_code == 200, "the right one is"
    assert found_among(client, wrong_tokens(token, 140, seed=6)) == []


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_none_of_ten_thousand_is_found(app, token):
    tokens = wrong_tokens(token, 10_000, seed=int(os.environ.get("SEED", "43")))
    assert found_among(app.test_client(), tokens) == []
