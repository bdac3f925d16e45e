"""Dates and numbers in words, and text made fit to print."""

from datetime import date

import pytest

from lsp.papers.words import (
    Bilingual,
    amount_words,
    date_words,
    number_words,
    printable,
    years_words,
)


def test_dates_in_both_languages():
    assert date_words(date(2026, 8, 1)) == Bilingual("1 Agustus 2026", "1 August 2026")
    assert date_words(date(2031, 12, 31)) == Bilingual("31 Desember 2031", "31 December 2031")
    assert date_words(date(2027, 1, 9)) == Bilingual("9 Januari 2027", "9 January 2027")


def test_numbers_in_both_languages():
    assert number_words(9) == Bilingual("9 (sembilan)", "9 (nine)")
    assert years_words(5) == Bilingual("5 (lima) tahun", "5 (five) years")
    assert years_words(1) == Bilingual("1 (satu) tahun", "1 (one) year")


@pytest.mark.parametrize("number", [-1, 11])
def test_a_number_without_words_is_refused(number):
    with pytest.raises(ValueError, match="no words"):
        number_words(number)


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("  Rosmaida \t\n Hutagaol ", "Rosmaida Hutagaol"),
        ("Andre\u0301", "André"),  # composed, so that it is found again by a search
        ("\u202eiduB\u202c", "iduB"),  # a direction override could show another name
        ("Bu\u200bdi\u00ad", "Budi"),
        ("Budi\u0000", "Budi"),
        ("Budi\u2028Santoso", "Budi Santoso"),
    ],
)
def test_invisible_letters_do_not_reach_a_paper(given, printed):
    assert printable(given) == printed


@pytest.mark.parametrize(
    ("rupiah", "words"),
    [
        (0, "nol rupiah"),
        (1, "satu rupiah"),
        (10, "sepuluh rupiah"),
        (11, "sebelas rupiah"),
        (12, "dua belas rupiah"),
        (19, "sembilan belas rupiah"),
        (20, "dua puluh rupiah"),
        (21, "dua puluh satu rupiah"),
        (100, "seratus rupiah"),
        (111, "seratus sebelas rupiah"),
        (210, "dua ratus sepuluh rupiah"),
        (1_000, "seribu rupiah"),
        (1_001, "seribu satu rupiah"),
        (2_015, "dua ribu lima belas rupiah"),
        (11_000, "sebelas ribu rupiah"),
        (100_000, "seratus ribu rupiah"),
        (101_000, "seratus satu ribu rupiah"),
        (1_000_000, "satu juta rupiah"),
        (1_001_000, "satu juta seribu rupiah"),
        (1_250_000, "satu juta dua ratus lima puluh ribu rupiah"),
        (999_999_999, "sembilan ratus sembilan puluh sembilan juta sembilan ratus sembilan puluh sembilan ribu "
                      "sembilan ratus sembilan puluh sembilan rupiah"),
        (1_000_000_000, "satu miliar rupiah"),
        (1_000_000_001_000, "satu triliun seribu rupiah"),
    ],
)  # fmt: skip
def test_an_amount_in_words(rupiah, words):
    assert amount_words(rupiah) == words


@pytest.mark.parametrize("rupiah", [-1, 10**15])
def test_an_amount_beyond_words_is_refused(rupiah):
    with pytest.raises(ValueError, match="no words"):
        amount_words(rupiah)
