// Strings as JSON text, with the escapes of devalue: `"` and `\`, `<` (so that the text is safe inside a script
// element), control characters, U+2028, U+2029, and surrogates, which no UTF-8 can carry.
//
// Text is scanned and copied in one go, 16 bytes at a time: a block is stored first, and what follows the first
// special character in it is overwritten by that character's escape. Source and output may differ in width.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "machine.h"

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

static inline __m128i either(__m128i a, __m128i b) noexcept { return _mm_or_si128(a, b); }
static inline __m128i either(__m128i a, __m128i b, __m128i c) noexcept { return either(either(a, b), c); }

// Eight characters of 16 bits. `bias` was added to each: 0x8000 makes the comparison of signed numbers right, and is
// what the saturation of wider characters needs.
template <uint16_t bias>
static inline unsigned special_units(__m128i v) noexcept {
    auto unit = [](unsigned c) { return _mm_set1_epi16(static_cast<short>(c + bias)); };
    __m128i control = bias ? _mm_cmplt_epi16(v, unit(0x20))
                           : _mm_cmpeq_epi16(_mm_subs_epu16(v, _mm_set1_epi16(0x1F)), _mm_setzero_si128());
    __m128i ascii = either(_mm_cmpeq_epi16(v, unit('"')), _mm_cmpeq_epi16(v, unit('\\')), _mm_cmpeq_epi16(v, unit('<')));
    __m128i line = _mm_cmpeq_epi16(_mm_and_si128(v, _mm_set1_epi16(-2)), unit(0x2028));
    __m128i surrogate = _mm_cmpeq_epi16(_mm_and_si128(v, _mm_set1_epi16(-0x800)), unit(0xD800));
    return _mm_movemask_epi8(either(either(control, ascii), line, surrogate));
}

static inline __m128i load16(const void *at) noexcept { return _mm_loadu_si128(static_cast<const __m128i *>(at)); }
static inline void store16(void *out, __m128i v) noexcept { _mm_storeu_si128(static_cast<__m128i *>(out), v); }

// A run of characters that is looked at in one go: how many, how many bits of special() each has, and its memory.
template <typename Char>
struct Block;

template <>
struct Block<uint8_t> {
    static constexpr size_t lanes = 16, bits = 1, bytes = 16;
    __m128i v;

    explicit Block(const void *at) noexcept : v(load16(at)) {}

    unsigned special() const noexcept {
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v);
        __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
        __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
        __m128i angle = _mm_cmpeq_epi8(v, _mm_set1_epi8('<'));
        return _mm_movemask_epi8(either(either(control, quote), slash, angle));
    }

    void store(uint8_t *out) const noexcept { store16(out, v); }
    void store(uint16_t *out) const noexcept {
        store16(out, _mm_unpacklo_epi8(v, _mm_setzero_si128()));
        store16(out + 8, _mm_unpackhi_epi8(v, _mm_setzero_si128()));
    }
    void store(uint32_t *out) const noexcept;
};

template <>
struct Block<uint16_t> {
    static constexpr size_t lanes = 8, bits = 2, bytes = 16;
    __m128i v;

    explicit Block(__m128i v) noexcept : v(v) {}
    explicit Block(const void *at) noexcept : v(load16(at)) {}

    unsigned special() const noexcept { return special_units<0>(v); }

    void store(uint16_t *out) const noexcept { store16(out, v); }
    void store(uint32_t *out) const noexcept {
        store16(out, _mm_unpacklo_epi16(v, _mm_setzero_si128()));
        store16(out + 4, _mm_unpackhi_epi16(v, _mm_setzero_si128()));
    }
};

inline void Block<uint8_t>::store(uint32_t *out) const noexcept {
    Block<uint16_t>(_mm_unpacklo_epi8(v, _mm_setzero_si128())).store(out);
    Block<uint16_t>(_mm_unpackhi_epi8(v, _mm_setzero_si128())).store(out + 8);
}

// Eight characters, narrowed to 16 bits for the comparisons (all beyond become one): half the work of four at a time.
template <>
struct Block<uint32_t> {
    static constexpr size_t lanes = 8, bits = 2, bytes = 32;
    __m128i low, high;

    explicit Block(const void *at) noexcept : low(load16(at)), high(load16(static_cast<const char *>(at) + 16)) {}

    unsigned special() const noexcept {
        __m128i bias = _mm_set1_epi32(0x8000);
        return special_units<0x8000>(_mm_packs_epi32(_mm_sub_epi32(low, bias), _mm_sub_epi32(high, bias)));
    }

    void store(uint32_t *out) const noexcept {
        store16(out, low);
        store16(out + 4, high);
    }
};

// A block of which only `length` bytes are there. Reading past the end of a str is harmless inside its page, and half
// the cost of copying a short tail.
template <typename Char>
static inline Block<Char> load_tail(const Char *at, size_t length) noexcept {
#ifndef DEVALUE_EXACT_READS
    if ((reinterpret_cast<uintptr_t>(at) & 4095) <= 4096 - Block<Char>::bytes) return Block<Char>(at);
#endif
    alignas(16) char buffer[Block<Char>::bytes] = {};
    std::memcpy(buffer, at, length);
    return Block<Char>(buffer);
}

// Copies text up to the first special character; gives how many characters that were.
template <typename Out, typename Char>
static inline size_t copy_plain(Out *out, const Char *text, size_t length) noexcept {
    using Run = Block<Char>;
    size_t at = 0;
    for (; length - at >= Run::lanes; at += Run::lanes) {
        Run block(text + at);
        block.store(out + at);
        unsigned special = block.special();
        if (special != 0) return at + trailing_zero_bits(special) / Run::bits;
    }
    if (at == length) return length;
    Run block = load_tail(text + at, (length - at) * sizeof(Char));
    block.store(out + at);
    unsigned special = block.special() & ((1u << (length - at) * Run::bits) - 1);
    return special == 0 ? length : at + trailing_zero_bits(special) / Run::bits;
}

// ASCII that lies in a buffer whose size is a multiple of 16.
template <typename Out>
static inline Out *widen(Out *out, const char *buffer, size_t length) noexcept {
    for (size_t at = 0; at < length; at += 16) Block<uint8_t>(buffer + at).store(out + at);
    return out + length;
}

#else  // portable

template <typename Out>
static inline Out *widen(Out *out, const char *buffer, size_t length) noexcept {
    return write_ascii(out, buffer, length);
}

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
