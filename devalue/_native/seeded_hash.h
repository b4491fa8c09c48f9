// Hashes of table keys, seeded once per process so that nobody can choose values that collide.
//
// A folded multiply (the 128-bit product, halves xored) with two secret factors: one multiplication per number or
// pointer, one per 16 bytes of text. CPython's own string hash is not used: on strings that were never hashed it is
// slower (an API payload: 162 -> 133 us), and the numbers' hash is public.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "machine.h"

namespace devalue {

struct HashSeed {
    uint64_t a, b, c;
};

static HashSeed hash_seed = {0x9E3779B97F4A7C15ULL, 0xE7037ED1A0B428DBULL, 0x8EBC6AF09C88C6E3ULL};

// `random` is 24 bytes from the operating system.
static inline void set_hash_seed(const char *random) noexcept {
    std::memcpy(&hash_seed, random, sizeof hash_seed);
    hash_seed.b |= 1;  // a factor of a product: never zero
    hash_seed.c |= 1;
}

static inline uint64_t folded_multiply(uint64_t x, uint64_t y) noexcept {
    Product product = multiply(x, y);
    return product.low ^ product.high;
}

// `kind` keeps values of different kinds with the same bits apart.
static inline uint32_t hash_word(uint64_t word, uint64_t kind) noexcept {
    uint64_t mixed = folded_multiply(word ^ hash_seed.a, hash_seed.b + 2 * kind);
    return static_cast<uint32_t>(mixed ^ (mixed >> 32));
}

static inline uint64_t load64(const uint8_t *at) noexcept {
    uint64_t word;
    std::memcpy(&word, at, 8);
    return word;
}

static inline uint64_t load32(const uint8_t *at) noexcept {
    uint32_t word;
    std::memcpy(&word, at, 4);
    return word;
}

static inline uint32_t hash_bytes(const void *data, size_t length) noexcept {
    const uint8_t *at = static_cast<const uint8_t *>(data);
    uint64_t state = hash_seed.a, first, second;
    if (length <= 16) {
        if (length >= 8) {
            first = load64(at);
            second = load64(at + length - 8);
        } else if (length >= 4) {
            first = load32(at);
            second = load32(at + length - 4);
        } else if (length > 0) {
            first = at[0] | static_cast<uint64_t>(at[length >> 1]) << 8;
            second = at[length - 1];
        } else {
            first = second = 0;
        }
    } else {
        size_t left = length;
        // Two lanes of 32 bytes: the second multiplication does not wait for the first.
        uint64_t lane = hash_seed.c;
        while (left > 32) {
            state = folded_multiply(load64(at) ^ hash_seed.b, load64(at + 8) ^ state);
            lane = folded_multiply(load64(at + 16) ^ hash_seed.c, load64(at + 24) ^ lane);
            at += 32;
            left -= 32;
        }
        state ^= lane;
        if (left > 16) {
            state = folded_multiply(load64(at) ^ hash_seed.b, load64(at + 8) ^ state);
            at += 16;
            left -= 16;
        }
        first = load64(at + left - 16);
        second = load64(at + left - 8);
    }
    uint64_t mixed = folded_multiply(first ^ hash_seed.b, second ^ state) + length;
    mixed = folded_multiply(mixed ^ hash_seed.a, hash_seed.c);
    return static_cast<uint32_t>(mixed ^ (mixed >> 32));
}

}  // namespace devalue
