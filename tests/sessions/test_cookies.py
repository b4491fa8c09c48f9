"""The cookie: texts as Astro sends them, read as Astro reads them."""

import pytest

from devalue.sessions import CookieOptions
from devalue.sessions.ids import is_session_id

ID = "52c3ea4c-5a44-4eb2-96c8-8a3cbb2bd0d5"


@pytest.mark.parametrize(
    ("options", "set_cookie", "delete_cookie"),
    [
        (
            CookieOptions(),
            f"astro-session={ID}; Path=/; HttpOnly; Secure; SameSite=Lax",
            "astro-session=deleted; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax",
        ),
        (
            CookieOptions(name="my_sess", max_age=3600, secure=False),
            f"my_sess={ID}; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax",
            "my_sess=deleted; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax",
        ),
        (
            CookieOptions(domain=".example.com", path="/shop", same_site="none"),
            f"astro-session={ID}; Domain=.example.com; Path=/shop; HttpOnly; Secure; SameSite=None",
            "astro-session=deleted; Domain=.example.com; Path=/shop; Expires=Thu, 01 Jan 1970 00:00:00 GMT; "
            "HttpOnly; Secure; SameSite=None",
        ),
        (
            CookieOptions(same_site=None, path=""),
            f"astro-session={ID}; HttpOnly; Secure",
            "astro-session=deleted; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure",
        ),
    ],
)
def test_set_cookie_is_written_as_astro_writes_it(options: CookieOptions, set_cookie: str, delete_cookie: str) -> None:
    assert options.set_cookie(ID) == set_cookie
    assert options.delete_cookie() == delete_cookie


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": ""},
        {"name": "a b"},
        {"name": "a;b"},
        {"name": "é"},
        {"domain": "a b"},
        {"domain": "a.b; Secure"},
        {"path": "/;"},
        {"path": "/\r\nX: y"},
        {"max_age": 1.5},
        {"max_age": True},
        {"max_age": 2**53},
        {"same_site": "Lax"},
        {"same_site": True},
    ],
    ids=repr,
)
def test_what_astro_refuses_or_would_break_the_header_is_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        CookieOptions(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], None),
        ([""], None),
        ([f"astro-session={ID}"], ID),
        ([f"a=b; astro-session={ID}; c=d"], ID),
        ([f"a=b;\tastro-session = {ID} ;c"], ID),
        ([f"astro-session={ID}; astro-session={ID[:-1]}0"], ID),
        (["astro-session=; " + f"astro-session={ID}"], None),
        ([f"a=b; astro-session={ID.upper()}"], ID.upper()),
        ([f"astro-session={ID.replace('-', '%2D')}"], ID),
        ([f"astro-session=%zz{ID}"], None),
        ([f'astro-session="{ID}"'], None),
        ([f"Astro-Session={ID}"], None),
        ([f"xastro-session={ID}"], None),
        ([f"astro-session={ID}\n"], None),
        ([f"astro-session={ID}%0A"], None),
        (["astro-session=52c3ea4c-5a44-1eb2-96c8-8a3cbb2bd0d5"], None),
        (["astro-session=52c3ea4c-5a44-4eb2-16c8-8a3cbb2bd0d5"], None),
        (["astro-session=٥2c3ea4c-5a44-4eb2-96c8-8a3cbb2bd0d5"], None),
        (["astro-session"], None),
        (["a=1", f"astro-session={ID}"], ID),
    ],
)
def test_the_cookie_is_read_as_astro_reads_it(headers: list[str], found: str | None) -> None:
    text = CookieOptions().read(headers)
    assert (text if text is not None and is_session_id(text) else None) == found


@pytest.mark.parametrize(
    ("header", "text"), [("a=b", None), ("astro-session=x", "x"), ("astro-session=", ""), ("astro-session", None)]
)
def test_a_cookie_of_any_text_is_a_cookie(header: str, text: str | None) -> None:
    assert CookieOptions().read([header]) == text
