"""What stands beside the decree is what was logged, and each act that needs two people was signed by two."""

import pytest
from verifier.test_verify import Options, copy, failure, honest, published

__all__ = ["copy", "honest"]


def test_a_file_that_was_not_logged_is_refused(copy):
    (copy / "00-decree/order.csv").write_text("another order\n", encoding="ascii")
    assert failure(copy)["check"] == "law"


@pytest.mark.parametrize("name", ["40-seed/seed-2.txt", "README", "35-quotas/older.csv"])
def test_a_file_that_does_not_belong_there_is_refused(copy, name):
    (copy / name).write_text("slipped in\n", encoding="ascii")
    line = failure(copy)
    assert (line["check"], line["found"]) == ("stranger", name.rpartition("/")[2])


@pytest.mark.parametrize(("acts", "lacks"), [((), "freeze"), (("size-1", "size-2"), "freeze"), (("freeze", "size-1"), "wave 2")])
def test_an_act_that_two_did_not_sign_is_refused(tmp_path, acts, lacks):
    honest = published.Publication(tmp_path, Options())
    honest.write()
    honest.signatures(acts)
    line = failure(honest.folder)
    assert (line["check"], lacks in line["expected"]) == ("signed", True)


def test_a_line_taken_out_after_the_report_is_missed_and_one_added_is_not(tmp_path):
    """A ruling has no entry of its own in the public log: the report binds the lines that stood when it was written."""
    honest = published.Publication(tmp_path, Options())
    honest.signed_acts = ("freeze", "size-1", "size-2", "ruling")
    honest.write()
    honest.signatures((*honest.signed_acts, "halt"))
    assert failure(honest.folder) == {}
    honest.signatures(("freeze", "size-1", "size-2", "halt"))
    line = failure(honest.folder)
    assert (line["check"], line["expected"]) == ("signed", "9 lines as in the report")


def test_one_person_does_not_sign_for_two(tmp_path):
    honest = published.Publication(tmp_path, Options())
    honest.write()
    del honest.people["B. Two"]
    honest.signatures()
    assert failure(honest.folder)["check"] == "signed"


def test_a_signature_of_somebody_whom_the_decree_does_not_name_is_refused(tmp_path):
    honest = published.Publication(tmp_path, Options())
    honest.write()
    honest.people["B. Two"] = published.Ed25519PrivateKey.from_private_bytes(bytes(32))
    honest.signatures()
    assert failure(honest.folder)["expected"] == "a person, office and key of the decree"
