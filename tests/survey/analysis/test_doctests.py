"""The examples in the docstrings give the numbers they print."""

import doctest
import importlib
import pkgutil

import pytest

import survey.analysis

MODULES = ["survey.analysis"] + [
    module.name for module in pkgutil.walk_packages(survey.analysis.__path__, "survey.analysis.")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_every_public_function_is_documented():
    missing = [
        f"{name}.{attribute}"
        for name in MODULES
        for attribute, value in vars(importlib.import_module(name)).items()
        if callable(value) and not attribute.startswith("_")
        if getattr(value, "__module__", None) == name and not value.__doc__
    ]
    assert missing == []
