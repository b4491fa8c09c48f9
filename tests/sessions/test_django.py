"""Django's session engine: Django's own tests of one, then login, logout and messages through whole requests."""

# ruff: noqa: E402 (Django wants its settings before its modules are imported)

from __future__ import annotations

import sys
from typing import Any

import django
import pytest
from asgiref.sync import async_to_sync
from django.conf import settings

from devalue import URL, EncodeError
from devalue.sessions import SessionDataError, Sessions, StoreError
from devalue.sessions.stores.memory import MemoryStore
from devalue.sessions.text import decode
from tests.sessions.django_sources import django_tests

ID = "52c3ea4c-5a44-4eb2-96c8-8a3cbb2bd0d5"
STORE = MemoryStore()

if not settings.configured:
    sys.path.append(str(django_tests()))
    settings.configure(
        SECRET_KEY="x" * 50,
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.messages",
            "django.contrib.sessions",
            "sessions_tests",
        ],
        MIDDLEWARE=[
            "devalue.sessions.django.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        MESSAGE_STORAGE="django.contrib.messages.storage.session.SessionStorage",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        SESSION_ENGINE="devalue.sessions.django",
        SESSION_COOKIE_NAME="astro-session",
        DEVALUE_SESSION_STORE=STORE,
        USE_TZ=True,
    )
    django.setup()

from django.contrib import auth, messages
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.core import management
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import AsyncClient, Client, SimpleTestCase, override_settings
from django.urls import path
from sessions_tests.tests import SessionTestsMixin  # type: ignore[import-not-found]

from devalue.sessions.django import SessionStore


class TestDjangosOwnMixin(SessionTestsMixin, SimpleTestCase):  # type: ignore[misc]
    """Every test that Django runs against its own engines."""

    backend = SessionStore

    def test_session_key_valid_string_saved(self) -> None:
        """Django takes any eight characters; ours are version 4 UUIDs, as Astro's are."""
        self.session._session_key = "12345678"
        assert self.session.session_key is None
        self.session._session_key = ID
        assert self.session.session_key == ID


# Views -----------------------------------------------------------------------------------------------------------


def login(request: HttpRequest) -> HttpResponse:
    user = auth.authenticate(request, username="ann", password="secret")
    auth.login(request, user)
    messages.success(request, "Welcome.")
    return HttpResponse("ok")


def logout(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return HttpResponse("ok")


def who(request: HttpRequest) -> HttpResponse:
    return JsonResponse(
        {"user": request.user.username, "messages": [m.message for m in messages.get_messages(request)]}
    )


async def alogin(request: HttpRequest) -> HttpResponse:
    user = await auth.aauthenticate(request, username="ann", password="secret")
    await auth.alogin(request, user)
    return HttpResponse("ok")


async def awho(request: HttpRequest) -> HttpResponse:
    user = await request.auser()
    return JsonResponse({"user": user.username, "cart": await request.session.aget("cart")})


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def read(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.session.get("cart")))


def append(request: HttpRequest) -> HttpResponse:
    request.session["cart"].append("hat")
    return HttpResponse("ok")


def fail(request: HttpRequest) -> HttpResponse:
    request.session["cart"] = "half done"
    raise RuntimeError("a bug")


def slow(request: HttpRequest) -> HttpResponse:
    request.session["slow"] = 1
    STORE.delete(ID)  # the visitor logs out meanwhile
    return HttpResponse("ok")


VIEWS = [login, logout, who, alogin, awho, nothing, read, append, fail, slow]
urlpatterns = [path(view.__name__, view) for view in VIEWS]


@pytest.fixture(autouse=True)
def _empty_store() -> None:
    for key in list(STORE.keys()):
        STORE.delete(key)


@pytest.fixture(scope="module", autouse=True)
def _user() -> None:
    management.call_command("migrate", verbosity=0)
    if not User.objects.filter(username="ann").exists():
        User.objects.create_user("ann", password="secret")


@pytest.fixture
def astro_session() -> None:
    """A session that Astro made."""
    STORE.compare_and_set(ID, None, b'[["Map",1,2],"cart",{"data":3,"expires":-1},[4],"shoe"]')


def visitor(session_id: str | None = ID, **options: Any) -> Client:
    client = Client(**options)
    if session_id is not None:
        client.cookies["astro-session"] = session_id
    return client


# Whole requests --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("astro_session")
def test_login_gives_the_visitor_a_new_id_and_keeps_what_astro_stored() -> None:
    client = visitor()
    answer = client.get("/login")
    new_id = answer.cookies["astro-session"].value
    assert list(STORE.keys()) == [new_id] != [ID]
    assert Sessions(STORE).load(new_id)["cart"] == ["shoe"]
    assert client.get("/who").json() == {"user": "ann", "messages": ["Welcome."]}
    assert client.get("/who").json() == {"user": "ann", "messages": []}


@pytest.mark.usefixtures("astro_session")
def test_logout_deletes_the_session_and_the_cookie() -> None:
    client = visitor()
    client.get("/login")
    answer = client.get("/logout")
    assert answer.cookies["astro-session"]["max-age"] == 0
    assert list(STORE.keys()) == []
    assert client.get("/who").json()["user"] == ""


@pytest.mark.usefixtures("astro_session")
def test_asynchronous_views_log_in_too() -> None:
    client = AsyncClient()
    client.cookies["astro-session"] = ID

    async def go() -> Any:
        await client.get("/alogin")
        return (await client.get("/awho")).json()

    assert async_to_sync(go)() == {"user": "ann", "cart": ["shoe"]}
    assert ID not in list(STORE.keys())


