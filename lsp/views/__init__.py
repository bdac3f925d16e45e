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
        calendars,
        certificate_pages,
        complaints,
        device_check,
        files,
        keluhan,
        ketua_certificates,
        ketua_signing,
        ketua_waivers,
        own_zone,
        packs,
        papers,
        penyelia,
        public,
        reports,
        third_party,
        tim_teknis,
        verification,
    )

    return (
        public.bp,
        own_zone.bp,  # the blueprint of accounts, with the first name and the zone on it
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
        verification.bp,
        auditor.bp,
        packs.bp,
        reports.bp,
        penyelia.bp,
        calendars.bp,
        device_check.bp,
        third_party.bp,
        keluhan.bp,
        complaints.bp,
    )
