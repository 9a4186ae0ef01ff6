"""What a notice must say, who appears where and when, and the letter and page that say it.

Does: gives out appointments in rank order, writes the committed document, fills the forms, writes Typst source, HTML and JSON.
In: called ranks, places, a decree, a procedure, forms by language, keys and log indexes as plain values.
Out: NOTICES rows, letter texts, batches of letters with their codes, portal pages; problems of forms.
Never: sends anything; decides who gets one; reads a file outside its own folder; keeps a name.
Follows: design notes notices.md 1 and 4, draw-and-log.md 3; safeguards G6, G7, G16-G18, G21, G22; decisions D12, D16, D20, D31.
"""

from callup.notice.compose import Wave, compose
from callup.notice.document import Imprint
from callup.notice.forms import lint_forms
from callup.notice.letter import Piece, PrintBatch, Stamp, print_batch
from callup.notice.portal import Portal
from callup.notice.wording import Ground, LetterTexts, letter_texts

__all__ = [
    "Ground", "Imprint", "LetterTexts", "Piece", "Portal", "PrintBatch", "Stamp", "Wave", "compose", "letter_texts",
    "lint_forms", "print_batch",
]  # fmt: skip