@pytest.mark.usefixtures("astro_session")
def test_an_answer_with_a_session_cookie_is_kept_out_of_caches() -> None:
    answer = visitor().get("/login")
    assert answer["Cache-Control"] == "no-store"
    assert answer["Vary"] == "Cookie"


@pytest.mark.usefixtures("astro_session")
def test_a_value_changed_in_place_is_saved_without_saying_so() -> None:
    client = visitor()
    client.get("/append")
    assert client.get("/read").content == b"['shoe', 'hat']"


def test_a_visitor_without_a_session_costs_no_io_and_gets_no_cookie() -> None:
    with override_settings(DEVALUE_SESSION_STORE=Down()):
        for page in ("/nothing", "/read"):
            answer = visitor(None).get(page)
            assert answer.status_code == 200
            assert "astro-session" not in answer.cookies


@pytest.mark.usefixtures("astro_session")
def test_while_the_store_is_down_only_what_uses_the_session_fails() -> None:
    with override_settings(DEVALUE_SESSION_STORE=Down()):
        assert visitor().get("/nothing").status_code == 200
        with pytest.raises(StoreError, match="down"):
            visitor().get("/read")


@pytest.mark.usefixtures("astro_session")
def test_a_view_that_raises_saves_nothing() -> None:
    assert visitor(raise_request_exception=False).get("/fail").status_code == 500
    assert Sessions(STORE).load(ID)["cart"] == ["shoe"]


@pytest.mark.usefixtures("astro_session")
def test_a_logout_during_a_slow_request_stays_a_logout() -> None:
    answer = visitor(raise_request_exception=False).get("/slow")
    assert answer.status_code == 400
    assert list(STORE.keys()) == []


def test_an_id_that_the_store_does_not_know_is_not_adopted() -> None:
    answer = visitor().get("/login")
    assert answer.cookies["astro-session"].value != ID
    assert ID not in list(STORE.keys())


class Down(MemoryStore):
    def get(self, key: str) -> bytes | None:
        raise StoreError("down")


# The engine ------------------------------------------------------------------------------------------------------


def test_what_two_requests_set_at_once_is_kept() -> None:
    first = SessionStore()
    first["a"] = 1
    first.save()
    second = SessionStore(first.session_key)
    second["b"] = 2
    first["c"] = 3
    second.save()
    first.save()
    assert dict(SessionStore(first.session_key).items()) == {"a": 1, "b": 2, "c": 3}


def test_a_value_that_django_only_read_does_not_win_over_others() -> None:
    first = SessionStore()
    first["list"], first["n"] = [1], 1
    first.save()
    reader = SessionStore(first.session_key)
    assert reader["list"] == [1]
    reader["n"] = 2
    writer = SessionStore(first.session_key)
    writer["list"] = [1, 2]
    writer.save()
    reader.save()
    assert SessionStore(first.session_key)["list"] == [1, 2]


@pytest.mark.usefixtures("astro_session")
def test_what_django_sets_expires_and_each_save_renews_it_and_what_astro_set_stays_as_it_is() -> None:
    session = SessionStore(ID)
    session["mine"] = 1
    session.set_expiry(100)
    session.save()
    first = dates()
    session = SessionStore(ID)
    session.set_expiry(1000)
    session.save()
    second = dates()
    assert second["mine"] > first["mine"] + 800_000
    assert "cart" not in second


def dates() -> dict[str, int]:
    entries = decode(STORE.get(ID) or b"").values()
    return {key: entry["expires"] for key, entry in entries if isinstance(entry["expires"], int)}


def test_clearsessions_deletes_what_has_expired() -> None:
    live, dead = SessionStore(), SessionStore()
    live["a"] = dead["a"] = 1
    dead.set_expiry(-10)
    live.save()
    dead.save()
    management.call_command("clearsessions")
    assert list(STORE.keys()) == [live.session_key]


def test_values_that_json_cannot_carry_are_kept() -> None:
    session = SessionStore()
    session["url"] = URL("https://a.b/")
    session.save()
    assert type(SessionStore(session.session_key)["url"]) is URL


def test_what_javascript_could_not_read_is_refused_at_once() -> None:
    session = SessionStore()
    with pytest.raises(EncodeError, match="user"):
        session["user"] = object()


def test_data_that_cannot_be_read_are_an_error_and_stay_as_they_are_until_flushed() -> None:
    STORE.compare_and_set(ID, None, b"nonsense")
    session = SessionStore(ID)
    with pytest.raises(SessionDataError):
        session.get("a")
    assert STORE.get(ID) == b"nonsense"
    session.flush()
    assert STORE.get(ID) is None


def test_save_must_create_refuses_an_id_that_exists() -> None:
    session = SessionStore()
    session.save()
    with pytest.raises(CreateError):
        session.save(must_create=True)


def test_a_session_that_vanished_is_not_saved() -> None:
    session = SessionStore()
    session["a"] = 1
    session.save()
    STORE.delete(session.session_key or "")
    session["b"] = 1
    with pytest.raises(UpdateError):
        session.save()
    assert list(STORE.keys()) == []


@pytest.mark.parametrize("source", [None, 5])
def test_a_missing_setting_is_named(source: object) -> None:
    with (
        override_settings(DEVALUE_SESSION_STORE=source),
        pytest.raises(ImproperlyConfigured, match="DEVALUE_SESSION_STORE"),
    ):
        SessionStore(ID).load()


def test_the_store_may_be_named_by_a_url() -> None:
    with override_settings(DEVALUE_SESSION_STORE="memory:"):
        session = SessionStore()
        session["a"] = 1
        session.save()
        assert SessionStore(session.session_key)["a"] == 1
    assert list(STORE.keys()) == []
