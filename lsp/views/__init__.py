"""One blueprint an audience. A view knows HTTP, form and template; what "complete" means is the workflow's."""

from __future__ import annotations

from flask import Blueprint


def blueprints() -> tuple[Blueprint, ...]:
    """All blueprints; imported late because views need the models."""
    from lsp.views import (
        admin,
        asesi,
        asesor,
        auditor,
        banding,
        blanko_papers,
        calendars,
        case_file,
        certificate_files,
        certificate_pages,
        complaints,
        device_check,
        document_links,
        files,
        keluhan,
        ketua_certificates,
        ketua_signing,
        ketua_waivers,
        packs,
        papers,
        penyelia,
        public,
        rapat_notulen,
        reports,
        superiors,
        third_party,
        tim_teknis,
        totp_removal,
        two_steps,
        verification,
    )

    return (
        public.bp,
        two_steps.bp,  # the blueprint of accounts, with the first name, the zone and the second factor on it
        asesi.bp,
        asesor.bp,
        files.bp,
        papers.bp,
        admin.bp,
        banding.bp,
        ketua_waivers.bp,  # the ketua's own blueprint, with the routes of banding and of waivers on it
        ketua_signing.bp,
        ketua_certificates.bp,
        certificate_pages.bp,
        tim_teknis.bp,
        rapat_notulen.bp,  # the blueprint of a pleno's meeting, with its papers (named by tim_teknis) and notulen on it
        verification.bp,
        certificate_files.bp,
        auditor.bp,
        blanko_papers.bp,
        packs.bp,
        reports.bp,
        penyelia.bp,
        calendars.bp,
        device_check.bp,
        third_party.bp,
        document_links.bp,
        superiors.bp,
        keluhan.bp,
        complaints.bp,
        case_file.bp,
        totp_removal.bp,
    )
