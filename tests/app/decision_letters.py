"""The letter of a decision in the small published call-up: the honest one, and what a liar might do to it."""

from datetime import date

from app.published_letter import HOUR, Publisher, code, digest

from callup.draw import commitment, entry
from callup.terms.canonical import row_text
from callup.terms.tables import FACTS

FACT = {
    "fact_id": digest("decision")[:32],
    "seq": 12,
    "kind": "decided",
    "case_id": digest("case")[:24],
    "notice_id": None,
    "happened_on": date(2027, 3, 9),
    "known_on": date(2027, 3, 9),
    "actor": "official: A. First",
    "second": "B. Second",
    "channel": None,
    "ref": digest("claim")[:32],
    "ground": None,
    "outcome": "refused",
    "until": None,
    "appear_on": None,
    "evidence": digest("evidence"),
    "reason": "The paper names\nanother person: Žilvinas\\a",
}
SALT = digest("decision salt")[:32]


def text_of(**changed):
    return row_text([{**FACT, **changed}[name] for name in FACTS.names], FACTS)


class Deciding(Publisher):
    """Among the later acts stands a decision, as ``text`` under an entry of kind ``act``; the letter says ``said``."""

    def __init__(self, text="", *, act="decision", said="", index=4, salt=SALT):
        super().__init__()
        self.text, self.act_kind, self.index, self.said_salt = text or text_of(), act, index, salt
        self.said = said or self.text

    def after(self):
        acts = [entry("service", digest("service", 0)), entry(self.act_kind, commitment("open", SALT, self.text))]
        self.enter("acts", acts, self.due + 9 * HOUR)

    def fragment(self, size, letters):
        return code(self.logs["acts"].size, self.index, self.said_salt, self.said)


HONEST = {
    "a decision": lambda: Deciding().run(),
    "a decision until a day": lambda: Deciding(text_of(outcome="granted", until=date(2027, 6, 1))).run(),
    "a new day after an excuse": lambda: Deciding(text_of(kind="excused", outcome=None, appear_on=date(2027, 6, 1))).run(),
    "a notice taken back": lambda: Deciding(text_of(kind="withdrawn", outcome=None, notice_id="n" * 32), act="erratum").run(),
    "a release": lambda: Deciding(text_of(kind="released", outcome=None)).run(),
}
CHEATS = {
    "a decision turned round": (lambda: Deciding(said=text_of(outcome="granted")).run(), "letter-not-in-log"),
    "a decision of another case": (lambda: Deciding(said=text_of(case_id=digest("other")[:24])).run(), "letter-not-in-log"),
    "a decision with another reason": (lambda: Deciding(said=text_of(reason="none")).run(), "letter-not-in-log"),
    "a decision under another's entry": (lambda: Deciding(index=3).run(), "letter-not-in-log"),
    "a decision with a forged salt": (lambda: Deciding(salt="0" * 32).run(), "letter-not-in-log"),
    "a decision that was entered as a call": (lambda: Deciding(act="call").run(), "letter-not-in-log"),
    "a withdrawal that was entered as a decision": (lambda: Deciding(text_of(kind="withdrawn", outcome=None)).run(), "letter-not-in-log"),
    "a claim in the clothes of a decision": (lambda: Deciding(text_of(kind="claimed"), act="submission").run(), "letter-malformed"),
    "a decision about nobody": (lambda: Deciding(text_of(case_id=None)).run(), "letter-malformed"),
    "a decision with a field too many": (lambda: Deciding(text_of() + "\tmore").run(), "letter-malformed"),
    "a decision with a field too few": (lambda: Deciding(text_of().rpartition("\t")[0]).run(), "letter-malformed"),
}
