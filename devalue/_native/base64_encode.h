// Base64 (RFC 4648, section 4) of the bytes of an ArrayBuffer.
//
// With AVX2, asked of the processor at run time, 24 bytes become 32 characters in a dozen instructions (W. Mula and
// D. Lemire, "Faster Base64 Encoding and Decoding using AVX2 Instructions", 2018); elsewhere a table gives two
// characters for 12 bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if (defined(__x86_64__) || defined(__i386__)) && (defined(__GNUC__) || defined(__clang__)) && !defined(DEVALUE_PORTABLE)
#define DEVALUE_BASE64_AVX2 1
#include <immintrin.h>
#endif

namespace devalue {

static inline size_t base64_length(size_t bytes) noexcept { return (bytes + 2) / 3 * 4; }

static const char base64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct Base64Pairs {
    char text[4096][2];
    Base64Pairs() noexcept {
        for (int i = 0; i < 4096; ++i) {
            text[i][0] = base64_alphabet[i >> 6];
            text[i][1] = base64_alphabet[i & 63];
        }
    }
};
static const Base64Pairs base64_pairs;

#ifdef DEVALUE_BASE64_AVX2

// Encodes 24 bytes at a time while 28 can be read; returns how many bytes were taken.
__attribute__((target("avx2"))) static size_t base64_encode_avx2(char *out, const uint8_t *data, size_t length) noexcept {
    const __m256i spread = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,
                                            1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
    // What to add to a value of 6 bits, by its range: a-z, 0-9 (ten times), +, /, A-Z.
    const __m256i offsets = _mm256_setr_epi8(71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0,
                                             71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0);
    size_t at = 0;
    while (length - at >= 28) {
        __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i *>(data + at));
        __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i *>(data + at + 12));
        __m256i in = _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1), spread);
        __m256i odd = _mm256_mulhi_epu16(_mm256_and_si256(in, _mm256_set1_epi32(0x0FC0FC00)),
                                         _mm256_set1_epi32(0x04000040));
        __m256i even = _mm256_mullo_epi16(_mm256_and_si256(in, _mm256_set1_epi32(0x003F03F0)),
                                          _mm256_set1_epi32(0x01000010));
        __m256i sixes = _mm256_or_si256(odd, even);
        __m256i range = _mm256_subs_epu8(sixes, _mm256_set1_epi8(51));
        __m256i upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), sixes);
        range = _mm256_or_si256(range, _mm256_and_si256(upper, _mm256_set1_epi8(13)));
        __m256i text = _mm256_add_epi8(_mm256_shuffle_epi8(offsets, range), sixes);
        _mm256_storeu_si256(reinterpret_cast<__m256i *>(out), text);
        out += 32;
        at += 24;
    }
    return at;
}

#endif

// Writes base64_length(length) characters.
static inline void base64_encode(char *out, const uint8_t *data, size_t length) noexcept {
    size_t at = 0;
#ifdef DEVALUE_BASE64_AVX2
    static const bool avx2 = __builtin_cpu_supports("avx2");
    if (avx2 && length >= 28) {
        at = base64_encode_avx2(out, data, length);
        out += at / 3 * 4;
    }
#endif
    for (; length - at >= 3; at += 3, out += 4) {
        unsigned bits = data[at] << 16 | data[at + 1] << 8 | data[at + 2];
        std::memcpy(out, base64_pairs.text[bits >> 12], 2);
        std::memcpy(out + 2, base64_pairs.text[bits & 4095], 2);
    }
    if (length == at) return;
    unsigned bits = data[at] << 16 | (length - at == 2 ? data[at + 1] << 8 : 0);
    std::memcpy(out, base64_pairs.text[bits >> 12], 2);
    out[2] = length - at == 2 ? base64_alphabet[bits >> 6 & 63] : '=';
    out[3] = '=';
}

}  // namespace devalue
