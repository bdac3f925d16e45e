"""Words of a certificate's life: what may be proposed about it, and on which grounds."""

from __future__ import annotations

from lsp.vocabulary.labelled import Labelled


class LifeStep(Labelled):
    """What the admin or the tim teknis proposes and the ketua decides; the value is the step of the machine."""

    SUSPEND = "suspend", "Pembekuan"
    REINSTATE = "reinstate", "Pemulihan"
    REVOKE = "revoke", "Pencabutan"


class LifeGround(Labelled):
    """Why. Fraud that is proven asks for no answer time; CLEARED is the ground of a reinstatement alone."""

    OBLIGATION = "obligation", "Kewajiban pemegang tidak dipenuhi"
    MISUSE = "misuse", "Sertifikat atau tandanya disalahgunakan"
    SURVEILLANCE = "surveillance", "Surveilan tidak dijalani"
    FALSE_DATA = "false_data", "Data permohonan tidak benar"
    FRAUD = "fraud", "Penipuan terbukti"
    HOLDER = "holder", "Permintaan pemegang"
    CLEARED = "cleared", "Sebab pembekuan sudah diselesaikan"


class ProposalOutcome(Labelled):
    APPROVED = "approved", "Disetujui", "ok"
    DECLINED = "declined", "Ditolak", "bad"
    #: The certificate ended meanwhile (its last day passed), so there is nothing left to decide.
    LAPSED = "lapsed", "Gugur"
