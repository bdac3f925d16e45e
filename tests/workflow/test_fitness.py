"""Who may assess, and what may be assessed remotely: day by day, over rows that overlap, were ended or corrected."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lsp.models import AsesorProfile, RemotePermission, SkemaVersion
from lsp.workflow.fitness import why_no_permission, why_unfit

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
BEFORE_LAST = LAST - timedelta(days=1)
METHODS = ["observasi", "wawancara"]


def permission(since=FIRST, until=LAST, methods=METHODS, ended_on=None):
    return RemotePermission(
        number="1/SJJ", valid_from=since, valid_until=until, methods=methods, ended_on=ended_on
    )


def why_not(*rows, methods=METHODS):
    return why_no_permission(rows, methods, FIRST, LAST)


class TestPermission:
    def test_one_that_covers_all_days(self):
        assert why_not(permission()) is None

    def test_two_that_follow_each_other(self):
        middle = date(2026, 11, 15)
        rows = (permission(until=middle), permission(since=middle + timedelta(days=1)))
        assert why_not(*rows) is None

    def test_a_gap_between_two_is_named(self):
        rows = (permission(until=date(2026, 11, 14)), permission(since=date(2026, 11, 16)))
        assert "pada 15 November 2026" in why_not(*rows)

    def test_ended_before_its_end(self):
        assert "pada 11 November 2026" in why_not(permission(ended_on=date(2026, 11, 10)))

    def test_a_method_that_is_not_listed_is_named(self):
        assert why_not(permission(methods=["wawancara"])).endswith("Observasi demonstrasi.")

    def test_a_second_one_that_lists_it_is_enough(self):
        assert why_not(permission(methods=["wawancara"]), permission()) is None

    def test_a_skema_without_a_plan_asks_for_no_method(self):
        assert why_not(permission(methods=[]), methods=[]) is None


class TestAsesor:
    @pytest.fixture
    def fits(self, app):
        """Whether a profile of these columns fits a skema of MP01, jenjang 4, until the last day."""
        version = SkemaVersion(subklasifikasi_code="MP01", jenjang=4)

        def asking(**columns):
            values = {
                "met_valid_until": LAST, "skk_number": "S", "skk_valid_until": LAST, "scope": ["MP01"], "jenjang": 6,
            }  # fmt: skip
            return why_unfit(AsesorProfile(**(values | columns)), version, until=LAST, who="Budi")

        return asking

    def test_to_the_very_last_day(self, fits):
        assert fits() is None

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            ({"met_valid_until": BEFORE_LAST}, "Sertifikat MET Budi hanya berlaku sampai 29 November 2026."),
            ({"skk_valid_until": BEFORE_LAST}, "SKK milik Budi hanya berlaku sampai 29 November 2026."),
            ({"skk_valid_until": None}, "SKK milik Budi belum dicatat."),
            ({"scope": ["SI01"]}, "Budi tidak punya lingkup subklasifikasi MP01."),
            ({"jenjang": 5}, "Jenjang Budi tidak mencukupi untuk skema jenjang 4."),
            ({"jenjang": 2}, "Jenjang Budi tidak mencukupi untuk skema jenjang 4."),
        ],
    )  # fmt: skip
    def test_what_stands_against_him(self, fits, columns, words):
        assert fits(**columns) == words
