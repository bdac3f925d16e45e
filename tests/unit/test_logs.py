"""The log: a full disk or a closed pipe under it stops nothing."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from lsp.logs import PatientFile

SAY = """
import sys
from lsp import logs
logs.configure(testing=False)
for number in range(500):
    logs.logger().info("something happened", number=number)
sys.stderr.write("alive")
"""


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), BrokenPipeError()])
def test_lines_are_lost_while_it_cannot_be_written_and_come_back(fault):
    class Disk(io.StringIO):
        full = True

        def write(self, text):
            if self.full:
                raise fault
            return super().write(text)

        def flush(self):
            self.write("")

    disk = Disk()
    log = PatientFile(disk)
    print("lost", file=log, flush=True)
    disk.full = False
    print("kept", file=log, flush=True)
    assert disk.getvalue() == "kept\n"


def test_a_process_outlives_its_log():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", SAY], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.stderr.startswith(b"alive")
