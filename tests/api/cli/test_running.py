"""Servers over TLS."""

from __future__ import annotations

import datetime
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.cli.running import scheme_of
from index.errors import InvalidSetting
from rag.settings import Settings

PROGRAM = """
import sys
from pathlib import Path
import uvicorn
from api.cli.running import config_of
from rag.settings import Settings

async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError  # of lifespan
    assert scope["scheme"] == "https"
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})

port, certificate, key = sys.argv[1:]
settings = Settings(port=int(port), certfile=certificate, keyfile=key)
uvicorn.Server(config_of(app, settings)).run()
"""


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of localhost that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, plain))
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_with_a_certificate_the_server_speaks_https(tmp_path: Path, free_port: int) -> None:
    cert, key = certificate(tmp_path)
    settings = Settings(port=free_port, certfile=cert, keyfile=key)
    assert scheme_of(settings) == "https"
    command = [sys.executable, "-c", PROGRAM, str(free_port), str(cert), str(key)]
    server = subprocess.Popen(command)
    context = ssl.create_default_context(cafile=cert)
    try:
        for _ in range(300):
            assert server.poll() is None
            try:
                answer = httpx.get(f"https://localhost:{free_port}/", verify=context, timeout=30)
                break
            except httpx.ConnectError:
                time.sleep(0.2)
        assert answer.status_code == 204
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://localhost:{free_port}/", timeout=30)
    finally:
        server.terminate()
        server.wait(60)


def test_a_certificate_that_cannot_be_used_is_told_at_once(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    (tmp_path / "broken.pem").write_text("not a certificate")
    (tmp_path / "other").mkdir()
    _, other = certificate(tmp_path / "other")
    for wrong in (
        {"certfile": tmp_path / "nothing.pem"},
        {"certfile": tmp_path / "broken.pem"},
        {"certfile": cert},
        {"certfile": cert, "keyfile": other},
        {"keyfile": key},
    ):
        with pytest.raises(InvalidSetting, match="certfile"):
            scheme_of(Settings(**wrong))
    assert scheme_of(Settings()) == "http"
