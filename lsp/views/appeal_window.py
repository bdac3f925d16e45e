"""How long a banding may be sent, said before the result is opened and before something ends that right."""

from __future__ import annotations

from lsp import clock
from lsp.models import Permohonan
from lsp.models.inforce import setting
from lsp.views.filters import tanggal
from lsp.workflow.guards.after_decision import appeal_until, may_be_contested, receipt_of


def window_words(permohonan: Permohonan) -> str:
    """Of a result that lies unopened: the window begins with the earlier of opening and mail, and may have begun."""
    last_day, received = appeal_until(permohonan), receipt_of(permohonan)
    if last_day is None or received is None:
        return f"{_length()} sejak Anda membukanya, atau {_after_mail()} bila itu lebih dulu."
    if clock.today_wib() > last_day:
        return f"Batas waktu banding sudah lewat: {tanggal(last_day)}."
    begun = received.astimezone(clock.WIB).date()
    if received <= clock.now():
        return (
            f"Waktu banding sudah berjalan sejak {tanggal(begun)}, {_after_mail()}. "
            f"Paling lambat {tanggal(last_day)}."
        )
    return (
        f"{_length()} sejak Anda membukanya, paling lambat sejak {tanggal(begun)}. "
        f"Sesudah {tanggal(last_day)} tidak dapat lagi, juga bila belum dibuka."
    )


def appeal_ends(permohonan: Permohonan) -> str:
    """What opening an asesmen ulang takes from the asesi, to go on after “Sejak dibuka, ”; empty where nothing."""
    if not may_be_contested(permohonan):
        return ""
    last_day = appeal_until(permohonan)
    still = f"paling lambat {tanggal(last_day)}" if last_day else "karena hasilnya belum dibuka"
    return (
        "keputusan ini tidak dapat dibanding lagi. "
        f"Sampai saat itu banding masih dapat diajukan, {still}."
    )


def _length() -> str:
    return f"Banding dapat dikirim selama {setting('appeal_working_days')} hari kerja, dihitung"


def _after_mail() -> str:
    days = int(setting("receipt_after_mail_days"))
    return f"{days} hari sesudah e-mail kami terkirim" if days else "sejak e-mail kami terkirim"
