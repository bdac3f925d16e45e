"""Put a PAdES signature on a PDF; started by `lsp.gateways.child` with a header and the bytes on standard input.

The one place where pyHanko is imported. The signature is invisible: pyHanko's visible stamp names a font without
embedding it and so breaks PDF/A. Nothing here reaches the network but the time stamp, and only its own host.
"""

from __future__ import annotations

import io
import json
import struct
import sys
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

REFUSED = 3  # the exit code `run_child` turns into ChildRefused
LONGEST_ANSWER = 200_000
TSA_SECONDS = 10.0


class _TsaFailed(Exception):
    """The time stamp service did not answer, or with something else."""


def main() -> int:
    block = sys.stdin.buffer.read()
    (length,) = struct.unpack_from(">I", block)
    job: dict[str, Any] = json.loads(block[4 : 4 + length])
    p12, pdf = _cut(block[4 + length :], int(job["p12"]))
    _stay_inside(job["tsa"])
    try:
        sys.stdout.buffer.write(_signed(pdf, p12, job))
    except _TsaFailed:
        sys.stderr.write("tsa\n")
        return REFUSED
    return 0


def _cut(rest: bytes, at: int) -> tuple[bytes, bytes]:
    return rest[:at], rest[at:]


def _stay_inside(tsa: str) -> None:
    """Refuse every connection but those to the time stamp's host. An audit hook cannot be taken off again."""
    host, found = urlsplit(tsa).hostname or "", set[str]()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo":
            if not host or arguments[0] not in (host, host.encode()):
                raise PermissionError("no network here")
            found.add(host)
        elif event == "socket.connect" and (not host or not found):
            raise PermissionError("no network here")
        elif event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
            raise PermissionError("no other program here")

    sys.addaudithook(hook)


def _signed(pdf: bytes, p12: bytes, job: dict[str, Any]) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    signer = signers.SimpleSigner.load_pkcs12_data(
        p12, other_certs=[], passphrase=job["password"].encode() or None
    )
    if signer is None:
        raise ValueError("the key cannot be opened")
    out = io.BytesIO()
    signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(pdf)),
        signers.PdfSignatureMetadata(
            field_name="LSP",
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            # The certificate is finished: whatever is added later shows as a change.
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            reason=job["reason"],
            location=job["location"],
        ),
        signer=signer,
        timestamper=_time_stamper(job["tsa"]) if job["tsa"] else None,
        output=out,
    )
    return out.getvalue()


def _time_stamper(address: str) -> Any:
    from asn1crypto import tsp
    from pyhanko.sign.timestamps.api import TimeStamper

    class ByUrllib(TimeStamper):
        """pyHanko's own asks by aiohttp, which takes 20 MB more."""

        async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
            asked = urllib.request.Request(  # noqa: S310 - config.py lets http and https through
                address,
                data=req.dump(),
                headers={"Content-Type": "application/timestamp-query"},
            )
            # No proxy of the host's environment: the environment is empty here.
            try:
                with urllib.request.urlopen(asked, timeout=TSA_SECONDS) as answer:  # noqa: S310
                    content = answer.read(LONGEST_ANSWER)
                found = tsp.TimeStampResp.load(content)
                granted = found["status"]["status"].native in ("granted", "granted_with_mods")
            except (OSError, ValueError) as error:
                raise _TsaFailed(str(error)) from error
            if not granted:
                raise _TsaFailed("not granted")
            return found

    return ByUrllib()  # type: ignore[no-untyped-call]  # the base has no hints


if __name__ == "__main__":
    sys.exit(main())
