"""A web server on the loopback interface that misbehaves on purpose."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Request(BaseHTTPRequestHandler):
    """One request; a test's `answer` function replies through these methods."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def handle(self):
        with suppress(ConnectionError):  # the client went away, as some tests want
            super().handle()

    def do_HEAD(self):
        self.reply(404)

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        with suppress(ConnectionError):
            self.server.answer(self, len(self.server.seen))

    def start(self):
        """First byte that is asked for."""
        asked = self.headers.get("Range", "bytes=0-")
        return int(asked.removeprefix("bytes=").split("-")[0])

    def reply(self, status, body=b"", length=None, **headers):
        """Send status, headers and body; `length` claims another length than the body's."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def serve(self, data, cut=None, total=None, **headers):
        """Send the asked range of `data` as a good server does; `cut` ends the body early."""
        asked = self.headers.get("Range")
        if not asked:
            body, status = data, 200
        else:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            if not first:
                first, last = max(len(data) - int(last), 0), ""
            first = int(first)
            end = min(int(last) + 1 if last else len(data), len(data))
            body, status = data[first:end], 206
            headers["Content_Range"] = f"bytes {first}-{end - 1}/{total or len(data)}"
        sent = body if cut is None else body[:cut]
        self.reply(status, sent, length=len(body), **headers)
        if len(sent) < len(body):
            self.close_connection = True

    def send(self, raw):
        """Send bytes that need not be HTTP, and close the connection."""
        self.close_connection = True
        self.wfile.write(raw)

    def drip(self, raw, pause=0.02, seconds=10.0):
        """Send a byte now and then, until the client goes away, or until so many seconds have passed."""
        self.close_connection = True
        end = time.monotonic() + seconds
        for i in range(len(raw)):
            if self.server.stopped.wait(pause) or time.monotonic() > end:
                return
            self.wfile.write(raw[i : i + 1])


@contextmanager
def serving(
    answer: Callable[[Request, int], None], address: str = "127.0.0.1"
) -> Iterator[ThreadingHTTPServer]:
    """Run a server that replies by `answer(request, number)`; `.url` is its address, `.seen` its requests.

    address: one of the loopback interface (127.0.0.0/8). Tests name no other: a client must not be
    able to follow a redirect out of this machine.
    """
    server = ThreadingHTTPServer((address, 0), Request)
    server.daemon_threads = True
    server.answer, server.seen, server.stopped = answer, [], threading.Event()
    server.url = f"http://{address}:{server.server_port}/file"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
