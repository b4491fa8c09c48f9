"""URL and URLSearchParams, as the WHATWG URL Standard serialises them."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Self
from urllib.parse import quote_plus, unquote_plus

try:
    from ada_url import URL as _AdaURL
except ImportError:
    _AdaURL = None  # type: ignore[assignment, misc]

__all__ = ["URL", "URLSearchParams"]

_DEFAULT_PORTS: Final = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21", "file": ""}

_PARTS: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):"
    r"(?://(?:(?P<user>[^/?#@:]*)(?::(?P<password>[^/?#@]*))?@)?"
    r"(?P<host>\[[^\]/?#]*\]|[^/?#:@\[\]]*)(?::(?P<port>[0-9]*))?(?=[/?#]|$))?"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.DOTALL,
)
# What each part may hold once it is serialised: printable ASCII less the standard's percent-encode sets.
_HOST: Final = re.compile(r"[!$&'()*+,;=_~a-z0-9.%-]*")
_SPECIAL_HOST: Final = re.compile(r"[!$&'()*+,;=_~a-z0-9.{}`\"-]+")
_USER: Final = re.compile(r"[!$&()*+,.A-Za-z0-9_~%'-]*")
_PATH: Final = re.compile(r"[!$-;=@-\]_a-z|~^]*")
_OPAQUE_PATH: Final = re.compile(r"[ -~]*")
_QUERY: Final = re.compile(r"[!$-;=?-~]*")
_FRAGMENT: Final = re.compile(r"[!#-;=?-_a-~]*")
_DOT_SEGMENT: Final = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)


_NOT_IN_NAMES: Final = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Zs")
_JOINERS: Final = "\u200c\u200d"


class URL(str):
    """A WHATWG URL: a str whose text is the href, with the parts that JavaScript's ``URL`` has.

    With the extra ``devalue[url]`` (ada, the parser that Node itself uses) any URL is taken and normalised.
    Without it the text must already be serialised: ASCII, percent-encoded, no ``.`` and ``..`` segments; only
    the case of scheme and host, a default port and the ``/`` of an empty path are put right.

    JavaScript compares URLs by identity, so on the wire each URL object is a value of its own.

    Raises:
        ValueError: the text is no absolute URL, or none that can be taken without the extra.
    """

    __slots__ = ()

    def __new__(cls, href: str, /) -> Self:
        return super().__new__(cls, _serialised(str(href)))

    def __repr__(self) -> str:
        return f"URL({str.__repr__(self)})"

    def __str__(self) -> str:
        return str.__str__(self)

    def _part(self, name: str) -> str:
        match = _PARTS.fullmatch(self)
        return (match[name] or "") if match else ""

    @property
    def href(self) -> str:
        """The whole URL."""
        return str.__str__(self)

    @property
    def protocol(self) -> str:
        """The scheme with its colon: ``https:``."""
        return self._part("scheme") + ":"

    @property
    def username(self) -> str:
        return self._part("user")

    @property
    def password(self) -> str:
        return self._part("password")

    @property
    def hostname(self) -> str:
        """The host without the port."""
        return self._part("host")

    @property
    def port(self) -> str:
        """The port, empty for the scheme's default."""
        return self._part("port")

    @property
    def host(self) -> str:
        """Host and port."""
        return f"{self.hostname}:{self.port}" if self.port else self.hostname

    @property
    def origin(self) -> str:
        """Scheme, host and port; ``null`` for a scheme without an origin."""
        scheme = self._part("scheme")
        return f"{scheme}://{self.host}" if scheme in _DEFAULT_PORTS and scheme != "file" else "null"

    @property
    def pathname(self) -> str:
        return self._part("path")

    @property
    def search(self) -> str:
        """The query with its ``?``, or empty."""
        query = self._part("query")
        return f"?{query}" if query else ""

    @property
    def hash(self) -> str:
        """The fragment with its ``#``, or empty."""
        fragment = self._part("fragment")
        return f"#{fragment}" if fragment else ""

    @property
    def search_params(self) -> URLSearchParams:
        """The query, parsed; a copy, unlike JavaScript's."""
        return URLSearchParams(self._part("query"))


def _serialised(text: str) -> str:
    if _AdaURL is not None:
        try:
            href: str = _AdaURL(text).href
        except ValueError:
            raise ValueError(f"invalid URL: {text!r}") from None
        if not _has_valid_punycode(href):
            raise ValueError(f"invalid URL: {text!r}")
        return href
    normalised = _lightly_normalised(text)
    if normalised is None or not _has_valid_punycode(normalised):
        raise ValueError(
            f"invalid URL, or one that is not in serialised form: {text!r}; devalue[url] normalises any URL"
        )
    return normalised


def _has_valid_punycode(href: str) -> bool:
    """Whether each ``xn--`` label of the host encodes a name that may stand there (UTS 46, validity criteria).

    Node rejects the others when it reads the URL; ada does not look into a host that is ASCII already.
    """
    if "xn--" not in href:
        return True
    match = _PARTS.fullmatch(href)
    if match is None or match["scheme"] not in _DEFAULT_PORTS:
        return True
    labels = (match["host"] or "").split(".")
    return all(_is_international(label[4:]) for label in labels if label.startswith("xn--"))


def _is_international(punycode: str) -> bool:
    try:
        name = punycode.encode().decode("punycode")
        canonical = name.encode("punycode").decode()
    except UnicodeError:
        return False
    # Characters that this Python's Unicode does not know yet (Cn) may be known to JavaScript's: taken.
    return (
        canonical in (punycode, punycode.removeprefix("-"))
        and not name.isascii()
        and name == unicodedata.normalize("NFKC", name)
        and all(char in (char.lower(), char.casefold()) for char in name)
        and not any(unicodedata.category(char) in _NOT_IN_NAMES and char not in _JOINERS for char in name)
        and unicodedata.category(name[0])[0] != "M"
    )


