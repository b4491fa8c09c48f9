"""Session stores, one file each; the layout in each engine is unstorage's.

A class is imported when it is first named, because its module needs the engine's client.
"""

from typing import TYPE_CHECKING, Any

from devalue.sessions.stores._open import ASYNC_CLASSES, CLASSES, load_class, open_async_store, open_store
from devalue.sessions.stores.base import DEFAULT_TIMEOUT, AsyncStore, Store, ThreadedStore

if TYPE_CHECKING:
    from devalue.sessions.stores.files import AsyncFileStore, FileStore
    from devalue.sessions.stores.memory import AsyncMemoryStore, MemoryStore
    from devalue.sessions.stores.mysql import AsyncMySQLStore, MySQLStore
    from devalue.sessions.stores.postgres import AsyncPostgresStore, PostgresStore
    from devalue.sessions.stores.redis import AsyncRedisStore, RedisStore
    from devalue.sessions.stores.sqlite import AsyncSQLiteStore, SQLiteStore

__all__ = [
    "DEFAULT_TIMEOUT",
    "AsyncFileStore",
    "AsyncMemoryStore",
    "AsyncMySQLStore",
    "AsyncPostgresStore",
    "AsyncRedisStore",
    "AsyncSQLiteStore",
    "AsyncStore",
    "FileStore",
    "MemoryStore",
    "MySQLStore",
    "PostgresStore",
    "RedisStore",
    "SQLiteStore",
    "Store",
    "ThreadedStore",
    "open_async_store",
    "open_store",
]


def __getattr__(name: str) -> Any:
    if name in CLASSES or name in ASYNC_CLASSES:
        return load_class(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
