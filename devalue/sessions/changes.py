"""What one request did to a session, and how that is applied to a session that others changed meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from devalue.sessions.text import Entries, check_value, data_text, decode, encode, entry_data, holds_temporal, unshared

__all__ = ["Changes"]


@dataclass(slots=True)
class Changes:
    """A snapshot of a session that is about to be saved, and what is known of how it came about.

    Attributes:
        base: the text that was loaded; None for a session that the store does not have.
        entries: the session as the request sees it now.
        assigned: the keys that the request set.
        deleted: the keys that it deleted; no key is in both.
        exposed: the keys whose values it was handed, and may have changed in place.
        forced: whether to write even where nothing changed.
        temporal: whether the JavaScript that reads the text has Temporal.
    """

    base: bytes | None
    entries: Entries
    assigned: set[Any]
    deleted: set[Any]
    exposed: set[Any]
    forced: bool = False
    temporal: bool = True

    def text(self) -> bytes | None:
        """The text to store, or None where there is nothing to do.

        Raises:
            EncodeError: a value was changed in place to one that JavaScript cannot read.
        """
        if self.base is None and not self.entries:
            return None
        if self.assigned or self.deleted or self.forced:
            return self.encoded(self.entries)
        if not self.exposed:
            return None
        text = self.encoded(self.entries)
        # Other texts for equal values are possible: another program's spelling, keys that have expired.
        return text if text != self.base and self.mutated() else None

    def encoded(self, entries: Entries) -> bytes:
        """The text of these entries; the request answers for what it set or was handed."""
        text = encode(unshared(entries, self.assigned, self.exposed), self.assigned | self.exposed)
        if not self.temporal and holds_temporal(text.decode()):
            for normal in (self.assigned | self.mutated()) & entries.keys():
                key, entry = entries[normal]
                check_value(key, entry_data(entry), temporal=False)
        return text

    def mutated(self) -> set[Any]:
        """The keys whose values were changed in place."""
        suspects = [normal for normal in self.exposed - self.assigned if normal in self.entries]
        if not suspects or self.base is None:
            return set()
        loaded = decode(self.base)
        return {n for n in suspects if data_text(self.entries[n][1]) != data_text(loaded[n][1])}

    def applied_to(self, stored: Entries) -> Entries:
        """Other entries with these changes made: a key that is there keeps its place, a new one goes behind."""
        ours = self.assigned | self.mutated()
        merged = {normal: pair for normal, pair in stored.items() if normal not in self.deleted}
        merged.update({normal: pair for normal, pair in self.entries.items() if normal in ours})
        return merged
