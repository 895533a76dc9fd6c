"""Files damaged in every way a disk, a network or a hostile person can think of, for hypothesis."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

EXTREMES = (b"\x00", b"\xff", b"\x7f", b"\x80", b"\x00\x00", b"\xff\xff", b"\x7f\xff", b"\xff\x7f")
EXTREMES += (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x01\x00\x00\x00")
EXTREMES += (bytes(16), b"\xff" * 16)


@st.composite
def damaged(draw: st.DrawFn, wholes: Sequence[bytes], *, head: int = 80) -> bytes:
    """One of `wholes`, changed in up to six places, half of them among the first `head` bytes, where headers are."""
    data = bytearray(draw(st.sampled_from(wholes)))
    for _ in range(draw(st.integers(1, 6))):
        if not data:
            break
        reach = min(head, len(data)) if draw(st.booleans()) else len(data)
        place = draw(st.integers(0, reach - 1))
        match draw(st.integers(0, 6)):
            case 0:
                data[place] ^= 1 << draw(st.integers(0, 7))
            case 1 | 2:
                some = draw(st.sampled_from(EXTREMES))
                data[place : place + len(some)] = some
            case 3:
                del data[place:]
            case 4:
                del data[place : place + draw(st.integers(1, 40))]
            case 5:
                data[place:place] = draw(st.binary(max_size=20))
            case 6:
                data[place:place] = data[place : place + draw(st.integers(1, 200))]
    return bytes(data)
