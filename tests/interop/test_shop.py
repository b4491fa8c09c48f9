"""The shop of examples/shop, bought from by a person: a real Chromium, two servers, one cookie.

`SHOP_SCREENSHOT=docs/shop.png` keeps the picture that the docs show.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.processes import heed_interrupts

ROOT = Path(__file__).parents[2]
RUN = [sys.executable, str(ROOT / "examples" / "shop" / "run.py"), "--storefront-port", "0", "--backend-port", "0"]
ENV = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
# As root there is no sandbox; the rest keeps Chromium from calling home.
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Shop(NamedTuple):
    storefront: str
    backend: str
    process: subprocess.Popen[str]


def start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        RUN, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=heed_interrupts
    )


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    process = start()
    try:
        yield Shop(*addresses(process), process)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def addresses(process: subprocess.Popen[str]) -> tuple[str, str]:
    """The two URLs that the shop prints when it is open."""
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if "Ctrl-C" in line:
            urls = re.findall(r"http://localhost:\d+", "".join(said))
            return urls[0], urls[1]
    pytest.fail(f"the shop did not open:\n{''.join(said)}")


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("Chromium is not installed: run  tools/install-servers")
    with sync_playwright() as playwright:
        expect.set_options(timeout=20_000)  # milliseconds, for a busy machine
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield browser.new_page(viewport={"width": 1280, "height": 860})
        browser.close()


def test_a_person_fills_the_cart_in_astro_buys_in_python_and_finds_it_empty_in_astro(
    shop: Shop, page: Page, tmp_path: Path
) -> None:
    page.goto(f"{shop.storefront}/")
    expect(page.locator("#cart-count")).to_have_text("0")

    page.get_by_role("link", name="Dong Ding").click()  # Astro notes what was looked at
    page.get_by_role("button", name="Add").click()
    expect(page).to_have_url(f"{shop.storefront}/cart")
    page.get_by_role("link", name="Teas", exact=True).click()
    page.locator("[data-sku=keemun]").get_by_role("button", name="Add").click()
    page.locator("[data-sku=dongding]").get_by_role("button", name="Add").click()
    expect(page.locator("#cart-count")).to_have_text("3")
    expect(page.locator(".hint")).to_contain_text("Da Hong Pao")  # Python recommends, from Astro's Set

    page.get_by_role("link", name="Check out").click()  # now in Python
    expect(page.locator("header .side")).to_have_text("This page: Python")
    expect(page).to_have_url(f"{shop.backend}/checkout")
    expect(page.locator("#cart [data-sku=dongding]")).to_contain_text("2 ×")
    expect(page.locator("#cart [data-sku=keemun]")).to_contain_text("1 ×")
    expect(page.locator(".total")).to_contain_text("€ 45.80")
    expect(page.locator("dl")).to_contain_text("Map([('dongding', 2), ('keemun', 1)])")

    page.get_by_role("button", name="Buy").click()
    expect(page.locator("h1")).to_have_text("Thank you")
    number = re.findall(r"Order (\d+)", page.locator("#order").inner_text())[0]

    page.get_by_role("link", name="Back to the cart in Astro").click()  # and in Astro again
    expect(page.locator("header .side")).to_have_text("This page: Astro")
    expect(page.locator("#cart-count")).to_have_text("0")
    expect(page.locator("#empty")).to_be_visible()
    expect(page.locator("#last-order")).to_contain_text(f"number {number}")
    expect(page.locator("dl")).to_contain_text(f"{number}n")  # a BigInt for JavaScript
    writers = page.locator("#history .side").all_inner_texts()
    assert writers == ["Python", "Astro", "Astro", "Astro", "Astro", "Astro"]
    assert [cookie["name"] for cookie in page.context.cookies()] == ["astro-session"]

    page.get_by_role("link", name="Teas", exact=True).click()
    expect(page.locator("[data-sku=dongding]")).to_contain_text("7 left")  # 9, less the 2 that Python sold
    page.screenshot(path=os.environ.get("SHOP_SCREENSHOT", tmp_path / "shop.png"), full_page=True)


def test_a_tea_that_has_run_out_is_refused_and_stays_in_the_cart(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.storefront}/")
    for _ in range(4):  # there are 3
        page.locator("[data-sku=dahongpao]").get_by_role("button", name="Add").click()
    expect(page.locator("#cart-count")).to_have_text("4")
    page.goto(f"{shop.backend}/checkout")
    page.get_by_role("button", name="Buy").click()
    expect(page.locator(".error")).to_have_text("Not enough left of: Da Hong Pao.")
    page.goto(f"{shop.storefront}/cart")
    expect(page.locator("#cart-count")).to_have_text("4")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#empty")).to_be_visible()


def test_the_browser_keeps_a_secure_cookie_of_localhost_without_https(shop: Shop, page: Page) -> None:
    """Astro's default is Secure: what the docs say of Chromium and http://localhost."""
    context = page.context.browser.new_context() if page.context.browser else page.context
    other = context.new_page()
    other.route("**/secure", lambda route: route.fulfill(headers={"Set-Cookie": "s=1; Path=/; HttpOnly; Secure"}))
    other.goto(f"{shop.storefront}/secure")
    assert [cookie["name"] for cookie in context.cookies()] == ["s"]
    context.close()


def test_the_check_of_the_command_line_buys_by_itself_and_closes_the_shop() -> None:
    done = subprocess.run([*RUN, "--check"], env=ENV, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("The shop works.\n")


def test_ctrl_c_closes_both_servers() -> None:
    process = start()
    urls = addresses(process)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "The shop is closed." in said
    for url in urls:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0
