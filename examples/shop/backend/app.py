"""The back end of the shop: it opens the session that Astro started, and Astro goes on with what it writes.

Run by ../run.py, or by hand: `uvicorn backend.app:app` with the folder above on the path.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from devalue import BigInt, Map, Set
from devalue.sessions import AsyncSessions, CookieOptions, Session
from devalue.sessions.asgi import SessionMiddleware
from devalue.sessions.stores import AsyncFileStore

from .cart import CART, HISTORY, ORDER, VIEWED, Order, record
from .warehouse import OutOfStockError, Warehouse

STOREFRONT = Path(__file__).parents[1] / "storefront"
STOREFRONT_URL = os.environ.get("STOREFRONT_URL", "http://localhost:4321")

# Where Astro on Node keeps its sessions when nobody says otherwise.
store = AsyncFileStore(STOREFRONT / "node_modules" / ".astro" / "sessions")
# secure=False because the demo runs on http, as in astro.config.mjs. Leave it out behind https.
sessions = AsyncSessions(store, cookie=CookieOptions(secure=False))

app = FastAPI(title="Leaf & Kettle: back end")
app.add_middleware(SessionMiddleware, sessions=sessions)
app.mount("/assets", StaticFiles(directory=STOREFRONT / "public"))
templates = Jinja2Templates(Path(__file__).parent / "templates")
warehouse = Warehouse()


def current_session(request: Request) -> Session:
    return cast(Session, request.session)  # Starlette knows only that it is a mapping


VisitorSession = Annotated[Session, Depends(current_session)]


def page(request: Request, template: str, session: Session, status: int = 200, **values: object) -> Response:
    cart = session.get(CART) or Map()
    common = {
        "storefront": STOREFRONT_URL,
        "teas": warehouse.teas,
        "cart": cart,
        "cents": warehouse.price(cart),
        "history": session.get(HISTORY, []),
        "visits": session.get("visits", 0),
        "entries": [(key, repr(value)) for key, value in session.items() if key != HISTORY.name],
    }
    return templates.TemplateResponse(request, template, common | values, status_code=status)


@app.get("/checkout", response_class=HTMLResponse)
async def show_checkout(request: Request, session: VisitorSession) -> Response:
    return page(request, "checkout.html", session, stock=warehouse.stock)


@app.post("/checkout")
async def check_out(request: Request, session: VisitorSession) -> Response:
    cart = session.get(CART) or Map()
    if not cart:
        return RedirectResponse("/checkout", 303)
    try:
        warehouse.take(cart)
    except OutOfStockError as error:
        return page(request, "checkout.html", session, status=409, stock=warehouse.stock, error=str(error))
    order = Order(number=BigInt(time.time_ns()), placed=datetime.now(UTC), cents=warehouse.price(cart), lines=cart)
    session[ORDER] = order
    session[CART] = Map()
    record(session, "took the order and emptied the cart")
    return RedirectResponse("/thanks", 303)


@app.get("/thanks", response_class=HTMLResponse)
async def thanks(request: Request, session: VisitorSession) -> Response:
    order = session.get(ORDER)
    return page(request, "thanks.html", session, order=order) if order else RedirectResponse("/checkout", 303)


@app.get("/api/stock")
async def stock() -> dict[str, int]:
    return warehouse.stock


@app.get("/api/recommendations")
async def recommendations(session: VisitorSession) -> list[str]:
    """Astro's server asks this with the visitor's cookie; the Set of viewed teas is Astro's."""
    cart = session.get(CART) or Map()
    return warehouse.related({*session.get(VIEWED, Set()), *cart}, cart)
