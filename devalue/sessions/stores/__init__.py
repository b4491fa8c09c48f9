"""Session stores, one file each; the layout in each engine is unstorage's."""

from devalue.sessions.stores.base import DEFAULT_TIMEOUT, AsyncStore, Store, ThreadedStore

__all__ = ["DEFAULT_TIMEOUT", "AsyncStore", "Store", "ThreadedStore"]
