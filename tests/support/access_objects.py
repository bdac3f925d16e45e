"""What stands in the addresses of the access table: for each argument a maker of its object, in scope or not."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from lsp import ids
from lsp.database import db
from lsp.models import Certificate, User
from lsp.vocabulary import LinkPurpose, PermohonanStatus, Role
from tests import factories
from tests.support.access_banding import (
    answered_case,
    banding_of_panel,
    contested_case,
    panel_member,
)
from tests.support.access_certificate_files import FILE_SPECIALS
from tests.support.access_certificate_life import LIFE_SPECIALS
from tests.support.access_certificates import CERTIFICATE_OBJECTS, CERTIFICATE_SPECIALS
from tests.support.access_drafts import (
    case_with_experience,
    document,
    draft_of,
    drawn,
    its_permohonan,
    newest_experience,
    requirement,
    upload,
)
from tests.support.access_meetings import (
    asesor_of_day_off,
    asked_party,
    booked_case,
    booking,
    case_of_booking,
    day_off,
    day_off_remembered,
    feed_token,
    filled_case,
    holiday,
    jadwal,
    jadwal_remembered,
    letter_token,
    meeting_of_jadwal,
    met_booking,
    met_case,
    met_case_remembered,
    open_meeting,
    permission,
    watched_booking,
)
from tests.support.access_office import (
    batch,
    complaint,
    export,
    fee,
    instrument,
    instrument_row,
    mapa,
    mapa_of_case,
    message,
    phrase,
    proposal,
    setting_key,
    skema,
    skema_version,
    staff_person,
    tuk,
    whatsapp_text,
    work_batch,
)
from tests.support.access_papers import (
    AGREED,
    document_token,
    paid_invoice,
    read_case,
    text_key,
)
from tests.support.access_pleno import (
    agenda_place,
    any_agenda_place,
    any_pleno,
    blanko_request,
    blanko_return,
    certified_by,
    document_before_pleno,
    pleno,
    pleno_screenshot,
    signed_pleno,
)
from tests.support.access_recordings import (
    naming,
    recorded_case,
    recording_id,
    recording_or_none,
    recording_upload,
)
from tests.support.access_reports import (
    decided_case,
    jadwal_of_asesor,
    reported_jadwal,
    reporter,
    signed_ak_05,
    signed_ak_06,
)

#: (the person, whether the object is in his scope) -> the value that stands in the address.
Maker = Callable[[User, bool], str]


def _token(person: User, own: bool) -> str:
    return factories.make_link(person, LinkPurpose.VERIFY_EMAIL) if own else ids.secret_token()


def _claim_token(person: User, own: bool) -> str:
    """A link to a permohonan opened for the person (own), or for somebody else."""
    return factories.make_claim(person if own else factories.make_user(Role.ASESI))[1]


def _place(person: User, own: bool) -> str:
    owner = person if own else factories.make_user(Role.ASESI)
    return factories.make_place(owner).public_id


def _permohonan(person: User, own: bool) -> str:
    """A draft of the person (own) or of another asesi; both are in the scope of roles that read every case."""
    owner = person if own else factories.make_user(Role.ASESI)
    return factories.make_permohonan(owner, status=PermohonanStatus.DRAFT).public_id


def _issued_case(person: User, own: bool) -> str:
    from tests.workflow import cases

    owner = person if own else factories.make_user(Role.ASESI)
    return cases.make_permohonan(PermohonanStatus.ISSUED, asesi=owner).public_id


def _totp_removal(_person: User, own: bool) -> str:
    return factories.make_totp_removal().public_id if own else ids.public_id()


def _certificate_token(_person: User, own: bool) -> str:
    from tests.workflow import cases

    if not own:
        return ids.certificate_token()
    case = cases.make_permohonan(PermohonanStatus.ISSUED)
    return str(
        db.session.scalar(select(Certificate.token).where(Certificate.permohonan_id == case.id))
    )


OBJECTS: dict[str, Maker] = {
    "banding_id": banding_of_panel,
    "step": lambda _person, _own: "revoke",
    "way": lambda _person, _own: "perpanjang",
    "member_id": panel_member,
    "batch_id": batch,
    "work_batch_id": work_batch,
    "export_id": export,
    "document_id": document,
    "invoice_id": paid_invoice,
    "text_key": text_key,
    "version_number": lambda _person, _own: "1",
    "requirement_id": requirement,
    "upload_id": upload,
    "row_id": newest_experience,
    "signature_id": drawn,
    "kind": lambda _person, _own: "pengalaman",
    "section": lambda _person, _own: "pribadi",
    "unit_position": lambda _person, _own: "1",
    "pleno_id": pleno,
    "blanko_request_id": blanko_request,
    "blanko_return_id": blanko_return,
    "evidence_id": pleno_screenshot,
    "word": lambda _person, _own: "kompeten",
    "message_id": message,
    "user_id": staff_person,
    "key": setting_key,
    "fee_id": fee,
    "version_id": skema_version,
    "mapa_id": mapa,
    "mapa_section": lambda _person, _own: "pendekatan",
    "instrument_id": instrument,
    "item_id": instrument_row,
    "muk_part": lambda _person, _own: "penyusun",
    "reader": lambda _person, _own: "asesor",
    "sheet_format": lambda _person, _own: "csv",
    "phrase_id": phrase,
    "tuk_id": tuk,
    "whatsapp_id": whatsapp_text,
    "proposal_id": proposal,
    "removal_id": _totp_removal,
    "series_code": lambda _person, own: "sk" if own else "tidak_ada",
    "booking_id": booking,
    "name": lambda _person, _own: "withdraw",
    "skema_id": skema,
    "token": _token,
    "complaint_id": complaint,
    "feed_token": feed_token,
    "letter_token": letter_token,
    "document_token": document_token,
    "place_id": _place,
    "dispute_id": lambda _person, own: (
        factories.make_dispute().public_id if own else ids.public_id()
    ),
    "permohonan_id": _permohonan,
    "jadwal_id": jadwal,
    "slot_id": open_meeting,
    "item": lambda _person, _own: "asesor",
    "day_off_id": day_off,
    "permission_id": permission,
    "holiday_day": holiday,
    **CERTIFICATE_OBJECTS,
}

#: Pages of the asesor about a case that he meets.
_AT_A_MEETING = (
    "permohonan", "meeting_calendar", "whatsapp", "open_whatsapp", "case_panel", "recording_consent", "case_news",
    "join_meeting", "tick", "confirm_early", "ask_take_back", "take_back", "end_meeting", "ask_end", "review",
    "choose_plan", "confirm_data", "evidence_unit", "save_evidence", "agree_on", "confirm_ready", "confirm_evidence",
    "fill_fr_ak_07", "prepare_fr_ak_01", "sign_fr_ak_01", "fr_ak_02", "earlier_fr_ak_02", "save_fr_ak_02",
    "sign_fr_ak_02", "note_refusal", "countersign", "incident", "note_incident", "absence", "note_absence",
    "move_form", "move", "confirm_reschedule", "reschedule", "step", "confirm_start", "confirm_recommend",
    "recommend",
)  # fmt: skip
#: Makers for endpoints whose argument must be more than OBJECTS makes: endpoint -> argument -> maker.
SPECIAL_OBJECTS: dict[str, dict[str, Maker]] = {
    "files.drawn_signature": {"permohonan_id": lambda person, own: draft_of(person, own).public_id},
    "asesi.remove_document": {"permohonan_id": its_permohonan},
    "asesi.ask_remove_document": {"permohonan_id": its_permohonan},
    "asesi.restore_document": {"permohonan_id": its_permohonan},
    **AGREED,
    **{
        f"asesi.{name}": {"permohonan_id": case_with_experience}
        for name in ("row", "save_row", "remove_row")
    },
    "asesi.agree": {"text_key": lambda _person, _own: "perjanjian"},
    "asesi.sign": {"form_key": lambda _person, _own: "fr-apl-01"},
    "asesi.sign_paper": {"form_key": lambda _person, _own: "fr-ak-01"},
    **{
        f"tim_teknis.{name}": {"place_id": agenda_place}
        for name in ("case", "vote", "ask_decision", "decide", "ask_annulment", "propose_annulment")
    },
    "admin.pleno_day": {"pleno_id": any_pleno},
    "admin.move_pleno": {"pleno_id": any_pleno},
    **{
        f"admin.{name}": {"pleno_id": signed_pleno}
        for name in (
            "blanko_groups",
            "ask_blanko_request",
            "send_blanko_request",
            "bnsp_codes",
            "save_bnsp_codes",
        )
    },
    "admin.pleno_place": {"pleno_id": any_pleno},
    "admin.change_place": {"pleno_id": any_pleno},
    "admin.ask_take_off": {"place_id": any_agenda_place},
    "admin.take_off": {"place_id": any_agenda_place},
    **{
        f"verification.{name}": {"token": _certificate_token}
        for name in ("short", "show", "show_json")
    },
    "verification.download": {"permohonan_id": _issued_case},
    **{f"certificate_files.{name}": {"permohonan_id": _issued_case} for name in ("show", "attach")},
    **FILE_SPECIALS,
    "asesi.read_paper": {
        "permohonan_id": read_case,
        "paper_key": lambda _person, _own: "fr-ia-08",
    },
    "asesi.meeting_calendar": {"permohonan_id": booked_case},
    "admin.meeting_calendar": {"permohonan_id": booked_case},
    **{f"asesi.{name}": {"token": _claim_token} for name in ("claim", "take_claim")},
    **{
        f"asesor.{name}": {
            "permohonan_id": met_case,
            "key": lambda _person, _own: "data",
            "name": lambda _person, _own: "make_ready",
            "position": lambda _person, _own: "1",
        }
        for name in _AT_A_MEETING
    },
    **{
        f"asesor.{name}": {
            "permohonan_id": filled_case,
            "form": lambda _person, _own: "fr-ia-08",
            "edition": lambda _person, _own: "1",
        }
        for name in ("instrument_edition", "begin_instrument", "fr_ia_08_page", "save_fr_ia_08")
    },
    **{
        f"asesor.{name}": {
            "permohonan_id": filled_case,
            "form": lambda _person, _own: "fr-ia-07",
        }
        for name in ("questions", "save_questions")
    },
    **{
        f"asesor.{name}": {"booking_id": met_booking, "permohonan_id": case_of_booking}
        for name in (
            "store_recording",
            "store_screenshot",
            "store_still",
            "upload_recording",
            "begin_recording",
        )
    },
    **{
        f"asesor.{name}": {"permohonan_id": met_case_remembered, "third_party_id": asked_party}
        for name in (
            "send_third_party_again",
            "ask_withdraw_third_party",
            "withdraw_third_party",
            "ask_go_on_without",
            "go_on_without",
            "third_party_by_phone",
            "store_third_party_by_phone",
            "judge_third_party",
        )
    },
    "complaints.note": {"name": lambda _person, _own: "jot"},
    "asesor.invite_third_party": {"permohonan_id": met_case},
    **{
        name: {"permohonan_id": contested_case}
        for name in (
            "admin.banding",
            "admin.accept_banding",
            "admin.ask_completion",
            "ketua.banding",
            "ketua.name_panel",
            "asesi.complete_banding",
            "asesi.withdraw_banding",
            "asesi.do_withdraw_banding",
        )
    },
    "asesi.banding_letter": {"permohonan_id": answered_case},
    **LIFE_SPECIALS,
    **{
        f"ketua.{name}": {"permohonan_id": its_permohonan}
        for name in ("ask_replace_member", "replace_member")
    },
    "admin.remove_day_off": {"day_off_id": day_off_remembered, "user_id": asesor_of_day_off},
    "asesor.read_mapa": {"mapa_id": mapa_of_case, "permohonan_id": its_permohonan},
    **{
        f"asesor.{name}": {"recording_id": recording_id, "permohonan_id": recorded_case}
        for name in ("ask_supersede_recording", "supersede_recording")
    },
    **{
        f"asesor.{name}": {"upload_id": recording_upload, "permohonan_id": recorded_case}
        for name in ("send_recording", "drop_recording", "call_off_recording")
    },
    "packs.recording": {"recording_id": recording_id},
    **{
        f"admin.{name}": {"recording_id": recording_or_none}
        for name in ("ask_destroy_recording", "destroy_recording")
    },
    **{
        f"penyelia.{name}": {"booking_id": watched_booking} for name in ("add_note", "join_meeting")
    },
    "admin.release_penyelia": {"jadwal_id": jadwal_remembered, "naming_id": naming},
    **{
        f"asesor.{name}": {"jadwal_id": jadwal_of_asesor}
        for name in (
            "jadwal_report",
            *("fr_ak_05", "save_fr_ak_05", "ask_sign_fr_ak_05", "sign_fr_ak_05"),
            *("fr_ak_06", "save_fr_ak_06", "ask_sign_fr_ak_06", "sign_fr_ak_06"),
        )
    },
    "admin.remind_report": {"jadwal_id": reported_jadwal, "user_id": reporter},
    "reports.fr_ak_03": {"permohonan_id": decided_case},
    "reports.fr_ak_05": {"report_id": signed_ak_05},
    "reports.fr_ak_06": {"report_id": signed_ak_06},
    **CERTIFICATE_SPECIALS,
    "admin.jadwal_step": {"name": lambda _person, _own: "confirm"},
    "admin.jadwal_close_slot": {"jadwal_id": jadwal_remembered, "slot_id": meeting_of_jadwal},
    "admin.jadwal_reopen_slot": {"jadwal_id": jadwal_remembered, "slot_id": meeting_of_jadwal},
}

#: Makers of what stands before a pleno, for the relations `pleno` and `other_pleno`.
AGENDA_OBJECTS: dict[str, Maker] = {
    "document_id": document_before_pleno,
    "signature_id": drawn,
    "permohonan_id": certified_by,
}
