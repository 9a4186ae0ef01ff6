"""When an authority is late and when an appeal's time runs: by the claim's own decision, and by no other."""

from cases.stories import Told, day, read, story

CLAIM = (3, "claimed", {"ground": "deferral:studies"})
OTHER = (4, "claimed", {"ground": "deferral:care"})
YES, NO = {"outcome": "granted"}, {"outcome": "refused"}


def appeals(standing):
    return [(clock.starts_on, clock.ends_on) for clock in standing.clocks if clock.name == "appeal"]


def test_what_was_decided_in_time_is_never_overdue_later() -> None:
    decided = (10, "decided", {"ref": "f1", **NO})
    for number in (10, 18, 19, 100):
        assert not read(story(CLAIM, decided), number).overdue


def test_what_was_taken_back_in_time_is_never_overdue_later() -> None:
    back = (12, "claim_withdrawn", {"ref": "f1"})
    for number in (12, 18, 19, 100):
        assert not read(story(CLAIM, back), number).overdue


def test_what_was_not_answered_is_overdue_from_the_day_after_its_time() -> None:
    assert not read(story(CLAIM), 18).overdue
    assert read(story(CLAIM), 19).overdue


def test_a_claim_is_told_as_late_only_where_its_answer_came_late() -> None:
    def late(*facts: Told) -> bool:
        return any("the authority had until" in step.words for step in read(story(CLAIM, *facts), 100).steps)

    assert late()
    for answer in ("decided", "claim_withdrawn"):
        said = {"ref": "f1", **(NO if answer == "decided" else {})}
        assert [late((number, answer, said)) for number in (18, 19)] == [False, True], answer


def test_the_time_to_appeal_runs_from_the_serving_of_ones_own_decision() -> None:
    """Two claims, two decisions, one of them served: one clock, from that day."""
    one, two = (8, "decided", {"ref": "f1", **NO}), (9, "decided", {"ref": "f2", **NO})
    served = (12, "decision_served", {"ref": "f4", "channel": "mail"})
    assert appeals(read(story(CLAIM, OTHER, one, two), 20)) == []
    assert appeals(read(story(CLAIM, OTHER, one, two, served), 20)) == [(day(12), day(42))]
    again = (15, "decision_served", {"ref": "f4", "channel": "counter"})
    assert appeals(read(story(CLAIM, OTHER, one, two, served, again), 20)) == [(day(12), day(42))], "the first serving counts"


def test_a_claim_is_told_with_what_it_stops_by_which_article_and_whether_the_authority_is_late() -> None:
    def told(ground: str, number: int) -> tuple[str, str]:
        rows = story((0, "delivered", {"channel": "mail"}), (1, "claimed", {"ground": ground}))
        (step,) = [step for step in read(rows, number).steps if "claimed on" in step.words and step.words.startswith(ground)]
        return step.words.partition("pending; ")[2], step.citation

    assert told("deferral", 5) == ("the duty rests until it is final", "art. 8")
    assert told("liability", 5) == ("the duty rests until it is final", "safeguard G8")
    assert told("other-date", 5) == ("the duty does not rest by it", "")
    assert told("other-date", 17) == (f"the duty does not rest by it; the authority had until {day(16)} to decide", "")
