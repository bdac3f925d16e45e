"""States of a surveilan; what is asked and answered in it are rows (lsp/data/forms)."""

from __future__ import annotations

from lsp.vocabulary.labelled import Labelled


class SurveilanStatus(Labelled):
    WAITING = "waiting", "Menunggu pemegang", "wait"
    SENT = "sent", "Menunggu asesor ditunjuk", "wait"
    EXAMINED = "examined", "Dinilai asesor"
    REPEATED = "repeated", "Dilengkapi pemegang", "wait"
    MET = "met", "Terpenuhi", "ok"
    NOT_MET = "not_met", "Tidak terpenuhi", "bad"
    DROPPED = "dropped", "Tidak diperlukan lagi"


#: Something is still to be done; one of a certificate at a time.
OPEN_SURVEILAN = (
    SurveilanStatus.WAITING,
    SurveilanStatus.SENT,
    SurveilanStatus.EXAMINED,
    SurveilanStatus.REPEATED,
)
#: The holder fills its form.
FILLED_BY_HOLDER = (SurveilanStatus.WAITING, SurveilanStatus.REPEATED)
