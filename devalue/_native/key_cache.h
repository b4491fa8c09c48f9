// The str of object keys seen lately, hash and all, and which key came after which.
#pragma once

#include <Python.h>

#include <cstring>

#include "read_double.h"
#include "read_string.h"

namespace devalue {

constexpr size_t cached_keys = 2048;
constexpr size_t longest_cached_key = 64;

struct CachedKey {
    PyObject* key;    // ASCII; nullptr: an empty place
    uint64_t hash;
    uint64_t prefix;  // the first eight bytes, zero-filled
    uint32_t length;
    uint32_t next;    // place of the key that followed this one last time
};

// Without it dicts take 1.4 to 1.75 times as long; with the guess at the next key another 5 to 15 % less.
struct KeyCache {
    CachedKey places[cached_keys];
    uint64_t seed[2];  // random: chosen keys cannot crowd one place (a crowded place costs a new str, no more)
    uint32_t last;     // place of the key read last
};
static KeyCache key_cache;

static inline uint64_t first_bytes(const uint8_t* text, size_t length) {
    uint64_t word = 0;
    std::memcpy(&word, text, length < 8 ? length : 8);
    return word;
}

static inline uint64_t key_hash(const uint8_t* text, size_t length) {
    uint64_t hash = key_cache.seed[0] ^ length;
    for (; length > 8; text += 8, length -= 8) {
        Product product = multiply(hash ^ first_bytes(text, 8), key_cache.seed[1]);
        hash = product.low ^ product.high;
    }
    Product product = multiply(hash ^ first_bytes(text, length), key_cache.seed[1]);
    return product.low ^ product.high;
}

template <class Char>
static inline bool same_characters(const Char* text, const uint8_t* ascii, size_t length) {
    if (sizeof(Char) == 1) return std::memcmp(text, ascii, length) == 0;
    for (size_t i = 0; i < length; i++)
        if (text[i] != ascii[i]) return false;
    return true;
}

static inline const uint8_t* ascii_of(PyObject* key) { return PyUnicode_1BYTE_DATA(key); }

// Whether the guessed key stands at p, with its closing quote.
template <class Char>
static inline bool stands_at(const CachedKey& guess, const Char* p, const Char* end) {
    if (guess.key == nullptr || static_cast<size_t>(end - p) <= guess.length || p[guess.length] != '"') return false;
    if (PY_LITTLE_ENDIAN && sizeof(Char) == 1 && end - p >= 8) {
        uint64_t word;
        std::memcpy(&word, p, 8);
        if (guess.length < 8) return ((word ^ guess.prefix) & ((uint64_t{1} << (8 * guess.length)) - 1)) == 0;
        if (word != guess.prefix) return false;
    }
    return same_characters(p, ascii_of(guess.key), guess.length);
}

static inline PyObject* cached_key(const uint8_t* text, size_t length) {
    uint64_t hash = key_hash(text, length);
    uint32_t at = static_cast<uint32_t>(hash % cached_keys);
    CachedKey& place = key_cache.places[at];
    if (place.key == nullptr || place.hash != hash || place.length != length ||
        std::memcmp(ascii_of(place.key), text, length) != 0) {
        PyObject* key = make_string<Latin1>(text, length, 0);
        if (key == nullptr || PyObject_Hash(key) == -1) return nullptr;
        PyObject* old = place.key;
        place = {key, hash, first_bytes(text, length), static_cast<uint32_t>(length), place.next};
        Py_XDECREF(old);
    }
    key_cache.places[key_cache.last].next = at;
    key_cache.last = at;
    Py_INCREF(place.key);
    return place.key;
}

static inline bool is_proto(PyObject* key) {
    return PyUnicode_GET_LENGTH(key) == 9 && PyUnicode_CompareWithASCIIString(key, "__proto__") == 0;
}

// The key whose opening quote is just before p; p is moved behind the closing one. As read_string; also nullptr
// without an exception for __proto__, which an object must not have.
template <class Enc>
static inline PyObject* read_key(const typename Enc::Char*& p, const typename Enc::Char* end) {
    const CachedKey& guess = key_cache.places[key_cache.places[key_cache.last].next];
    if (stands_at(guess, p, end)) {
        key_cache.last = key_cache.places[key_cache.last].next;
        p += guess.length + 1;
        Py_INCREF(guess.key);
        return guess.key;
    }
    uint32_t seen = 0;
    const typename Enc::Char* stop = end_of_plain(p, end, seen);
    size_t length = static_cast<size_t>(stop - p);
    if (*stop == '"' && seen < 0x80 && length <= longest_cached_key) {
        uint8_t narrow[longest_cached_key];
        copy_characters(narrow, p, length);
        if (length == 9 && std::memcmp(narrow, "__proto__", 9) == 0) return nullptr;
        p = stop + 1;
        return cached_key(narrow, length);
    }
    PyObject* key = read_string<Enc>(p, end);
    if (key != nullptr && is_proto(key)) Py_CLEAR(key);
    return key;
}

}  // namespace devalue
