"""The form that an imported sheet comes with: the file, and what holds for rows that say nothing of their own."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import SelectField

from lsp.forms.base import Form
from lsp.forms.registration import SelectChoice, needed
from lsp.forms.sheet_cells import Chosen
from lsp.services.sheet_import_rows import Offer
from lsp.vocabulary import Labelled, Mode, RequestKind

_FROM_SHEET = SelectChoice("", "Menurut kolomnya di lembar")


def _one_of(label: str, members: type[Labelled]) -> SelectField:
    options = [_FROM_SHEET, *(SelectChoice(member.value, member.label) for member in members)]
    return SelectField(label, choices=options, default="")


class SheetForm(Form):
    sheet = FileField("Lembar asesi (XLSX atau CSV)", validators=[needed])
    skema = SelectField("Skema", choices=[_FROM_SHEET], default="")
    kind = _one_of("Jenis permohonan", RequestKind)
    mode = _one_of("Cara asesmen", Mode)

    def offer(self, offers: list[Offer]) -> SheetForm:
        """Put the open skema among the choices."""
        named = [SelectChoice(each.public_id, f"{each.title} ({each.number})") for each in offers]
        self.skema.choices = [_FROM_SHEET, *named]
        return self

    def chosen(self, offers: list[Offer]) -> Chosen:
        """What holds for the whole sheet."""
        by_id = {each.public_id: each for each in offers}
        return Chosen(
            by_id.get(self.skema.data or ""),
            RequestKind(self.kind.data) if self.kind.data else None,
            Mode(self.mode.data) if self.mode.data else None,
        )
