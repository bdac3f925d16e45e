"""Dates and numbers in words, and text made fit to print."""

from datetime import date

import pytest

from lsp.papers.words import Bilingual, date_words, number_words, printable, years_words


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
