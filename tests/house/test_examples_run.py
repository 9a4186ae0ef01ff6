"""Every example in a docstring runs."""

import doctest
import importlib

import pytest
from house.tree import SOURCE, modules

WITH_EXAMPLES = [module.path for module in modules() if ">>> " in module.path.read_text(encoding="utf-8")]


def test_there_are_examples():
    assert len(WITH_EXAMPLES) > 5


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_the_examples_of_a_module_run(path):
    dotted = ".".join(("callup", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")
    result = doctest.testmod(importlib.import_module(dotted))
    assert result.attempted > 0
    assert result.failed == 0
