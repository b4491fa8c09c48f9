// Find where the plain part of a JSON string ends, 16 bytes at a time, for texts of 1, 2 and 4 bytes a character.
#pragma once

#include <cstddef>
#include <cstdint>

#include "inline.h"
#include "machine.h"

namespace devalue {

template <class Char>
static inline bool ends_plain(Char c) {
    return c == '"' || c == '\\' || c < 0x20;
}

#ifdef DEVALUE_SSE2
// The lanes of one vector that end a plain part, and the OR of the characters before the first of them.
template <class Char>
struct Lanes;

template <>
struct Lanes<uint8_t> {
    static unsigned ends(__m128i v) {
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
        __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
        __m128i backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
        return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash))));
    }
};

template <>
struct Lanes<uint16_t> {
    static unsigned ends(__m128i v) {
        __m128i control = _mm_cmpeq_epi16(_mm_subs_epu16(v, _mm_set1_epi16(0x1f)), _mm_setzero_si128());
        __m128i quote = _mm_cmpeq_epi16(v, _mm_set1_epi16('"'));
        __m128i backslash = _mm_cmpeq_epi16(v, _mm_set1_epi16('\\'));
        return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash))));
    }
};

template <>
struct Lanes<uint32_t> {
    static unsigned ends(__m128i v) {  // code points are below 2^31: signed comparison will do
        __m128i control = _mm_cmplt_epi32(v, _mm_set1_epi32(0x20));
        __m128i quote = _mm_cmpeq_epi32(v, _mm_set1_epi32('"'));
        __m128i backslash = _mm_cmpeq_epi32(v, _mm_set1_epi32('\\'));
        return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash))));
    }
};

// The OR of all lanes of one vector, as one character.
template <class Char>
static inline uint32_t merged(__m128i v) {
    uint64_t half = static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_or_si128(v, _mm_srli_si128(v, 8))));
    uint32_t word = static_cast<uint32_t>(half | half >> 32);
    return sizeof(Char) == 4 ? word : (word | word >> 16) & 0xffff;
}

// Sixteen 0xff and sixteen 0: loaded from 16 - n, the first n bytes are kept.
alignas(16) static const unsigned char keep_bytes[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
                                                         255, 255, 255, 255, 255, 0};
#endif

#ifdef DEVALUE_SSE2
// As below for one byte a character, where one bit of a character says enough: it is ASCII or not.
static DEVALUE_INLINE const uint8_t* end_of_plain_vectors(const uint8_t* p, const uint8_t* end, uint32_t& seen,
                                                          bool& found) {
    unsigned high = 0;
    while (end - p >= 16) {
        __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        unsigned mask = Lanes<uint8_t>::ends(v), not_ascii = static_cast<unsigned>(_mm_movemask_epi8(v));
        if (mask != 0) {
            high |= not_ascii & (mask - 1) & ~mask;
            found = true;
            p += trailing_zero_bits(mask);
            break;
        }
        high |= not_ascii;
        p += 16;
    }
    if (high != 0) seen |= 0x80;
    return p;
}

template <class Char>
static DEVALUE_INLINE const Char* end_of_plain_vectors(const Char* p, const Char* end, uint32_t& seen, bool& found) {
    constexpr size_t lanes = 16 / sizeof(Char);
    __m128i all = _mm_setzero_si128();
    while (static_cast<size_t>(end - p) >= lanes) {
        __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        unsigned mask = Lanes<Char>::ends(v);
        if (mask != 0) {
            unsigned bytes = trailing_zero_bits(mask);
            __m128i keep = _mm_loadu_si128(reinterpret_cast<const __m128i*>(keep_bytes + 16 - bytes));
            all = _mm_or_si128(all, _mm_and_si128(v, keep));
            found = true;
            p += bytes / sizeof(Char);
            break;
        }
        all = _mm_or_si128(all, v);
        p += lanes;
    }
    seen |= merged<Char>(all);
    return p;
}
#endif

// From p, the first character that is a quote, a backslash or a control character; `seen` collects the OR of the
// characters before it. The text ends with a NUL at `end`, which ends a plain part like any control character.
template <class Char>
static DEVALUE_INLINE const Char* end_of_plain(const Char* p, const Char* end, uint32_t& seen) {
#ifdef DEVALUE_SSE2
    bool found = false;
    p = end_of_plain_vectors(p, end, seen, found);
    if (found) return p;
#endif
    while (!ends_plain(*p)) seen |= *p++;
    return p;
}

}  // namespace devalue
