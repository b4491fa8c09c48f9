"""The session cookie: name, flags and text as Astro writes them, read as Astro reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

__all__ = ["CookieOptions"]

_NAME = re.compile(r"[\w-]+", re.ASCII)
_DOMAIN_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"\.?{_DOMAIN_LABEL}(?:\.{_DOMAIN_LABEL})*", re.IGNORECASE | re.ASCII)
_PATH = re.compile(r"[ -:=-~]*")
_DELETED = "deleted"
_LONG_AGO = "Thu, 01 Jan 1970 00:00:00 GMT"
_SAFE_INTEGER = 2**53 - 1


@dataclass(frozen=True, slots=True)
class CookieOptions:
    """Astro's ``session.cookie``; both sides must be given the same. The cookie is always HttpOnly.

    Args:
        name: of the cookie; letters, digits, ``_`` and ``-``.
        domain: the domain (and its subdomains) that get the cookie; None: only the host that set it.
        path: the path under which it is sent.
        max_age: seconds that browsers keep it from the last write on; None: until the browser closes.
        same_site: ``"lax"``, ``"strict"``, ``"none"``, or None to leave it out.
        secure: send it over HTTPS only, as Astro does in production. False for plain HTTP in development.

    Raises:
        ValueError: a value that Astro would refuse, or that would break the header.
    """

    name: str = "astro-session"
    domain: str | None = None
    path: str = "/"
    max_age: int | None = None
    same_site: Literal["lax", "strict", "none"] | None = "lax"
    secure: bool = True

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a cookie name holds letters, digits, _ and - only: {self.name!r}")
        if self.domain and not _DOMAIN.fullmatch(self.domain):
            raise ValueError(f"no cookie domain: {self.domain!r}")
        if not _PATH.fullmatch(self.path):
            raise ValueError(f"no cookie path: {self.path!r}")
        if self.max_age is not None and not (type(self.max_age) is int and abs(self.max_age) <= _SAFE_INTEGER):
            raise ValueError(f"max_age is a whole number of seconds: {self.max_age!r}")
        if self.same_site not in ("lax", "strict", "none", None):
            raise ValueError(f'same_site is "lax", "strict", "none" or None: {self.same_site!r}')

    def set_cookie(self, session_id: str) -> str:
        """The value of the Set-Cookie header that gives a visitor this session."""
        return self._text(session_id, self.max_age, None)

    def delete_cookie(self) -> str:
        """The value of the Set-Cookie header that ends a visitor's session."""
        return self._text(_DELETED, None, _LONG_AGO)

    def read(self, headers: Iterable[str]) -> str | None:
        """The text of the session cookie in these Cookie headers, percent-decoded; None where there is none.

        The first cookie of the name wins; quotes are part of the text.
        """
        for header in headers:
            if self.name in header:
                for pair in header.split(";"):
                    name, equals, value = pair.partition("=")
                    if equals and name.strip(" \t") == self.name:
                        value = value.strip(" \t")
                        return unquote(value, errors="replace") if "%" in value else value
        return None

    def _text(self, value: str, max_age: int | None, expires: str | None) -> str:
        # The order of the attributes is that of the npm package "cookie", which Astro writes with.
        parts = [
            f"{self.name}={value}",
            None if max_age is None else f"Max-Age={max_age}",
            f"Domain={self.domain}" if self.domain else None,
            f"Path={self.path}" if self.path else None,
            f"Expires={expires}" if expires else None,
            "HttpOnly",
            "Secure" if self.secure else None,
            f"SameSite={self.same_site.capitalize()}" if self.same_site else None,
        ]
        return "; ".join(part for part in parts if part)
