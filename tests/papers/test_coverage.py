"""What is said to be printable is printed, and what no font has is named before it is frozen."""

import unicodedata
from datetime import UTC, datetime

import pytest

from lsp.gateways.child import ChildRefused
from lsp.papers import coverage, qr, typeset as typesetting
from lsp.papers.certificate import certificate_pdf
from lsp.papers.coverage import unprintable_in, why_unprintable
from lsp.papers.words import printable
from tests.papers.reading import page_texts, sample_paper

STYLES = '(font: serif), (font: sans), (font: sans, weight: 600), (font: serif, style: "italic")'
EVERY_STYLE = f"""#import "_house.typ": *
#for style in ({STYLES}) {{ for letter in paper-input().data.letters [#text(..style, letter) ] }}
"""


def all_letters():
    return [
        chr(code)
        for firsts, lasts in coverage._fonts()
        for first, last in zip(firsts, lasts, strict=True)
        for code in range(first, last + 1)
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Rosmaida Hutagaol",
        "José Muñoz – Ma'ruf Nur ʼAin",
        "Andre\u0301",
        "Đặng Thị Hạnh",
        "Nikoloz Řehoř, Ş. Ğ. S.T., M.T.",
        "Bu\u200bdi",
    ],
)
def test_names_with_diacritics_pass_and_are_printed(name, lock_path):
    assert unprintable_in(name) == ()
    assert printable(name) in page_texts(
        certificate_pdf(sample_paper(holder_name=name), lock_path=lock_path)
    )[0].replace("\n", " ")


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("Budi 😀", ("😀",)),
        ("BLK-😀-01", ("😀",)),
        ("李伟", ("李", "伟")),
        ("علي", ("ع", "ل", "ي")),
        ("A\ufe0f", ("A\ufe0f",)),
        ("x\u0321", ("x\u0321",)),  # no single letter, and the mark stands in one font only
    ],
)
def test_letters_that_no_font_has_are_named(text, letters):
    assert unprintable_in(text) == letters
    sentence = why_unprintable("Nama lengkap", text, longest=250)
    assert sentence.startswith("Nama lengkap memuat huruf yang tidak dapat dicetak")
    assert f"“{letters[0]}” (U+{ord(letters[0][0]):04X}" in sentence


def test_nothing_to_read_and_too_much_are_said():
    assert "belum berisi huruf" in why_unprintable("Nama", "\u200b", longest=250)
    assert "lebih dari 60 huruf" in why_unprintable("Nomor", "9" * 61, longest=60)


def test_every_letter_said_to_be_printable_is_printed_in_every_style(
    tmp_path, monkeypatch, lock_path
):
    """Against Typst itself, so that a new font or a new way to read its table cannot be wrong unseen."""
    given = [
        "o" + letter if unicodedata.category(letter).startswith("M") else letter
        for letter in all_letters()
    ]
    letters = sorted({printable(each) for each in given if not unprintable_in(each)} - {""})
    assert len(letters) > 1_500
    (tmp_path / "_house.typ").write_bytes((typesetting.PAPERS / "_house.typ").read_bytes())
    (tmp_path / "trial.typ").write_text(EVERY_STYLE, encoding="utf-8")
    monkeypatch.setattr(typesetting, "PAPERS", tmp_path)

    def print_them(letters):
        when = datetime(2026, 8, 24, tzinfo=UTC)
        typesetting.typeset(
            "trial", {"letters": letters}, assets={}, timestamp=when, lock_path=lock_path
        )

    print_them(letters)
    with pytest.raises(ChildRefused):
        print_them(["x\u0321"])


def test_the_table_of_letters_is_small():
    numbers = sum(len(firsts) + len(lasts) for firsts, lasts in coverage._fonts())
    assert numbers < 2_500


@pytest.mark.parametrize("content", ["漢" * 150, "x" * 450, "https://lpjk.contoh.id/" + "9" * 270])
def test_a_code_that_fits_is_drawn(content):
    assert qr.fits_on_paper(content)
    assert qr.printed_qr(content).side_mm <= qr.LARGEST_SIDE_MM


@pytest.mark.parametrize("content", ["", "漢" * 300, "x" * 451])
def test_a_code_that_does_not_fit_is_known_without_drawing(content):
    assert not qr.fits_on_paper(content)
    with pytest.raises(ValueError, match="does not fit"):
        qr.printed_qr(content)
