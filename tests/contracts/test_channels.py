"""Every channel: dispatch twice is one fact, every fact has evidence, a broken world is Unavailable."""

import io
from datetime import date

import pyarrow as pa
import pytest

from callup.cases import fact_problems, whole_facts
from callup.channels import CHANNELS, Channel
from callup.terms.errors import BadInput, Unavailable
from callup.terms.facts import VOCABULARY

DAY = date(2025, 4, 4)
BATCH = pa.table({"case_id": ["c1", "c2"], "notice_id": ["n1", "n2"], "evidence": ["ab" * 32, "cd" * 32]})
ALL = sorted(CHANNELS.values(), key=lambda channel: channel.code)


@pytest.mark.parametrize("channel", [one for one in ALL if one.dispatched], ids=lambda one: one.code)
def test_dispatch_twice_is_one_fact_with_evidence(channel: Channel) -> None:
    once, twice = whole_facts(channel.dispatch(BATCH, DAY)), whole_facts(channel.dispatch(BATCH, DAY))
    assert once == twice
    assert len(once.column("fact_id").unique()) == 2
    assert fact_problems(once).num_rows == 0
    with pytest.raises(BadInput, match="dispatch-without-evidence"):
        channel.dispatch(BATCH.set_column(2, "evidence", pa.array(["ab" * 32, None])), DAY)


@pytest.mark.parametrize("channel", ALL, ids=lambda one: one.code)
def test_receipts_come_back_as_facts_that_can_be_recorded(channel: Channel) -> None:
    lines = ["kind,case_id,notice_id,happened_on,outcome"]
    for kind in channel.reports:
        lines.append(f"{kind},c1,n1,2025-04-02,{(VOCABULARY[kind].outcomes or ('',))[0]}")
    facts = whole_facts(channel.evidence(io.BytesIO("\n".join(lines).encode()), DAY))
    assert facts.column("kind").to_pylist() == list(channel.reports)
    assert set(facts.column("known_on").to_pylist()) == {DAY}
    assert fact_problems(facts).num_rows == 0


@pytest.mark.parametrize("channel", ALL, ids=lambda one: one.code)
def test_bad_receipts_are_refused_row_by_row(channel: Channel) -> None:
    text = b"kind,case_id,notice_id,happened_on,outcome\nlocated,c1,n1,2025-04-02,\n" + channel.reports[0].encode() + b",c1,n1,soon,\n"
    with pytest.raises(BadInput) as refused:
        channel.evidence(io.BytesIO(text), DAY)
    assert len(refused.value.params["problems"]) == 2
    with pytest.raises(BadInput, match="receipts-not-csv"):
        channel.evidence(io.BytesIO(b"\xff\xfe"), DAY)


class BrokenFile(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise OSError("the disk is gone")


@pytest.mark.parametrize("channel", ALL, ids=lambda one: one.code)
def test_a_broken_world_is_unavailable(channel: Channel) -> None:
    with pytest.raises(Unavailable, match="receipts-not-readable"):
        channel.evidence(BrokenFile(), DAY)


def test_the_counter_has_no_dispatch_of_its_own() -> None:
    with pytest.raises(BadInput, match="channel-has-no-dispatch"):
        CHANNELS["counter"].dispatch(BATCH, DAY)
