"""Amounts as people write them, on pages, in mails and on papers alike."""

from __future__ import annotations

from decimal import Decimal


def rupiah(amount: int | Decimal) -> str:
    """1500000 → Rp1.500.000; sen are shown only where there are any. No locale of the host is asked."""
    value = Decimal(amount)
    whole = value == value.to_integral_value()
    text = f"{abs(value):,.0f}" if whole else f"{abs(value):,.2f}"
    sign = "−" if value < 0 else ""
    return f"{sign}Rp{text.translate(str.maketrans(',.', '.,'))}"
