# Fills the table of schubfach.h; every module that writes doubles has one of its own.

cdef extern from "schubfach.h" namespace "devalue":
    const int SMALLEST_POWER
    const int LARGEST_POWER
    void set_power_of_ten(int power, uint64_t high, uint64_t low)


cdef void compute_powers_of_ten():
    """The 128 leading bits of each power, rounded up: what schubfach.h multiplies with."""
    for power in range(SMALLEST_POWER, LARGEST_POWER + 1):
        ten = 10 ** abs(power)
        bits = ten.bit_length()
        if power < 0:
            leading = -(-(1 << (127 + bits)) // ten)
        else:
            leading = ten << (128 - bits) if bits <= 128 else -(-ten >> (bits - 128))
        set_power_of_ten(power, leading >> 64, leading & 0xFFFFFFFFFFFFFFFF)
