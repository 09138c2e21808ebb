"""Contacts from CSV and XLSX files, and results back into them."""

from ivr.adapters.contact_files.importing import (
    ContactsImported,
    NumbersImported,
    write_contacts,
    write_numbers,
)
from ivr.adapters.contact_files.numbers import NumberFile, read_numbers
from ivr.adapters.contact_files.reading import BadRow, ContactFile, read_contacts
from ivr.adapters.contact_files.tables import ContactFileFault
from ivr.adapters.contact_files.writing import write_table

__all__ = [
    "BadRow",
    "ContactFile",
    "ContactFileFault",
    "ContactsImported",
    "NumberFile",
    "NumbersImported",
    "read_contacts",
    "read_numbers",
    "write_contacts",
    "write_numbers",
    "write_table",
]
