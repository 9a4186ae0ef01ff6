"""What `make test` samples and `make nightly` does whole: of tests that ask the same of every byte, seed or guard, one in three."""

import os

EVERY = 1 if os.environ.get("CALLUP_WHOLE") else 3


def some(size: int, about: str = "") -> range:
    """The numbers below `size` that are tried: all at night, else one in three, beginning elsewhere for every `about`."""
    return range(len(about) % EVERY, size, EVERY)
