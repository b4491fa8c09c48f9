"""One visitor, who buys a tin of tea: what `run.py --check` does."""

from __future__ import annotations

import html
import http.cookiejar
import re
import urllib.parse
import urllib.request


class CheckError(Exception):
    """A page did not show what it should."""


class Visitor:
    """A browser with one cookie jar: cookies do not know ports, so both servers get the same ones."""

    def __init__(self) -> None:
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, url: str) -> str:
        with self.opener.open(url, timeout=30) as answer:
            return html.unescape(answer.read().decode())

    def post(self, url: str, **form: str) -> str:
        parts = urllib.parse.urlsplit(url)
        origin = {"Origin": f"{parts.scheme}://{parts.netloc}"}  # as a browser sends it; Astro insists
        body = urllib.parse.urlencode(form).encode()
        with self.opener.open(urllib.request.Request(url, body, origin), timeout=30) as answer:
            return html.unescape(answer.read().decode())


def expect(page: str, pattern: str, said: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    if found is None:
        raise CheckError(f"not so: {said}\nno {pattern!r} in:\n{page}")
    print(f"  {said}", flush=True)
    return found[0]


def buy_a_tin(storefront: str, backend: str) -> None:
    visitor = Visitor()
    visitor.get(f"{storefront}/tea/sencha")
    page = visitor.post(f"{storefront}/?_action=cart.add", sku="sencha")
    expect(page, r'id="cart-count">1<', "Astro: one tin of Sencha in the cart, put there by an action")
    expect(page, r"Python</span> recommends.*Longjing", "Python read the Set of viewed teas and recommends")
    page = visitor.get(f"{backend}/checkout")
    expect(page, r"1 .</td>\s*<td>Sencha Asatsuyu", "Python: the same tin, at the checkout")
    expect(page, r"Map\(.*sencha", "Python sees the cart as a Map")
    page = visitor.post(f"{backend}/checkout")
    number = expect(page, r"Order \d+", "Python: order taken, cart emptied").removeprefix("Order ")
    page = visitor.get(f"{storefront}/cart")
    expect(page, r'id="cart-count">0<', "Astro: the cart is empty")
    expect(page, rf"number {number},", f"Astro shows Python's order {number}, a BigInt")
    expect(page, r"Python</span> took the order.*Astro</span> put Sencha", "Astro lists who wrote what")
    cookies = [cookie.name for cookie in visitor.jar]
    if cookies != ["astro-session"]:
        raise CheckError(f"one cookie was expected, not {cookies}")
