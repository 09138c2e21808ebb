"""Contacts from CSV and XLSX files, and results back into them."""

from ivr.adapters.contact_files.reading import BadRow, ContactFile, read_contacts
from ivr.adapters.contact_files.tables import ContactFileFault, read_table
from ivr.adapters.contact_files.writing import write_table

__all__ = ["BadRow", "ContactFile", "ContactFileFault", "read_contacts", "read_table", "write_table"]
