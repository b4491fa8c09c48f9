// What the machine and the compiler offer, and portable code where they do not: vectors of 16 bytes, products of 128
// bits, the place of a bit. With DEVALUE_PORTABLE defined only the portable code is built (tools/test-builds).
#pragma once

#include <cstdint>

#if (defined(__SSE2__) || defined(_M_X64)) && !defined(DEVALUE_PORTABLE)
#define DEVALUE_SSE2 1
#include <emmintrin.h>
#endif
#if defined(_MSC_VER) && defined(_M_X64)
#include <intrin.h>
#endif

namespace devalue {

// Have memory fetched that is needed soon. Any address will do: nothing is read through it.
static inline void prefetch(const void *memory) noexcept {
#if (defined(__GNUC__) || defined(__clang__)) && !defined(DEVALUE_PORTABLE)
    __builtin_prefetch(memory);
#else
    (void)memory;
#endif
}

struct Product {
    uint64_t low, high;
};

static inline Product multiply(uint64_t x, uint64_t y) noexcept {
#if defined(__SIZEOF_INT128__) && !defined(DEVALUE_PORTABLE)
    unsigned __int128 product = static_cast<unsigned __int128>(x) * y;
    return {static_cast<uint64_t>(product), static_cast<uint64_t>(product >> 64)};
#elif defined(_MSC_VER) && defined(_M_X64) && !defined(DEVALUE_PORTABLE)
    Product product;
    product.low = _umul128(x, y, &product.high);
    return product;
#else
    uint64_t x0 = static_cast<uint32_t>(x), x1 = x >> 32, y0 = static_cast<uint32_t>(y), y1 = y >> 32;
    uint64_t low = x0 * y0, middle = x1 * y0 + (low >> 32), other = x0 * y1 + static_cast<uint32_t>(middle);
    return {other << 32 | static_cast<uint32_t>(low), x1 * y1 + (middle >> 32) + (other >> 32)};
#endif
}

// Of a number that is not zero.
#if (defined(__GNUC__) || defined(__clang__)) && !defined(DEVALUE_PORTABLE)
static inline int leading_zero_bits(uint64_t x) noexcept { return __builtin_clzll(x); }
static inline int trailing_zero_bits(uint64_t x) noexcept { return __builtin_ctzll(x); }
#else
static inline int leading_zero_bits(uint64_t x) noexcept {
    int count = 0;
    for (int step = 32; step > 0; step /= 2) {
        if (x >> (64 - step) == 0) x <<= step, count += step;
    }
    return count;
}

static inline int trailing_zero_bits(uint64_t x) noexcept { return 63 - leading_zero_bits(x & (0 - x)); }
#endif

}  // namespace devalue
