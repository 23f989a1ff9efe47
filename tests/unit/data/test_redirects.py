from urllib.parse import quote

import pytest
from fetching import DATA, fetch, refused
from server import serving

from srlib.data import web
from srlib.data.web import redirected
from srlib.errors import InputError

pytestmark = pytest.mark.usefixtures("pauses")


def test_a_redirect_is_followed_anew_for_each_attempt(tmp_path):
    valid = []

    def answer(request, n):
        if request.path == "/file":
            valid.append(f"/signed/{n}")
            request.reply(302, Location=valid[-1])
        elif request.path == valid[-1] and valid.count("used") == 0:
            request.serve(DATA, cut=100_000 if len(valid) < 3 else None)
        else:
            request.reply(403)

    seen = fetch(answer, tmp_path / "a.gz")
    assert [path for path, _ in seen] == ["/file", "/signed/1", "/file", "/signed/3", "/file", "/signed/5"]


def test_an_address_that_expires_before_it_is_used_is_asked_for_again(tmp_path):
    def answer(request, n):
        if request.path == "/file":
            request.reply(302, Location=f"/signed/{n}")
        elif request.path == "/signed/1":
            request.reply(403)
        else:
            request.serve(DATA)

    assert len(fetch(answer, tmp_path / "a.gz")) == 4


def test_redirects_without_end_are_given_up(tmp_path):
    refused(lambda r, n: r.reply(302, Location="/file"), tmp_path / "a.gz", "redirects")


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x", "gopher://127.0.0.1/x"]
)
def test_a_redirect_out_of_http_is_refused(tmp_path, target):
    assert len(refused(lambda r, n: r.reply(302, Location=target), tmp_path / "a.gz", "refused")) == 1


def test_a_redirect_from_https_to_http_is_refused():
    with pytest.raises(InputError, match="refused"):
        redirected("https://127.0.0.1/x", "http://127.0.0.2/x", "https://127.0.0.1/x")
    assert redirected("https://127.0.0.1/x", "/y", "") == "https://127.0.0.1/y"


@pytest.mark.parametrize(
    "location",
    [
        b"http://[::1/x",
        b"http://[bad]/",
        b"//[",
        b"http://127.0.0.1:99999999/",
        b"http://\xff\xfe/",
        b"http://:80/",
    ],
)
def test_a_redirect_to_no_address_is_one_clear_error(tmp_path, location):
    raw = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % location
    refused(lambda r, n: r.send(raw), tmp_path / "a.gz", "redirects to .*(no address|refused)")


@pytest.mark.parametrize("name", [b"b\xc3\xa4ume.gz", b"\xff\xfe.gz", b"two words.gz"])
def test_a_redirect_in_bytes_that_are_no_ascii_is_followed(tmp_path, name):
    def answer(request, n):
        if n == 1:
            request.send(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /%s\r\n\r\n" % name)
        else:
            request.serve(DATA)

    assert fetch(answer, tmp_path / "a.gz")[1][0] == "/" + quote(name)


def test_the_body_of_a_redirect_is_not_read(tmp_path):
    def answer(request, n):
        if request.path == "/file":
            request.drip(b"HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n", 0)
            request.drip(bytes(10**9), 0.01)
        else:
            request.serve(DATA)

    fetch(answer, tmp_path / "a.gz")


PUBLIC = "http://93.184.216.34/x"  # not asked: `redirected` opens no connection


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "100.64.0.1",
    ],
)
def test_a_redirect_from_a_public_server_into_a_private_network_is_refused(host):
    with pytest.raises(InputError, match=r"(loopback|private|link-local) address, which is refused"):
        redirected(PUBLIC, f"http://{host}/x", PUBLIC)


def test_a_redirect_from_a_private_network_leads_no_nearer():
    assert redirected("http://10.0.0.1/x", "http://192.168.0.1/", "") == "http://192.168.0.1/"
    assert redirected("http://10.0.0.1/x", PUBLIC, "") == PUBLIC
    assert redirected(PUBLIC, "http://8.8.8.8/", "") == "http://8.8.8.8/"
    for near in ("127.0.0.1", "169.254.169.254"):
        with pytest.raises(InputError, match="refused"):
            redirected("http://10.0.0.1/x", f"http://{near}/", "")


def test_every_hop_of_a_redirect_is_judged(tmp_path, monkeypatch):
    """127.0.0.1 stands for a public server, 127.0.0.2 for what runs on this machine."""
    monkeypatch.setattr(web, "networks", lambda host: {"loopback"} if host == "127.0.0.2" else set())
    with serving(lambda r, n: r.serve(DATA), "127.0.0.2") as inner:

        def answer(request, n):
            request.reply(302, Location=f"/hop{n}" if n < 3 else inner.url)

        refused(answer, tmp_path / "a.gz", "redirects to .*127.0.0.2.*loopback")
    assert inner.seen == []


def test_a_redirect_to_another_server_is_followed(tmp_path):
    with serving(lambda r, n: r.serve(DATA), "127.0.0.2") as other:
        fetch(lambda r, n: r.reply(302, Location=other.url), tmp_path / "a.gz")
    assert len(other.seen) == 1
