"""A real S3 server for tests: moto's, spoken to over HTTP."""

from __future__ import annotations

import logging
import os
import urllib.request
from collections.abc import Iterator
from itertools import count

import pytest
from moto.server import ThreadedMotoServer

_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "tests",
    "AWS_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
}
_numbers = count(1)


class BucketServer:
    """One server on a port of its own; while it is entered, the environment's AWS_… variables lead to it."""

    def __enter__(self) -> BucketServer:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self._url = f"http://{host}:{port}"
        self._before = {name: os.environ.get(name) for name in (*_ENVIRONMENT, "AWS_ENDPOINT_URL")}
        os.environ.update(_ENVIRONMENT, AWS_ENDPOINT_URL=self._url)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def new_bucket(self) -> str:
        """An empty bucket; its URL, with a prefix as installations use one."""
        name = f"podatelna-{next(_numbers)}"
        signed = "AWS4-HMAC-SHA256 Credential=tests/20260101/us-east-1/s3/aws4_request"
        request = urllib.request.Request(
            f"{self._url}/{name}",
            method="PUT",
            headers={"Authorization": signed},
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        return f"s3://{name}/mail"


@pytest.fixture(scope="module")
def bucket_server() -> Iterator[BucketServer]:
    """For all tests of a module."""
    with BucketServer() as server:
        yield server
