"""Which courses a page may send, and which are left out; nothing that is sent raises."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.design.following import HERTZ, TOLERANCE, WHOLE, read_course, samples_of

BOTH = ("valence", "arousal")


def sent(samples=21, **told):
    values = {name: [None, *[250] * (samples - 1)] for name in BOTH}
    return json.dumps({"hertz": HERTZ, "whole": True, **values, **told})


def test_a_clip_has_a_sample_at_its_beginning_and_every_tenth_of_a_second():
    assert (HERTZ, WHOLE, TOLERANCE) == (10, 1000, 1.0)
    assert [samples_of(seconds) for seconds in (0.05, 0.1, 0.3, 2.0, 27.99)] == [1, 2, 4, 21, 280]


def test_what_is_sent_is_kept_as_it_is():
    found = read_course(sent(), BOTH, 2.0)
    assert found.samples == 21
    assert found.values["valence"] == found.values["arousal"] == (None, *[250] * 20)
    assert found.is_whole
    assert not read_course(sent(whole=False), BOTH, 2.0).is_whole


@pytest.mark.parametrize(("samples", "is_kept"), [(10, False), (11, True), (31, True), (32, False)])
def test_its_length_may_differ_by_a_second(samples, is_kept):
    assert (read_course(sent(samples), BOTH, 2.0) is not None) is is_kept


@pytest.mark.parametrize(
    "told",
    [
        {"hertz": 20},
        {"hertz": None},
        {"arousal": [1] * 20},
        {"arousal": None},
        {"arousal": "x" * 21},
        {"arousal": [1001] * 21},
        {"arousal": [-1001] * 21},
        {"arousal": [0.5] * 21},
        {"arousal": [True] * 21},
        {"arousal": ["1"] * 21},
        {"valence": [None] * 21, "arousal": [None] * 21},
    ],
)
def test_what_cannot_be_is_left_out(told):
    assert read_course(sent(**told), BOTH, 2.0) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", "[" * 100_000, '{"hertz": 10}', "x" * 600_000])
def test_what_is_no_course_is_left_out(text):
    assert read_course(text, BOTH, 2.0) is None


def test_nothing_is_kept_where_nothing_is_asked_or_heard():
    assert read_course(sent(), (), 2.0) is None
    assert read_course(sent(), BOTH, None) is None
    assert set(read_course(sent(), ("arousal",), 2.0).values) == {"arousal"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["hertz", "whole", *BOTH]), inner),
    )
)
def test_nothing_that_is_sent_raises(told):
    read_course(json.dumps(told), BOTH, 2.0)