def _lightly_normalised(text: str) -> str | None:
    match = _PARTS.fullmatch(text)
    if match is None:
        return None
    scheme = match["scheme"].lower()
    rest = text[match.end("scheme") :]
    if not (_QUERY.fullmatch(match["query"] or "") and _FRAGMENT.fullmatch(match["fragment"] or "")):
        return None
    if scheme not in _DEFAULT_PORTS:
        return f"{scheme}{rest}" if _is_other_url(match) else None
    return _special_href(scheme, match)


def _is_other_url(match: re.Match[str]) -> bool:
    """Whether a URL of a scheme without rules of its own (``mailto:``, ``data:``, ``app://x/``) is serialised."""
    path = match["path"]
    if match["host"] is None and not path.startswith("/"):
        return bool(_OPAQUE_PATH.fullmatch(path)) and not path.endswith(" ")
    return bool(_HOST.fullmatch(match["host"] or "") and _is_plain_path(path) and _valid_port(match["port"]))


def _special_href(scheme: str, match: re.Match[str]) -> str | None:
    host, path, port = (match["host"] or "").lower(), match["path"] or "/", match["port"]
    if match["host"] is None or "'" in (match["query"] or "") or not (_is_plain_path(path) and _valid_port(port)):
        return None
    if not (_valid_host(host) or (scheme == "file" and not host)):
        return None
    user, password = match["user"] or "", match["password"] or ""
    if not (_USER.fullmatch(user) and _USER.fullmatch(password)) or (scheme == "file" and (user or password or port)):
        return None
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    port_text = f":{port}" if port and port != _DEFAULT_PORTS[scheme] else ""
    query = "" if match["query"] is None else f"?{match['query']}"
    fragment = "" if match["fragment"] is None else f"#{match['fragment']}"
    return f"{scheme}://{login}{host}{port_text}{path}{query}{fragment}"


def _is_plain_path(path: str) -> bool:
    segments = path.split("/")
    return bool(_PATH.fullmatch(path)) and "\\" not in path and not any(map(_DOT_SEGMENT.fullmatch, segments))


def _valid_port(port: str | None) -> bool:
    return not port or (str(int(port)) == port and int(port) < 65_536 if len(port) < 6 else False)


def _valid_host(host: str) -> bool:
    if host.startswith("["):
        try:
            return str(ipaddress.IPv6Address(host[1:-1])) == host[1:-1]
        except ValueError:
            return False
    last = host.rstrip(".").rpartition(".")[2]
    if last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last):
        try:
            return str(ipaddress.IPv4Address(host)) == host
        except ValueError:
            return False
    return bool(_SPECIAL_HOST.fullmatch(host))


class URLSearchParams:
    """The pairs of a query string: ordered, names may repeat.

    Args:
        source: a query text (a leading ``?`` is dropped), a mapping, or an iterable of ``(name, value)``.

    ``params[name]`` and ``get`` give the first value of a name, ``get_all`` all of them; iteration gives the pairs.
    ``str(params)`` is the application/x-www-form-urlencoded text (URL Standard, section 5).
    """

    __slots__ = ("__weakref__", "_pairs")
    _pairs: list[tuple[str, str]]

    def __init__(self, source: str | Mapping[str, str] | Iterable[tuple[str, str]] = "", /) -> None:
        if isinstance(source, str):
            self._pairs = _parsed_pairs(source)
        else:
            pairs = source.items() if isinstance(source, Mapping) else source
            self._pairs = [(_scalar(name), _scalar(value)) for name, value in pairs]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __contains__(self, name: object) -> bool:
        return any(pair[0] == name for pair in self._pairs)

    def __getitem__(self, name: str) -> str:
        for known, value in self._pairs:
            if known == name:
                return value
        raise KeyError(name)

    def __setitem__(self, name: str, value: str) -> None:
        """Set the first pair of this name, drop the others; append where there is none."""
        pair = (_scalar(name), _scalar(value))
        at = next((index for index, known in enumerate(self._pairs) if known[0] == name), None)
        if at is None:
            self._pairs.append(pair)
        else:
            self._pairs[at:] = [pair, *(known for known in self._pairs[at + 1 :] if known[0] != name)]

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        self._pairs = [pair for pair in self._pairs if pair[0] != name]

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of a name."""
        try:
            return self[name]
        except KeyError:
            return default

    def get_all(self, name: str) -> list[str]:
        """Every value of a name, in order."""
        return [value for known, value in self._pairs if known == name]

    def append(self, name: str, value: str) -> None:
        self._pairs.append((_scalar(name), _scalar(value)))

    def __eq__(self, other: object) -> bool:
        return self._pairs == other._pairs if isinstance(other, URLSearchParams) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return "&".join(f"{_form_encoded(name)}={_form_encoded(value)}" for name, value in self._pairs)

    def __repr__(self) -> str:
        return f"URLSearchParams({self._pairs!r})"

    def __copy__(self) -> URLSearchParams:
        return URLSearchParams(self._pairs)

    copy = __copy__

    def __reduce__(self) -> tuple[type[URLSearchParams], tuple[list[tuple[str, str]]]]:
        return type(self), (list(self._pairs),)


def _parsed_pairs(query: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in _scalar(query).removeprefix("?").split("&") if part)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def _form_encoded(text: str) -> str:
    return quote_plus(text, safe="*-._").replace("~", "%7E")


def _scalar(text: str) -> str:
    """The text as a USVString: unpaired surrogates become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return str(text)
