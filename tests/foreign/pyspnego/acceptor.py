"""A WS-Management server that authenticates with pyspnego; `mod.rs` starts it.

Its one argument is the configuration in JSON. It authenticates each connection, unseals each message,
forwards it to another server, and seals the response. The frame of sealed messages is pypsrp's. It
logs events to a file, one line of JSON for each.
"""

import base64
import hashlib
import http.client
import http.server
import itertools
import json
import ssl
import sys

import spnego
import spnego.channel_bindings
import spnego.exceptions
from pypsrp.encryption import WinRMEncryption

ORDER = json.loads(sys.argv[1])
NUMBERS = itertools.count(1)
LOG = open(ORDER["log"], "a", buffering=1)
FRAMES = {"Negotiate": WinRMEncryption.SPNEGO, "Kerberos": WinRMEncryption.KERBEROS}


def bindings():
    """Returns the channel binding to a certificate (RFC 5929 4), if configured."""
    if "bound_to" not in ORDER:
        return None
    with open(ORDER["bound_to"]) as file:
        certificate = ssl.PEM_cert_to_DER_cert(file.read())
    data = b"tls-server-end-point:" + hashlib.sha256(certificate).digest()
    return spnego.channel_bindings.GssChannelBindings(application_data=data)


BINDINGS = bindings()


class Connection(http.server.BaseHTTPRequestHandler):
    """A connection with one login."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.number = next(NUMBERS)
        self.context = None
        self.frame = None
        self.behind = http.client.HTTPConnection(*ORDER["behind"])

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        given = self.headers.get("Authorization")
        if given is not None:
            self.log_in(given, body)
        elif self.context is None or not self.context.complete:
            self.answer(401)
        elif self.headers["Content-Type"].startswith("multipart/encrypted"):
            self.open(body)
        elif ORDER["sealed"]:
            self.tell("clear", length=len(body))
            self.answer(403)
        else:
            self.tell("message", sealed=False)
            self.answer(*self.hand_on(body))

    def log_in(self, given, body):
        scheme, _, token = given.partition(" ")
        if body or scheme not in ORDER["schemes"]:
            self.tell("odd", scheme=scheme, length=len(body))
            return self.answer(400)
        if self.context is None or self.context.complete:
            self.frame = FRAMES[scheme]
            self.context = spnego.server("localhost", "HTTP", BINDINGS, protocol=ORDER["protocol"])
        try:
            token = self.context.step(base64.b64decode(token))
        except (spnego.exceptions.SpnegoError, AttributeError) as error:
            # python-gssapi reports a Kerberos error in the second form.
            self.tell("refused", why=str(error))
            self.context = None
            return self.answer(401)
        offer = [scheme, base64.b64encode(token).decode()] if token else [scheme]
        if not self.context.complete:
            return self.answer(401, offers=[" ".join(offer)])
        principal, mechanism = self.context.client_principal, self.context.negotiated_protocol
        self.tell("login", who=principal, mechanism=mechanism)
        self.answer(200, offers=[" ".join(offer)] if token else [])

    def open(self, body):
        encryption = WinRMEncryption(self.context, self.frame)
        message = encryption.unwrap_message(body, "Encrypted Boundary")
        # pyspnego does not remove the padding of RC4 (RFC 4757 7.3).
        message = message.removesuffix(b"\1")
        self.tell("message", sealed=True)
        status, _, answer = self.hand_on(message)
        kind, sealed = encryption.wrap_message(answer)
        kind = f'{kind};protocol="{self.frame}";boundary="Encrypted Boundary"'
        self.answer(status, kind, sealed)

    def hand_on(self, message):
        headers = {"Content-Type": "application/soap+xml;charset=UTF-8"}
        headers["Authorization"] = ORDER["authorization"]
        self.behind.request("POST", self.path, message, headers)
        answer = self.behind.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()

    def answer(self, status, kind=None, body=b"", offers=None):
        self.send_response(status)
        if status == 401 and offers is None:
            offers = ORDER["schemes"]
        for offer in offers or []:
            self.send_header("WWW-Authenticate", offer)
        if kind is not None:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def tell(self, event, **more):
        LOG.write(json.dumps({"event": event, "connection": self.number, **more}) + "\n")

    def log_message(self, *_):
        """Writes only errors to standard error."""


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64

    def get_request(self):
        connection, address = super().get_request()
        if TLS is not None:
            # The thread of the connection performs the handshake.
            connection = TLS.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request, client_address):
        """Ignores closed connections, which are not errors of the server."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


TLS = None
if "certificate" in ORDER:
    TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    TLS.load_cert_chain(ORDER["certificate"], ORDER["key"])

Server(tuple(ORDER["address"]), Connection).serve_forever()
