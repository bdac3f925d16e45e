"""Tables by subject. Importing this package registers all of them."""

from lsp.models.assessment import Apl02Review, AssessmentPlan, Countersignature, FrAk02, FrAk02Unit
from lsp.models.audit import AuditEvent, AuditHead, append_audit
from lsp.models.banding import Banding, BandingEvent, BandingMember
from lsp.models.blanko import (
    BlankoMove,
    BlankoRequest,
    BlankoRequestCase,
    BlankoReturn,
    BnspCode,
)
from lsp.models.certificate import Blanko, Certificate, CertificateEvent, NumberEntry, Registration
from lsp.models.certificate_file import (
    CertificateMaking,
    IssueBatch,
    IssueBatchItem,
    OfficialCertificate,
)
from lsp.models.certificate_life import (
    CertificateAnswerFile,
    CertificateProposal,
    PreviousCertificate,
)
from lsp.models.checklist import ChecklistItem, NotePhrase
from lsp.models.claim import Claim, IdIzinDispute
from lsp.models.complaint import Complaint, ComplaintEvent, ComplaintPerson
from lsp.models.consent import Consent, ConsentText
from lsp.models.document import Document
from lsp.models.document_link import DocumentLink, DocumentLinkRead
from lsp.models.feedback import FrAk03, FrAk05, FrAk06
from lsp.models.filled_instrument import (
    FilledInstrument,
    InstrumentAnswer,
    InterviewTopic,
    PortfolioCheck,
    ThirdParty,
)
from lsp.models.fr_apl_01 import (
    FieldSource,
    FormalEducation,
    FrApl01,
    Ministry,
    Training,
    WorkExperience,
    nik_index,
)
from lsp.models.import_batch import ImportBatch, ImportRow
from lsp.models.instrument import Instrument, InstrumentItem
from lsp.models.jadwal import (
    AsesorDayOff,
    AsesorProfile,
    Booking,
    Incident,
    Jadwal,
    MeetingRecord,
    Peserta,
    Slot,
    SlotWait,
    Tuk,
)
from lsp.models.joining import DeviceCheck, MeetingJoin
from lsp.models.lembaga import Fee, Holiday, KeyCheck, Lembaga, NumberCounter, NumberSeries, Setting
from lsp.models.mapa import Mapa
from lsp.models.outbox import OutboxMessage, SentWithGaps
from lsp.models.outbox_answer import OutboxAnswer
from lsp.models.payment import PaymentAccount, PaymentReceipt
from lsp.models.permohonan import (
    DutyWaiver,
    FrApl02Answer,
    FrApl02Evidence,
    Invoice,
    LinkedDocument,
    Permohonan,
    PermohonanEvent,
    Signature,
    StatusCount,
)
from lsp.models.pleno import Pleno, PlenoCase, PlenoMember, Vote
from lsp.models.pleno_meeting import (
    CommitteeProfile,
    PlenoAttendance,
    PlenoCaseNote,
    PlenoEvidence,
    PlenoNotulen,
)
from lsp.models.pre_assessment import DataConfirmation, EvidenceNote, FormTemplate, UnitReview
from lsp.models.reaching import CalendarFeed, WhatsappText
from lsp.models.recording import MeetingPenyelia, MeetingRecording, RecordingUpload
from lsp.models.skema import (
    DocumentRequirement,
    EducationRule,
    Elemen,
    Kuk,
    RemotePermission,
    Skema,
    SkemaVersion,
    UnitKompetensi,
)
from lsp.models.surveilan import (
    CertificatePicture,
    PkbActivity,
    RenewalReminder,
    Surveilan,
    SurveilanEvent,
    SurveilanFile,
    SurveilanLetter,
    SurveilanReport,
    SurveilanVerdict,
)
from lsp.models.totp import RecoveryCode, TotpKey, TotpRemoval
from lsp.models.upload import Upload
from lsp.models.user import (
    OneUseLink,
    SignIn,
    StaffProposal,
    ThrottleCount,
    User,
    UserRole,
    holders_of,
)
from lsp.models.work import ListExport, WorkBatch

__all__ = [
    "Apl02Review", "AsesorDayOff", "AsesorProfile", "AssessmentPlan", "AuditEvent", "AuditHead", "Banding",
    "BandingEvent", "BandingMember", "Blanko", "BlankoMove", "BlankoRequest", "BlankoRequestCase", "BlankoReturn",
    "BnspCode", "Booking", "CalendarFeed", "Certificate", "CertificateAnswerFile", "CertificateEvent",
    "CertificateMaking", "CertificatePicture", "CertificateProposal", "ChecklistItem", "Claim", "CommitteeProfile",
    "Complaint",
    "ComplaintEvent", "ComplaintPerson", "Consent", "ConsentText", "Countersignature", "DataConfirmation",
    "DeviceCheck", "Document", "DocumentLink", "DocumentLinkRead", "DocumentRequirement", "DutyWaiver",
    "EducationRule", "Elemen", "EvidenceNote", "Fee", "FieldSource", "FilledInstrument", "FormTemplate",
    "FormalEducation", "FrAk02", "FrAk02Unit", "FrAk03", "FrAk05", "FrAk06", "FrApl01", "FrApl02Answer",
    "FrApl02Evidence", "Holiday", "IdIzinDispute", "ImportBatch", "ImportRow", "Incident", "Instrument",
    "InstrumentAnswer", "InstrumentItem", "InterviewTopic", "Invoice", "IssueBatch", "IssueBatchItem", "Jadwal",
    "KeyCheck", "Kuk", "Lembaga", "LinkedDocument", "ListExport", "Mapa", "MeetingJoin", "MeetingPenyelia",
    "MeetingRecord", "MeetingRecording", "Ministry", "NotePhrase", "NumberCounter", "NumberEntry", "NumberSeries",
    "OfficialCertificate", "OneUseLink", "OutboxAnswer", "OutboxMessage", "PaymentAccount", "PaymentReceipt",
    "Permohonan", "PermohonanEvent", "Peserta", "PkbActivity", "Pleno", "PlenoAttendance", "PlenoCase",
    "PlenoCaseNote", "PlenoEvidence", "PlenoMember", "PlenoNotulen", "PortfolioCheck", "PreviousCertificate",
    "RecordingUpload", "RecoveryCode", "Registration", "RemotePermission", "RenewalReminder", "SentWithGaps",
    "Setting", "SignIn", "Signature", "Skema", "SkemaVersion", "Slot", "SlotWait", "StaffProposal", "StatusCount",
    "Surveilan", "SurveilanEvent", "SurveilanFile", "SurveilanLetter", "SurveilanReport", "SurveilanVerdict",
    "ThirdParty", "ThrottleCount", "TotpKey", "TotpRemoval", "Training", "Tuk", "UnitKompetensi", "UnitReview",
    "Upload", "User", "UserRole", "Vote", "WhatsappText", "WorkBatch", "WorkExperience", "append_audit", "holders_of",
    "nik_index",
]  # fmt: skip
