"""The built-in messages of WTForms in Indonesian, for fields and validators that were given no sentence of their own.

WTForms has no Indonesian catalogue. Keys are its English messages; tests/unit/test_forms.py holds them complete.
"""

from __future__ import annotations

_FROM_LIST = "Pilih dari daftar yang ada."
_NUMBER = "Tulis dengan angka saja, tanpa huruf."
_FILL = "Isi bagian ini."
_LONG = "Paling panjang %(max)d huruf. Pendekkan isian ini."
_SHORT = "Tulis sedikitnya %(min)d huruf."
_EXACTLY = "Isian ini harus %(max)d huruf."

SENTENCES = {
    "This field is required.": _FILL,
    "Invalid input.": "Isian ini belum sesuai. Periksa, lalu coba lagi.",
    "Invalid field name '%s'.": "Isian %s tidak dikenal. Muat ulang halaman ini, lalu coba lagi.",
    "Field must be equal to %(other_name)s.": "Isian ini harus sama dengan %(other_name)s.",
    "Field must be at least %(min)d character long.": _SHORT,
    "Field must be at least %(min)d characters long.": _SHORT,
    "Field cannot be longer than %(max)d character.": _LONG,
    "Field cannot be longer than %(max)d characters.": _LONG,
    "Field must be exactly %(max)d character long.": _EXACTLY,
    "Field must be exactly %(max)d characters long.": _EXACTLY,
    "Field must be between %(min)d and %(max)d characters long.": "Tulis %(min)d sampai %(max)d huruf.",
    "Number must be at least %(min)s.": "Paling kecil %(min)s.",
    "Number must be at most %(max)s.": "Paling besar %(max)s.",
    "Number must be between %(min)s and %(max)s.": "Tulis angka antara %(min)s dan %(max)s.",
    "Date must be at least %(min)s.": "Tanggal paling awal %(min)s.",
    "Date must be at most %(max)s.": "Tanggal paling akhir %(max)s.",
    "Date must be between %(min)s and %(max)s.": "Tanggal antara %(min)s dan %(max)s.",
    "Invalid email address.": "Alamat e-mail ini belum lengkap. Contoh: nama@contoh.id.",
    "Invalid IP address.": "Alamat IP ini tidak benar.",
    "Invalid Mac address.": "Alamat MAC ini tidak benar.",
    "Invalid URL.": "Alamat ini tidak benar. Contoh: https://contoh.id.",
    "Invalid UUID.": "Kode ini tidak benar.",
    "Invalid value, must be one of: %(values)s.": _FROM_LIST,
    "Invalid value, can't be any of: %(values)s.": "Isian ini tidak boleh dipakai. Tulis yang lain.",
    "This field cannot be edited.": "Isian ini tidak dapat diubah.",
    "This field is disabled and cannot have a value.": "Isian ini sedang tidak dipakai. Kosongkan.",
    "Choices cannot be None.": "Pilihannya belum ada. Muat ulang halaman ini, lalu coba lagi.",
    "Not a valid choice.": _FROM_LIST,
    "'%(value)s' is not a valid choice for this field.": _FROM_LIST,
    "'%(value)s' are not valid choices for this field.": _FROM_LIST,
    "Invalid Choice: could not coerce.": _FROM_LIST,
    "Invalid choice(s): one or more data inputs could not be coerced.": _FROM_LIST,
    "Not a valid datetime value.": "Tulis tanggal dan jam seperti ini: 28/11/2026 09.30.",
    "Not a valid date value.": "Tulis tanggal seperti ini: 28/11/2026.",
    "Not a valid time value.": "Tulis jam seperti ini: 09.30.",
    "Not a valid week value.": "Tulis minggu seperti ini: 2026-W48.",
    "Not a valid integer value.": _NUMBER,
    "Not a valid decimal value.": _NUMBER,
    "Not a valid float value.": _NUMBER,
}


class Indonesian:
    """What WTForms asks for its sentences; a text it does not know (a label made from a name) stays as it is."""

    def gettext(self, string: str) -> str:
        return SENTENCES.get(string, string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.gettext(singular if n == 1 else plural)
