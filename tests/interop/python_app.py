"""The Python side: a Starlette app that understands the steps of astro/src/pages/run.js.

Run as `python -m tests.interop.python_app PORT STORE_URL [OPTIONS]`, OPTIONS being JSON of the session options.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import devalue
from devalue import undefined
from devalue.sessions import AsyncSessions, CookieOptions, Session
from devalue.sessions.asgi import SessionMiddleware
from devalue.sessions.stores import open_async_store


async def step(session: Session, name: str, *args: Any) -> Any:
    """Does one step; what is nothing in JavaScript is undefined here too."""
    match name:
        case "get":
            return session.get(args[0], undefined)
        case "has":
            return session.has(args[0])
        case "keys" | "values":
            return list(getattr(session, name)())
        case "entries":
            return [[key, value] for key, value in session.items()]
        case "id":
            return session.id
        case "set":
            session.set(args[0], args[1], ttl=args[2] if len(args) > 2 else None)
        case "copy":
            session[args[1]] = session[args[0]]
        case "push":
            session[args[0]].append(args[1])
        case "delete" | "destroy" | "regenerate":
            getattr(session, name)(*args)
        case "load":
            await session.load(args[0])
        case "sleep":
            await asyncio.sleep(args[0] / 1000)
        case "tell":  # a file says that this request has come so far
            Path(args[0]).touch()
        case "wait for":
            while not Path(args[0]).exists():
                await asyncio.sleep(0.002)
        case "throw":
            raise RuntimeError("the handler failed, as asked")
        case _:
            raise ValueError(f"unknown step {name}")
    return undefined


async def run(request: Request) -> Response:
    results = []
    for each in devalue.parse(await request.body()):
        session = cast(Session, request.session)  # Starlette knows only that it is a mapping
        results.append(await step(session, *each))
    return Response(devalue.stringify(results))


def make_app(store_url: str, options: dict[str, Any]) -> Starlette:
    app = Starlette(routes=[Route("/run", run, methods=["POST"])])
    cookie = CookieOptions(**options.pop("cookie", {}))
    sessions = AsyncSessions(open_async_store(store_url), cookie=cookie, **options)
    app.add_middleware(SessionMiddleware, sessions=sessions)
    return app


if __name__ == "__main__":
    port, store_url, options = [*sys.argv[1:], "{}"][:3]
    uvicorn.run(make_app(store_url, json.loads(options)), host="127.0.0.1", port=int(port), access_log=False)
