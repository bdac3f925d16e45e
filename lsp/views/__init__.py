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
        complaints,
        device_check,
        files,
        keluhan,
        ketua_signing,
        ketua_waivers,
        own_zone,
        packs,
        papers,
        penyelia,
        public,
        rapat_notulen,
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
        tim_teknis.bp,
        rapat_notulen.bp,  # the blueprint of a pleno's meeting, with its papers (named by tim_teknis) and notulen on it
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
