"""URL and URLSearchParams, with the ada parser and with the strict check that serves without it."""

import pytest

from devalue import URL, URLSearchParams
from devalue.types import url as url_module

SERIALISED = [
    "https://example.com/",
    "https://user:pa%20ss@example.com:8080/a/b;c=1?q=%C3%A9&x=[1]#frag",
    "http://127.0.0.1:3000/",
    "http://[2001:db8::1]/x",
    "https://xn--mnchen-3ya.de/",
    "file:///tmp/x",
    "mailto:a@b.example",
    "data:text/plain,hello world",
    "blob:https://a.b/uuid",
    "javascript:void 0",
    "app://host/path",
    "ws://a.b/",
    "https://a.b/?",
    "https://a.b/#",
]
LIGHTLY = [
    ("https://example.com", "https://example.com/"),
    ("HTTPS://EXAMPLE.com/A", "https://example.com/A"),
    ("https://a.b:443/", "https://a.b/"),
    ("http://a.b:80", "http://a.b/"),
    ("https://a.b?x=1", "https://a.b/?x=1"),
]
INVALID = [
    "",
    "a.b",
    "/path",
    "https://",
    "https://a b/",
    "https://a.b:99999/",
    "http://[::g]/",
    "//a.b/",
    "https://%zz/",
]
NEEDS_ADA = [
    ("https://münchen.de/", "https://xn--mnchen-3ya.de/"),
    ("https://a.b/a b", "https://a.b/a%20b"),
    ("https://a.b/x/../y", "https://a.b/y"),
    ("https://a.b\\c", "https://a.b/c"),
    ("https://0x7f.1/", "https://127.0.0.1/"),
]


@pytest.fixture(params=["ada", "strict"])
def parser(request, monkeypatch):
    if request.param == "strict":
        monkeypatch.setattr(url_module, "_AdaURL", None)
    else:
        assert url_module._AdaURL is not None, "ada-url is missing: make setup installs it"
    return request.param


@pytest.mark.parametrize("href", SERIALISED)
def test_a_serialised_url_is_kept_to_the_letter(parser, href):
    assert URL(href) == href


@pytest.mark.parametrize(("text", "href"), LIGHTLY)
def test_case_default_port_and_empty_path_are_put_right(parser, text, href):
    assert URL(text) == href


@pytest.mark.parametrize("text", INVALID)
def test_an_invalid_url_cannot_be_made(parser, text):
    with pytest.raises(ValueError, match="invalid URL"):
        URL(text)


@pytest.mark.parametrize(("text", "href"), NEEDS_ADA)
def test_any_url_is_normalised_with_ada(text, href):
    assert URL(text) == href


@pytest.mark.parametrize("text", [text for text, _ in NEEDS_ADA])
def test_without_ada_what_would_need_normalising_is_refused_with_the_remedy(monkeypatch, text):
    monkeypatch.setattr(url_module, "_AdaURL", None)
    with pytest.raises(ValueError, match=r"devalue\[url\]"):
        URL(text)


def test_the_parts_are_those_of_javascript():
    url = URL("https://u:p@a.b:8080/c/d?e=f&e=g#h")
    assert (url.protocol, url.username, url.password, url.host) == ("https:", "u", "p", "a.b:8080")
    assert (url.hostname, url.port, url.pathname) == ("a.b", "8080", "/c/d")
    assert (url.search, url.hash, url.origin) == ("?e=f&e=g", "#h", "https://a.b:8080")
    assert url.search_params.get_all("e") == ["f", "g"]
    assert URL("data:,x").origin == "null"


def test_params_are_ordered_pairs_with_look_ups():
    params = URLSearchParams("?a=1&b=2&a=3&c")
    assert list(params) == [("a", "1"), ("b", "2"), ("a", "3"), ("c", "")]
    assert (params["a"], params.get_all("a"), params.get("x"), "b" in params, len(params)) == (
        "1",
        ["1", "3"],
        None,
        True,
        4,
    )


def test_setting_a_name_replaces_all_its_pairs_at_the_first_place():
    params = URLSearchParams("a=1&b=2&a=3")
    params["a"] = "9"
    params["z"] = "0"
    assert str(params) == "a=9&b=2&z=0"
    del params["a"]
    assert str(params) == "b=2&z=0"
    with pytest.raises(KeyError):
        del params["a"]


@pytest.mark.parametrize(
    ("pair", "text"),
    [
        (("a b", "c+d"), "a+b=c%2Bd"),
        (("é", "😀"), "%C3%A9=%F0%9F%98%80"),
        (("*-._", "~!'()"), "*-._=%7E%21%27%28%29"),
        (("\ud800", ""), "%EF%BF%BD="),
    ],
)
def test_the_text_is_form_encoded(pair, text):
    assert str(URLSearchParams([pair])) == text
