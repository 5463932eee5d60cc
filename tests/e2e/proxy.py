"""A company's proxy on this machine: it counts who asks for which host, and leads them to the fleet.

It answers CONNECT and then speaks TLS in the place of AWS, with a certificate of an authority of its own, which is what
companies do that look into what leaves their network.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_NOT_PASSED_ON = ("host", "connection", "proxy-connection", "expect", "content-length")


class CountingProxy(ThreadingHTTPServer):
    """requests: by host. fleet: URL of the fleet, where all of them end. trusted: the certificate to trust."""

    daemon_threads = True

    def __init__(self, fleet: str, host: str, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: Counter[str] = Counter()
        self.fleet = urlsplit(fleet)
        self.trusted = _certificate(host, folder)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self.trusted)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: CountingProxy
    host = ""

    def do_CONNECT(self) -> None:
        """Open a tunnel, at whose other end is the fleet."""
        self.host = self.path.rpartition(":")[0]
        self.send_response(200)
        self.end_headers()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.close_connection = False

    def do_POST(self) -> None:
        """Pass a request on; one that came through no tunnel was not for this proxy."""
        if not self.host:
            self.send_error(400)
            return
        self.server.requests[self.host] += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _NOT_PASSED_ON}
        fleet = http.client.HTTPConnection(self.server.fleet.netloc, timeout=60)
        fleet.request("POST", self.path, body, headers)
        answer = fleet.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() in ("content-type", "x-amzn-requestid"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        fleet.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def counting_proxy(fleet: str, host: str, folder: Path) -> Iterator[CountingProxy]:
    """A running proxy that can show a certificate for `host`; folder: where that is written."""
    proxy = CountingProxy(fleet, host, folder)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()


def _certificate(host: str, folder: Path) -> Path:
    """A file with key and certificate, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "proxy.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return file
