"""Why a message did not leave, in Indonesian, from the class and codes that the worker wrote down."""

from __future__ import annotations

import re

_NO_ANSWER = "Server e-mail tidak menjawab. Portal mencobanya lagi sendiri."
_SENTENCES = {
    "SMTPRecipientsRefused": "Server e-mail menolak alamat penerima. Periksa ejaannya, lalu hubungi orangnya.",
    "SMTPSenderRefused": "Server e-mail menolak alamat pengirim portal. Hubungi pengelola portal.",
    "SMTPAuthenticationError": "Server e-mail menolak kata sandi portal. Hubungi pengelola portal.",
    "SMTPDataError": "Server e-mail menolak isi kiriman.",
    "SMTPServerDisconnected": "Server e-mail memutus sambungan. Portal mencobanya lagi sendiri.",
    "SSLCertVerificationError": "Server e-mail tidak dapat dipastikan keasliannya. Hubungi pengelola portal.",
    "ConnectionRefusedError": _NO_ANSWER,
    "TimeoutError": _NO_ANSWER,
    "gaierror": "Alamat server e-mail tidak ditemukan. Hubungi pengelola portal.",
    "OSError": _NO_ANSWER,
    "LeaseExpired": "Portal berhenti di tengah pengiriman, setiap kali dicoba. Hubungi pengelola portal.",
    "StoreUnavailable": "Tempat penyimpanan berkas tidak menjawab. Portal mencobanya lagi sendiri.",
    "HeavyWorkBusy": "Portal sedang mengerjakan berkas lain. Portal mencobanya lagi sendiri.",
}
_OTHERS = "Portal gagal menyiapkan kiriman ini. Hubungi pengelola portal."
_CODE = re.compile(r"\b[245][0-9]{2}( [245]\.[0-9]+\.[0-9]+)?\b")


def why_not_sent(error: str) -> str:
    """A sentence for `SMTPRecipientsRefused: 550 5.1.1`, with the server's code, which its keeper asks for."""
    if not error:
        return ""
    kinds = re.findall(r"[A-Za-z_]+", error.split(":", 2)[0] + " " + error.partition(": ")[2])
    sentence = next((_SENTENCES[kind] for kind in kinds if kind in _SENTENCES), _OTHERS)
    code = _CODE.search(error)
    return f"{sentence} Kode server: {code[0]}." if code else sentence
