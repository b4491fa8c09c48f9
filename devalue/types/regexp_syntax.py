"""The early errors of an ECMAScript pattern (ECMAScript 22.2.1, with annex B.1.2 where neither u nor v is set).

JavaScript throws when it meets a pattern that is none, and Astro then destroys the session that holds it; so a
pattern is checked before it is written. One pass from left to right, nesting on a stack of its own.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final

from devalue.types.regexp_properties import BINARY_PROPERTIES, GENERAL_CATEGORIES, SCRIPTS, STRING_PROPERTIES

__all__ = ["check_pattern"]

_SYNTAX: Final = frozenset("^$\\.*+?()[]{}|/")
_DIGITS: Final = frozenset("0123456789")
_HEX: Final = frozenset("0123456789abcdefABCDEF")
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CONTROL: Final = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_CLASSES: Final = frozenset("dDsSwW")
# Flag v: doubled, these are operators or reserved; single, the second set must be escaped in a class.
_DOUBLE: Final = frozenset("&!#$%*+,.:;<=>?@^`~")
_CLASS_SYNTAX: Final = frozenset("()[]{}/-\\|")
_CLASS_ESCAPES: Final = frozenset("&-!#%,:;<=>@`~")


def check_pattern(source: str, flags: str) -> None:
    """Raise ValueError, with what is wrong and where, for a source that ``new RegExp(source, flags)`` refuses."""
    _Pattern(source, "u" in flags or "v" in flags, "v" in flags).check()


@dataclass(slots=True)
class _Group:
    opened: int
    quantifiable: bool
    last_bar: int = -1


@dataclass(slots=True)
class _ClassSet:
    """One bracket of a class under flag v."""

    opened: int
    negated: bool
    operator: str = ""  # "" (none yet), "union", "--" or "&&"
    operands: int = 0
    wants_operand: bool = False
    strings: list[bool] = field(default_factory=list)  # per operand: may it match more than one character?

    def may_be_strings(self) -> bool:
        if self.operator == "&&":
            return all(self.strings)
        if self.operator == "--":
            return self.strings[0]
        return any(self.strings)


class _Pattern:
    def __init__(self, source: str, unicode: bool, sets: bool) -> None:
        self.source = source
        # Without u and v JavaScript sees UTF-16 code units: an astral character is two atoms.
        self.text = source if unicode else _code_units(source)
        self.unicode = unicode
        self.sets = sets
        self.at = 0
        self.groups: list[_Group] = [_Group(-1, False)]
        self.captures = 0
        self.names: dict[str, int] = {}
        self.name_references: list[tuple[str, int]] = []
        self.bad_name_reference: int | None = None
        self.highest_reference = 0

    def check(self) -> None:
        while self.at < len(self.text):
            self._quantifier(quantifiable=self._term())
        if len(self.groups) > 1:
            self._fail("unterminated group", self.groups[-1].opened)
        if self.unicode and self.highest_reference > self.captures:
            self._fail("reference to a group that does not exist")
        if self.names or self.unicode:
            if self.bad_name_reference is not None:
                self._fail(r"invalid \k reference", self.bad_name_reference)
            for name, at in self.name_references:
                if name not in self.names:
                    self._fail(f"reference to a group {name!r} that does not exist", at)

    def _fail(self, message: str, at: int | None = None) -> None:
        where = self.at if at is None else at
        raise ValueError(f"invalid regular expression: {message} (at character {where} of {self.source!r})")

    def _peek(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.text[at] if at < len(self.text) else ""

    def _take(self, text: str) -> bool:
        if not self.text.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    # Terms: each reads one and tells whether a quantifier may follow.

    def _term(self) -> bool:
        char = self._peek()
        if char == "(":
            return self._open_group()
        if char == ")":
            return self._close_group()
        if char == "[":
            self._class()
            return True
        if char == "\\":
            return self._atom_escape()
        if char in "*+?":
            self._fail("nothing to repeat")
        if char == "{" and (self.unicode or self._braces() is not None):
            self._fail("nothing to repeat")
        if char in "}]" and self.unicode:
            self._fail(f"{char!r} must be escaped here")
        if char == "|":
            self.groups[-1].last_bar = self.at
        self.at += 1
        return char not in "|^$"

    def _quantifier(self, quantifiable: bool) -> None:
        char = self._peek()
        if char and char in "*+?":
            length = 1
        elif char == "{" and (braces := self._braces()) is not None:
            length, ordered = braces
            if not ordered:
                self._fail("numbers out of order in {} quantifier")
        else:
            return
        if not quantifiable:
            self._fail("nothing to repeat")
        self.at += length
        self._take("?")

    def _braces(self) -> tuple[int, bool] | None:
        """The length of ``{n}``, ``{n,}`` or ``{n,m}`` here, and whether n <= m; None for anything else."""
        low, end = self._digits(self.at + 1)
        if not low:
            return None
        high = low
        if self.text.startswith(",", end):
            high, end = self._digits(end + 1)
        if not self.text.startswith("}", end):
            return None
        ordered = not high or _magnitude(low) <= _magnitude(high)
        return end + 1 - self.at, ordered

    def _digits(self, at: int) -> tuple[str, int]:
        end = at
        while end < len(self.text) and self.text[end] in _DIGITS:
            end += 1
        return self.text[at:end], end

    # Groups

    def _open_group(self) -> bool:
        opened = self.at
        self.at += 1
        quantifiable = True
        if not self._take("?"):
            self.captures += 1
        elif self._take(":"):
            pass
        elif self._take("=") or self._take("!"):
            quantifiable = not self.unicode
        elif self._take("<=") or self._take("<!"):
            quantifiable = False
        elif self._take("<"):
            self.captures += 1
            self._name_group(self._group_name(), opened)
        else:
            self._modifiers()
        self.groups.append(_Group(opened, quantifiable))
        # Behind "(" stands the start of an alternative: nothing there to repeat.
        return False

    def _close_group(self) -> bool:
        if len(self.groups) == 1:
            self._fail("unmatched ')'")
        self.at += 1
        return self.groups.pop().quantifiable

    def _modifiers(self) -> None:
        start = self.at
        added, _, removed = "", "", ""
        while self._peek() and self._peek() in "ims":
            added += self._peek()
            self.at += 1
        dash = self._take("-")
        while dash and self._peek() and self._peek() in "ims":
            removed += self._peek()
            self.at += 1
        both = added + removed
        if not self._take(":") or (dash and not both) or len(set(both)) != len(both):
            self._fail("invalid group", start)

    def _name_group(self, name: str, opened: int) -> None:
        """A name may come again only in another alternative than before.

        The alternatives of two groups part at the innermost open group that holds both; comparing with the last
        one of that name is enough, since the ones before it already part from it.
        """
        last = self.names.get(name)
        if last is not None:
            level = bisect_left(self.groups, last, key=lambda group: group.opened) - 1
            if self.groups[level].last_bar < last:
                self._fail(f"duplicate capture group name {name!r}", opened)
        self.names[name] = opened

    def _group_name(self) -> str:
        """The name up to ``>``; the ``<`` is read."""
        start = self.at
        name = ""
        while not self._take(">"):
            char = self._name_character()
            if not char or not (name + "a" if char == "$" else f"_{char}" if name else char).isidentifier():
                self._fail("invalid capture group name", start)
            name += char
        if not name:
            self._fail("invalid capture group name", start)
        return name

    def _name_character(self) -> str:
        if self._take("\\"):
            if not self._take("u"):
                return ""
            value = self._unicode_escape(braces=True)
            return "" if value is None else chr(value)
        char = self._peek()
        self.at += 1
        pair = char + self._peek()
        if len(pair) == 2 and "\ud800" <= char <= "\udbff" and "\udc00" <= pair[1] <= "\udfff":
            self.at += 1
            return _joined(pair)
        return char

    # Escapes

    def _atom_escape(self) -> bool:
        char = self._peek(1)
        if char and char in "bB":
            self.at += 2
            return False
        if char and char in "123456789":
            digits, self.at = self._digits(self.at + 1)
            self.highest_reference = max(self.highest_reference, _reference(digits))
        elif char == "k":
            self._name_reference()
        else:
            self._character_escape(in_class=False)
        return True

    def _name_reference(self) -> None:
        start = self.at
        self.at += 2
        resume = self.at
        try:
            if not self._take("<"):
                self._fail(r"invalid \k reference")
            self.name_references.append((self._group_name(), start))
        except ValueError:
            # An error only if the pattern has named groups, which may still come; else it is the letter k.
            if self.bad_name_reference is None:
                self.bad_name_reference = start
            self.at = resume

    def _character_escape(self, in_class: bool) -> int | None:
        r"""Read an escape; its code point, or None for one that stands for several (``\d``, ``\p{…}``)."""
        start = self.at
        self.at += 1
        char = self._peek()
        if not char:
            self._fail("\\ at the end of the pattern", start)
        self.at += 1
        if char in _CLASSES:
            return None
        if char in "pP" and self.unicode:
            self._property(negated=char == "P", start=start)
            return None
        if char in _CONTROL:
            return _CONTROL[char]
        if char == "b" and in_class:
            return 8
        if char == "c":
            return self._control_letter(in_class, start)
        if char == "0" and (self._peek() or "x") not in _DIGITS:
            return 0
        if char in "xu":
            return self._hex_escape(char, start)
        return self._identity_escape(char, in_class, start)

    def _control_letter(self, in_class: bool, start: int) -> int | None:
        letter = self._peek()
        if letter and (letter in _LETTERS or (in_class and not self.unicode and (letter in _DIGITS or letter == "_"))):
            self.at += 1
            return ord(letter) % 32
        if self.unicode:
            self._fail(r"\c needs a letter", start)
        self.at -= 1  # the backslash stands for itself, the c comes next
        return 92

    def _hex_escape(self, char: str, start: int) -> int:
        value = self._unicode_escape(braces=self.unicode) if char == "u" else self._hex(2)
        if value is None:
            if self.unicode:
                self._fail(f"invalid \\{char} escape", start)
            return ord(char)
        return value

    def _identity_escape(self, char: str, in_class: bool, start: int) -> int:
        if not self.unicode:
            if char in "01234567":
                return self._octal(char)
            if char == "k" and self.bad_name_reference is None:
                self.bad_name_reference = start  # only a class gets here with it
            return ord(char)
        if char in _SYNTAX or (in_class and (char == "-" or (self.sets and char in _CLASS_ESCAPES))):
            return ord(char)
        self._fail("invalid escape", start)
        raise AssertionError

    def _octal(self, digits: str) -> int:
        while len(digits) < (3 if digits[0] < "4" else 2) and self._peek() and self._peek() in "01234567":
            digits += self._peek()
            self.at += 1
        return int(digits, 8)

    def _hex(self, digits: int) -> int | None:
        text = self.text[self.at : self.at + digits]
        if len(text) < digits or not _HEX.issuperset(text):
            return None
        self.at += digits
        return int(text, 16)

    def _unicode_escape(self, braces: bool) -> int | None:
        r"""The code point of what follows ``\u``, or None, nothing read."""
        if braces and self._peek() == "{":
            end = self.text.find("}", self.at)
            text = self.text[self.at + 1 : end] if end > 0 else ""
            if not text or not _HEX.issuperset(text) or len(text.lstrip("0")) > 6 or int(text, 16) > 0x10FFFF:
                return None
            self.at = end + 1
            return int(text, 16)
        value = self._hex(4)
        if value is not None and braces and 0xD800 <= value < 0xDC00 and self.text.startswith("\\u", self.at):
            before, self.at = self.at, self.at + 2
            low = self._hex(4)
            if low is not None and 0xDC00 <= low < 0xE000:
                return 0x10000 + ((value - 0xD800) << 10) + low - 0xDC00
            self.at = before
        return value

    def _property(self, negated: bool, start: int) -> bool:
        r"""Read the braces behind ``\p``; whether it may match strings."""
        end = self.text.find("}", self.at)
        if self._peek() != "{" or end < 0:
            self._fail("invalid property name", start)
        name, equals, value = self.text[self.at + 1 : end].partition("=")
        self.at = end + 1
        strings = self.sets and not negated and not equals and name in STRING_PROPERTIES
        if equals:
            values = {"General_Category": GENERAL_CATEGORIES, "gc": GENERAL_CATEGORIES}.get(name, SCRIPTS)
            known = name in ("General_Category", "gc", "Script", "sc", "Script_Extensions", "scx") and value in values
        else:
            known = strings or name in BINARY_PROPERTIES or name in GENERAL_CATEGORIES
        if not known:
            self._fail("invalid property name", start)
        return strings

    # Classes

    def _class(self) -> None:
        if self.sets:
            self._class_sets()
            return
        opened = self.at
        self.at += 1
        self._take("^")
        while not self._take("]"):
            if not self._peek():
                self._fail("unterminated character class", opened)
            low = self._class_atom()
            if self._peek() != "-" or self._peek(1) in ("]", ""):
                continue
            start = self.at
            self.at += 1
            self._check_range(low, self._class_atom(), start)

    def _class_atom(self) -> int | None:
        if self._peek() == "\\":
            return self._character_escape(in_class=True)
        char = self._peek()
        self.at += 1
        return ord(char)

    def _check_range(self, low: int | None, high: int | None, start: int) -> None:
        if low is None or high is None:
            if self.unicode:
                self._fail("invalid character class", start)
        elif low > high:
            self._fail("range out of order in character class", start)

    def _class_sets(self) -> None:
        """A class under flag v (ECMAScript 22.2.1, ClassSetExpression): classes nest, so a stack of brackets."""
        stack: list[_ClassSet] = []
        while True:
            if self._peek() == "[":
                stack.append(_ClassSet(self.at, negated=self.text.startswith("^", self.at + 1)))
                self.at += 2 if stack[-1].negated else 1
            elif self._take("]"):
                strings = self._close_class_set(stack.pop())
                if not stack:
                    return
                self._add_operand(stack[-1], strings)
            elif not self._peek():
                self._fail("unterminated character class", stack[0].opened)
            elif self._peek() == self._peek(1) and self._peek() in "-&" and stack[-1].operands:
                self._class_operator(stack[-1], self._peek() * 2)
            else:
                self._class_operand(stack[-1])

    def _close_class_set(self, bracket: _ClassSet) -> bool:
        if bracket.wants_operand:
            self._fail("invalid set operation in character class")
        strings = bracket.may_be_strings()
        if strings and bracket.negated:
            self._fail("a negated class may not contain strings", bracket.opened)
        return strings

    def _class_operator(self, bracket: _ClassSet, operator: str) -> None:
        if bracket.wants_operand or bracket.operator not in ("", operator):
            self._fail("invalid set operation in character class")
        self.at += 2
        if operator == "&&" and self._peek() == "&":
            self._fail("invalid character in character class")
        bracket.operator = operator
        bracket.wants_operand = True

    def _add_operand(self, bracket: _ClassSet, strings: bool) -> None:
        if bracket.operands and not bracket.wants_operand:
            if bracket.operator in ("--", "&&"):
                self._fail("invalid set operation in character class")
            bracket.operator = "union"
        bracket.operands += 1
        bracket.wants_operand = False
        bracket.strings.append(strings)

    def _class_operand(self, bracket: _ClassSet) -> None:
        start = self.at
        if self._take("\\q{"):
            self._add_operand(bracket, self._class_strings(start))
            return
        if self._peek() == "\\" and self._peek(1) in ("p", "P"):
            self.at += 2
            self._add_operand(bracket, self._property(negated=self.text[start + 1] == "P", start=start))
            return
        low = self._class_set_character()
        in_operation = bracket.wants_operand or bracket.operator in ("--", "&&")
        if self._peek() == "-" and self._peek(1) != "-":
            self.at += 1
            high = self._class_set_character()
            if in_operation or low is None or high is None:
                self._fail("invalid character class", start)
            self._check_range(low, high, start)
            bracket.operator = bracket.operator or "union"
        self._add_operand(bracket, strings=False)

    def _class_strings(self, start: int) -> bool:
        r"""Read ``a|bc}`` behind ``\q{``; whether any string is not exactly one character."""
        strings, length = False, 0
        while True:
            char = self._peek()
            if not char:
                self._fail("invalid escape", start)
            if char in "|}":
                self.at += 1
                strings, length = strings or length != 1, 0
                if char == "}":
                    return strings
            elif self._class_set_character() is None:
                self._fail("invalid escape", start)
            else:
                length += 1

    def _class_set_character(self) -> int | None:
        char = self._peek()
        if char == "\\":
            return self._character_escape(in_class=True)
        if not char or char in _CLASS_SYNTAX or (char in _DOUBLE and self._peek(1) == char):
            self._fail("invalid character in character class")
        self.at += 1
        return ord(char)


def _code_units(text: str) -> str:
    raw = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(raw[at] | raw[at + 1] << 8) for at in range(0, len(raw), 2))


def _joined(pair: str) -> str:
    return pair.encode("utf-16", "surrogatepass").decode("utf-16")


def _magnitude(digits: str) -> tuple[int, str]:
    """Orders decimal numbers of any length without converting them."""
    digits = digits.lstrip("0")
    return len(digits), digits


def _reference(digits: str) -> int:
    return int(digits[:10])  # no pattern has as many groups
