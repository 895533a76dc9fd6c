"""A real S3 server of this process's own (moto's), for tests of the object store."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "muse"
KEYS = {"S3_ACCESS_KEY": "muse", "S3_SECRET_KEY": "a secret of the tests"}


@contextmanager
def running_store() -> Iterator[dict[str, str]]:
    """The server with an empty bucket; what a site is told to use it."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line per request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "MEDIA_STORAGE": "s3",
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT_URL": f"http://{host}:{port}",
        "S3_REGION": "us-east-1",
        **KEYS,
    }
    try:
        # What moto's servers hold belongs to the process: what an earlier one was given is forgotten.
        urlopen(Request(f"{variables['S3_ENDPOINT_URL']}/moto-api/reset", method="POST")).close()
        client_of(variables).create_bucket(Bucket=BUCKET)
        yield variables
    finally:
        server.stop()


def client_of(variables: dict[str, str]) -> object:
    return boto3.client(
        "s3",
        endpoint_url=variables["S3_ENDPOINT_URL"],
        region_name=variables["S3_REGION"],
        aws_access_key_id=variables["S3_ACCESS_KEY"],
        aws_secret_access_key=variables["S3_SECRET_KEY"],
    )


def names_in(variables: dict[str, str]) -> list[str]:
    """Every key of the bucket."""
    pages = client_of(variables).get_paginator("list_objects_v2").paginate(Bucket=BUCKET)  # type: ignore[attr-defined]
    return sorted(one["Key"] for page in pages for one in page.get("Contents", []))
