// Strings as JSON text, with the escapes of devalue: `"` and `\`, `<` (so that the text is safe inside a script
// element), control characters, U+2028, U+2029, and surrogates, which no UTF-8 can carry.
//
// Text is scanned and copied in one go, 16 bytes at a time: a block is stored first, and what follows the first
// special character in it is overwritten by that character's escape. Source and output may differ in width.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "write_number.h"

#if defined(__SSE2__) || defined(_M_X64)
#define DEVALUE_SSE2 1
#include <emmintrin.h>
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DEVALUE_EXACT_READS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define DEVALUE_EXACT_READS 1
#endif

namespace devalue {

static constexpr size_t LONGEST_ESCAPE = 6;
// copy_plain may touch so many characters behind the last one that it copies.
static constexpr size_t STRING_SLACK = 16;

template <typename Char>
static inline bool is_special(Char c) noexcept {
    if (c < 0x20 || c == '"' || c == '\\' || c == '<') return true;
    if constexpr (sizeof(Char) == 1) return false;
    return (c & ~Char{1}) == 0x2028 || (c >= 0xD800 && c <= 0xDFFF);
}

template <typename Out>
static inline Out *write_ascii(Out *out, const char *text, size_t length) noexcept {
    if constexpr (sizeof(Out) == 1) {
        std::memcpy(out, text, length);
    } else {
        for (size_t i = 0; i < length; ++i) out[i] = static_cast<unsigned char>(text[i]);
    }
    return out + length;
}

template <typename Out>
static Out *write_escape(Out *out, uint32_t c) noexcept {
    *out++ = '\\';
    switch (c) {
        case '"': case '\\': *out++ = static_cast<Out>(c); return out;
        case '\b': *out++ = 'b'; return out;
        case '\t': *out++ = 't'; return out;
        case '\n': *out++ = 'n'; return out;
        case '\f': *out++ = 'f'; return out;
        case '\r': *out++ = 'r'; return out;
    }
    const char *hex = c == '<' ? "0123456789ABCDEF" : "0123456789abcdef";  // JavaScript writes \u003C, and \u001f
    *out++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) *out++ = hex[c >> shift & 15];
    return out;
}

#ifdef DEVALUE_SSE2

// Bit i of the result: byte i belongs to a character that needs an escape.
static inline unsigned special_bytes(__m128i v, uint8_t) noexcept {
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v);
    __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    __m128i angle = _mm_cmpeq_epi8(v, _mm_set1_epi8('<'));
    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(control, quote), _mm_or_si128(slash, angle)));
}

static inline unsigned special_bytes(__m128i v, uint16_t) noexcept {
    __m128i control = _mm_cmpeq_epi16(_mm_subs_epu16(v, _mm_set1_epi16(0x1F)), _mm_setzero_si128());
    __m128i quote = _mm_cmpeq_epi16(v, _mm_set1_epi16('"'));
    __m128i slash = _mm_cmpeq_epi16(v, _mm_set1_epi16('\\'));
    __m128i angle = _mm_cmpeq_epi16(v, _mm_set1_epi16('<'));
    __m128i line = _mm_cmpeq_epi16(_mm_and_si128(v, _mm_set1_epi16(-2)), _mm_set1_epi16(0x2028));
    __m128i surrogate = _mm_cmpeq_epi16(_mm_and_si128(v, _mm_set1_epi16(static_cast<short>(0xF800))),
                                        _mm_set1_epi16(static_cast<short>(0xD800)));
    __m128i any = _mm_or_si128(_mm_or_si128(control, quote), _mm_or_si128(slash, angle));
    return _mm_movemask_epi8(_mm_or_si128(any, _mm_or_si128(line, surrogate)));
}

