"""What runs, what is skipped, and when that is a failure: --slow, the marker `browser`, REQUIRE_ALL=1.

Loaded by tests/conftest.py with `pytest_plugins`. A skip must say how to enable what it skipped; all of them
are printed together at the end. Slow tests are left out, not skipped: they run when --slow asks for them.
"""

from __future__ import annotations

import os
import re
from collections import Counter

import pytest

NO_CHROMIUM = (
    "no Chromium was found; install one (Debian: apt install chromium) "
    "or set CHROMIUM to the path of chromium or google-chrome"
)
_FROM_WORKERS = "lsp_left_out"


def required() -> bool:
    return os.environ.get("REQUIRE_ALL") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("lsp").addoption(
        "--slow",
        action="store_true",
        help="run the long fault and property runs too, as .ci/run does",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LeftOut(config), "lsp-left-out")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not os.environ.get("CHROMIUM"):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))
    if not config.getoption("--slow"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        if slow:
            config.hook.pytest_deselected(items=slow)
            items[:] = [item for item in items if not item.get_closest_marker("slow")]


class LeftOut:
    """Counts skips by reason and slow tests left out, also those that xdist's workers saw."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.skips: Counter[str] = Counter()
        self.slow = 0

    @property
    def _is_worker(self) -> bool:
        return hasattr(self.config, "workerinput")

    # A skipped test is reported to the main process; a skipped file, and what was deselected, only to the
    # process that collected it.

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail") and not self._is_worker:
            self.skips[_reason(report)] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.skips[_reason(report)] += 1

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        if not self.config.getoption("--slow"):
            self.slow += sum(1 for item in items if item.get_closest_marker("slow"))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        # Every worker collects everything, so the largest count is the true one, not the sum.
        skips, slow = getattr(node, "workeroutput", {}).get(_FROM_WORKERS, ({}, 0))
        self.slow = max(self.slow, slow)
        for reason, count in skips.items():
            self.skips[reason] = max(self.skips[reason], count)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._is_worker:
            self.config.workeroutput[_FROM_WORKERS] = (dict(self.skips), self.slow)  # type: ignore[attr-defined]
        elif required() and self.skips and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.skips:
            if required():
                terminalreporter.section(
                    "FAILED: tests were skipped, and REQUIRE_ALL=1 allows none", red=True
                )
            else:
                terminalreporter.section("skipped, and how to enable it")
            for reason, count in self.skips.most_common():
                terminalreporter.line(f"{count:5}  {reason}")
        if self.slow:
            terminalreporter.line(f"{self.slow:5}  long runs were left out; add --slow to run them")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The words given to skip(); pytest wraps them in a triple of file, line and text."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return re.sub(r"^Skipped: ", "", text)
