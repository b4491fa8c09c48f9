// The shortest decimal that reads back as the same double: R. Giulietti, "The Schubfach way to render doubles"
// (2020). 21-38 ns a number; std::to_chars and reformatting took 50, PyOS_double_to_string 240-900.
#pragma once

#include <cstdint>
#include <cstring>

#include "machine.h"

namespace devalue {

struct Decimal {
    uint64_t digits;
    int32_t exponent;  // the value is digits * 10**exponent
};

// 10**k for k = -292 ... 324, as the 128 leading bits, rounded up. Filled when the module is loaded, from Python's
// exact integers: 617 lines of constants less to trust.
struct PowerOfTen {
    uint64_t high, low;
};
static constexpr int SMALLEST_POWER = -292, LARGEST_POWER = 324;
static PowerOfTen powers_of_ten[LARGEST_POWER - SMALLEST_POWER + 1];

static inline void set_power_of_ten(int power, uint64_t high, uint64_t low) noexcept {
    powers_of_ten[power - SMALLEST_POWER] = {high, low};
}

// The product, its fraction squeezed into one bit ("round to odd"), so that later comparisons stay exact.
static inline uint64_t scale_to_odd(PowerOfTen power, uint64_t value) noexcept {
    Product upper = multiply(power.high, value);
    uint64_t middle = upper.low + multiply(power.low, value).high;
    uint64_t high = upper.high + (middle < upper.low);
    return high | (middle > 1);
}

// `value` is finite and not zero; its sign is ignored.
static inline Decimal shortest_decimal(double value) noexcept {
    uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    uint64_t fraction = bits & ((uint64_t{1} << 52) - 1);
    int32_t biased = static_cast<int32_t>(bits >> 52 & 0x7FF);
    uint64_t c = biased ? fraction | uint64_t{1} << 52 : fraction;
    int32_t q = (biased ? biased : 1) - 1075;

    bool even = (c & 1) == 0;
    bool lower_is_closer = fraction == 0 && biased > 1;
    // floor(log10(2**q)), of 3/4 of it where the lower neighbour is closer; then the shift that leaves 2 extra bits.
    int32_t k = (q * 1262611 - (lower_is_closer ? 524031 : 0)) >> 22;
    int32_t shift = q + ((-k * 1741647) >> 19) + 1;
    PowerOfTen power = powers_of_ten[-k - SMALLEST_POWER];
    uint64_t lower = scale_to_odd(power, (4 * c - 2 + lower_is_closer) << shift) + !even;
    uint64_t middle = scale_to_odd(power, (4 * c) << shift);
    uint64_t upper = scale_to_odd(power, (4 * c + 2) << shift) - !even;

    uint64_t s = middle / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;  // one digit less, if exactly one such decimal lies in the interval
        bool down = lower <= 40 * tens;
        bool up = 40 * tens + 40 <= upper;
        if (down != up) return {tens + up, k + 1};
    }
    bool down = lower <= 4 * s;
    bool up = 4 * s + 4 <= upper;
    if (down != up) return {s + up, k};
    uint64_t half = 4 * s + 2;
    return {s + (middle > half || (middle == half && (s & 1) != 0)), k};
}

}  // namespace devalue
