// Base64 as JavaScript writes it: the standard alphabet, padded, nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace devalue {

constexpr uint32_t no_digit = 0x01000000;

// digit[i][c]: the six bits of character c at place i of a group of four, in their place within 24 bits.
struct Base64Table {
    uint32_t digit[4][256];
    constexpr Base64Table() : digit() {
        const char* alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (int place = 0; place < 4; place++) {
            for (int c = 0; c < 256; c++) digit[place][c] = no_digit;
            for (uint32_t value = 0; value < 64; value++)
                digit[place][static_cast<unsigned char>(alphabet[value])] = value << (18 - 6 * place);
        }
    }
};
static constexpr Base64Table base64_table;

static inline uint32_t base64_group(const unsigned char* text) {
    return base64_table.digit[0][text[0]] | base64_table.digit[1][text[1]] | base64_table.digit[2][text[2]] |
           base64_table.digit[3][text[3]];
}

// Bytes that `length` characters stand for; -1 when the padding is not the regular one.
static inline ptrdiff_t base64_size(const unsigned char* text, size_t length) {
    if (length % 4 != 0) return -1;
    if (length == 0) return 0;
    size_t padding = text[length - 1] == '=' ? (text[length - 2] == '=' ? 2 : 1) : 0;
    return static_cast<ptrdiff_t>(length / 4 * 3 - padding);
}

// Decode to exactly base64_size() bytes. False: a foreign character, or bits set that no byte holds.
static inline bool base64_decode(const unsigned char* text, size_t length, unsigned char* out) {
    if (length == 0) return true;
    uint32_t seen = 0;
    const unsigned char* last = text + length - 4;
    for (; text < last; text += 4, out += 3) {
        uint32_t bits = base64_group(text);
        seen |= bits;
        out[0] = static_cast<unsigned char>(bits >> 16);
        out[1] = static_cast<unsigned char>(bits >> 8);
        out[2] = static_cast<unsigned char>(bits);
    }
    unsigned char group[4];
    std::memcpy(group, last, 4);
    int bytes = group[3] != '=' ? 3 : group[2] != '=' ? 2 : 1;
    for (int i = bytes + 1; i < 4; i++) group[i] = 'A';
    uint32_t bits = base64_group(group);
    seen |= bits;
    if (seen & no_digit || bits & ((1u << (24 - 8 * bytes)) - 1)) return false;
    for (int i = 0; i < bytes; i++) out[i] = static_cast<unsigned char>(bits >> (16 - 8 * i));
    return true;
}

}  // namespace devalue
