"""Finds by itself what does not add up in a table of stocks and flows: which sums there are to try is seen from the table."""

from callup.app.record.accounts.checking import check_account
from callup.app.record.accounts.reading import read_account
from callup.app.record.accounts.shapes import Account, Mismatch

__all__ = ["Account", "Mismatch", "check_account", "read_account"]
