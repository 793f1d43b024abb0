"""Which numbers a caller may name: texting the whole world for whoever asks is what fraud by SMS lives on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slotline.use_cases.desk import Desk


def is_near(desk: Desk, number: str, *, caller: str | None) -> bool:
    """Whether the number is the caller's own, in the country they call from, or in that of the business."""
    if caller is not None and (number == caller or desk.phones.same_country(number, caller)):
        return True
    home = desk.business.transfer_to
    if home is not None:
        return desk.phones.same_country(number, home)
    return desk.phones.region(locale=desk.business.locale, known=number) == desk.region()
