"""What stands recorded in the dossier of a call-up, as tests look at it."""

from callup.app.dossier import Dossier
from callup.app.keys import read_dossier_key
from callup.app.wire import facts_of


def facts(dossier):
    store = facts_of(Dossier.at(dossier, read_dossier_key(dossier.with_name(f"{dossier.name}.key"))))
    try:
        return store.all().to_pylist()
    finally:
        store.close()


def a_case(dossier):
    return next(row["case_id"] for row in facts(dossier) if row["kind"] == "called")
