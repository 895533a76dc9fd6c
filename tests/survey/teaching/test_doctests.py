"""The examples in the docstrings give the numbers they print."""

import doctest
import importlib
import pkgutil

import pytest

import survey.teaching

MODULES = [module.name for module in pkgutil.walk_packages(survey.teaching.__path__, "survey.teaching.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
