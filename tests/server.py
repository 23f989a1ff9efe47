"""A web server on the loopback interface that misbehaves on purpose."""

import threading
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

    def serve(self, data, cut=None, total=None):
        """Send the asked range of `data` as a good server does; `cut` ends the body early."""
        asked = self.headers.get("Range")
        if not asked:
            body, status, headers = data, 200, {}
        else:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            if not first:
                first, last = max(len(data) - int(last), 0), ""
            first = int(first)
            end = min(int(last) + 1 if last else len(data), len(data))
            body, status = data[first:end], 206
            headers = {"Content_Range": f"bytes {first}-{end - 1}/{total or len(data)}"}
        sent = body if cut is None else body[:cut]
        self.reply(status, sent, length=len(body), **headers)
        if len(sent) < len(body):
            self.close_connection = True


@contextmanager
def serving(answer: Callable[[Request, int], None]) -> Iterator[ThreadingHTTPServer]:
    """Run a server that replies by `answer(request, number)`; `.url` is its address, `.seen` its requests."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
    server.daemon_threads = True
    server.answer, server.seen = answer, []
    server.url = f"http://127.0.0.1:{server.server_port}/file"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
