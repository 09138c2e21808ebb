"""Files of nothing but telephone numbers, such as registers of people who want no calls."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ivr.adapters.contact_files.reading import BadRow
from ivr.adapters.contact_files.tables import ContactFileFault, read_table
from ivr.adapters.phone_numbers import to_e164

_HEADINGS = frozenset({"phone", "手机号", "手机", "电话", "手机号码", "电话号码"})
_EVERY = 1000


@dataclass(slots=True)
class NumberFile:
    """What a file came to."""

    phones: dict[str, None] = field(default_factory=dict)
    """E.164, in their order, each once."""
    bad_rows: list[BadRow] = field(default_factory=list)
    rows: int = 0


def read_numbers(path: Path, region: str, *, read: Callable[[int], None] = lambda _: None) -> NumberFile:
    """The numbers of the column phone, or of the first one where there is no header.

    Numbers without a country code are of `region`. `read` is told the number of rows from time to time.
    Raises `ContactFileFault` for a file that cannot be read as a whole.
    """
    found = NumberFile()
    column = 0
    for number, cells in read_table(path):
        names = [str(cell).lower() for cell in cells]
        heading = next((place for place, name in enumerate(names) if name in _HEADINGS), None)
        if not found.rows and heading is not None:
            column = heading
            continue
        found.rows += 1
        phone = to_e164(str(cells[column]), region) if len(cells) > column else None
        if phone is None:
            found.bad_rows.append(
                BadRow(number, "phone", "is no telephone number", "write 13800000001 or +8613800000001")
            )
        else:
            found.phones[phone] = None
        if found.rows % _EVERY == 0:
            read(found.rows)
    if not found.rows:
        raise ContactFileFault(path, 0, "has no numbers", "give it a column phone")
    return found