static inline unsigned special_bytes(__m128i v, uint32_t) noexcept {
    __m128i control = _mm_cmplt_epi32(v, _mm_set1_epi32(0x20));
    __m128i quote = _mm_cmpeq_epi32(v, _mm_set1_epi32('"'));
    __m128i slash = _mm_cmpeq_epi32(v, _mm_set1_epi32('\\'));
    __m128i angle = _mm_cmpeq_epi32(v, _mm_set1_epi32('<'));
    __m128i line = _mm_cmpeq_epi32(_mm_and_si128(v, _mm_set1_epi32(-2)), _mm_set1_epi32(0x2028));
    __m128i surrogate = _mm_cmpeq_epi32(_mm_and_si128(v, _mm_set1_epi32(-0x800)), _mm_set1_epi32(0xD800));
    __m128i any = _mm_or_si128(_mm_or_si128(control, quote), _mm_or_si128(slash, angle));
    return _mm_movemask_epi8(_mm_or_si128(any, _mm_or_si128(line, surrogate)));
}

static inline void store16(void *out, __m128i v) noexcept { _mm_storeu_si128(static_cast<__m128i *>(out), v); }

// Stores the characters of a block, widened where the output is wider.
static inline void store_block(uint8_t *out, __m128i v, uint8_t) noexcept { store16(out, v); }
static inline void store_block(uint16_t *out, __m128i v, uint16_t) noexcept { store16(out, v); }
static inline void store_block(uint32_t *out, __m128i v, uint32_t) noexcept { store16(out, v); }
static inline void store_block(uint16_t *out, __m128i v, uint8_t) noexcept {
    store16(out, _mm_unpacklo_epi8(v, _mm_setzero_si128()));
    store16(out + 8, _mm_unpackhi_epi8(v, _mm_setzero_si128()));
}
static inline void store_block(uint32_t *out, __m128i v, uint16_t) noexcept {
    store16(out, _mm_unpacklo_epi16(v, _mm_setzero_si128()));
    store16(out + 4, _mm_unpackhi_epi16(v, _mm_setzero_si128()));
}
static inline void store_block(uint32_t *out, __m128i v, uint8_t) noexcept {
    store_block(out, _mm_unpacklo_epi8(v, _mm_setzero_si128()), uint16_t{});
    store_block(out + 8, _mm_unpackhi_epi8(v, _mm_setzero_si128()), uint16_t{});
}

// 16 bytes of which the first `length` count. Reading past the end of a str is harmless inside its page, and half
// the cost of copying a short tail.
static inline __m128i load_tail(const void *at, size_t length) noexcept {
#ifndef DEVALUE_EXACT_READS
    if ((reinterpret_cast<uintptr_t>(at) & 4095) <= 4096 - 16) {
        return _mm_loadu_si128(static_cast<const __m128i *>(at));
    }
#endif
    alignas(16) char buffer[16] = {};
    std::memcpy(buffer, at, length);
    return _mm_load_si128(reinterpret_cast<const __m128i *>(buffer));
}

// Copies text up to the first special character; gives how many characters that were.
template <typename Out, typename Char>
static inline size_t copy_plain(Out *out, const Char *text, size_t length) noexcept {
    constexpr size_t lanes = 16 / sizeof(Char);
    size_t at = 0;
    for (; length - at >= lanes; at += lanes) {
        __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i *>(text + at));
        store_block(out + at, block, Char{});
        unsigned special = special_bytes(block, Char{});
        if (special != 0) return at + trailing_zero_bits(special) / sizeof(Char);
    }
    if (at == length) return length;
    size_t bytes = (length - at) * sizeof(Char);
    __m128i block = load_tail(text + at, bytes);
    store_block(out + at, block, Char{});
    unsigned special = special_bytes(block, Char{}) & ((1u << bytes) - 1);
    return special == 0 ? length : at + trailing_zero_bits(special) / sizeof(Char);
}

#else  // portable

template <typename Out, typename Char>
static inline size_t copy_plain(Out *out, const Char *text, size_t length) noexcept {
    size_t at = 0;
    for (; at < length && !is_special(text[at]); ++at) out[at] = static_cast<Out>(text[at]);
    return at;
}

#endif

// Text with its escapes; `*escaped` gets the bits of every character that was replaced.
template <typename Out, typename Char>
static Out *write_escaped(Out *out, const Char *text, size_t length, uint32_t *escaped) noexcept {
    for (;;) {
        size_t plain = copy_plain(out, text, length);
        out += plain;
        if (plain == length) return out;
        out = write_escape(out, text[plain]);
        *escaped |= text[plain];
        text += plain + 1;
        length -= plain + 1;
    }
}

}  // namespace devalue
