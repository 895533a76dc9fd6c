"""Parts of a file: Safari plays nothing that cannot be asked for in parts."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse

RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


def read_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte asked for, None for the whole file; ValueError where nothing of it exists."""
    match = RANGE.match(header.strip())
    if not match or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    start, end = (int(first), int(last) if last else size - 1) if first else (max(size - int(last), 0), size - 1)
    if start > end and last and first:
        return None
    if start >= size or (not first and int(last) == 0):
        raise ValueError(header)
    return start, min(end, size - 1)


def send_bytes(request: HttpRequest, data: bytes, content_type: str) -> HttpResponse:
    """`data`, or the part of it that is asked for."""
    try:
        asked = read_range(request.headers.get("Range", ""), len(data))
    except ValueError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
    if asked is None:
        response = HttpResponse(data, content_type=content_type)
    else:
        start, end = asked
        response = HttpResponse(data[start : end + 1], status=206, content_type=content_type)
        response["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
    response["Accept-Ranges"] = "bytes"
    return response


def has_end(response: HttpResponse, size: int) -> bool:
    """Whether the last byte is among what is sent."""
    whole = response.status_code == 200
    return whole or (response.status_code == 206 and f"-{size - 1}/" in response["Content-Range"])
