// The text that JavaScript writes for a Date of the years 1 to 9999, 2024-01-02T03:04:05.678Z, to a datetime.
#pragma once

#include <Python.h>
#include <datetime.h>

#include <cstdint>
#include <cstring>

namespace devalue {

constexpr int iso_date_length = 24;

// Eight characters of the text as 0 to 9 where the form "0000-00-" has a digit, and 0 where it has a separator; wrong
// collects a bit for each character that does not fit.
template <size_t size>
static inline uint64_t eight_characters(const unsigned char* text, const char (&form)[size], uint64_t& wrong) {
    uint64_t word, shape, room = 0;
    std::memcpy(&word, text, 8);
    std::memcpy(&shape, form, 8);
    for (int i = 0; i < 8; i++) room |= uint64_t{form[i] == '0' ? 0x7fu - 9 : 0x7fu} << (8 * (PY_LITTLE_ENDIAN ? i : 7 - i));
    word ^= shape;
    wrong |= ((word + room) | word) & 0x8080808080808080;
    return word;
}

// The number that `count` of those digits from `at` make.
static inline int number(uint64_t digits, int at, int count) {
    int value = 0;
    for (int i = at; i < at + count; i++) value = value * 10 + (digits >> (8 * (PY_LITTLE_ENDIAN ? i : 7 - i)) & 0xff);
    return value;
}

static inline bool is_day(int year, int month, int day) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1) return false;
    if (day <= days[month - 1]) return true;
    return month == 2 && day == 29 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// nullptr without an exception: another form of date, for the pure twin.
static inline PyObject* datetime_of_iso(const unsigned char* text) {
    uint64_t wrong = 0;
    uint64_t date = eight_characters(text, "0000-00-", wrong);
    uint64_t middle = eight_characters(text + 8, "00T00:00", wrong);
    uint64_t rest = eight_characters(text + 16, ":00.000Z", wrong);
    int year = number(date, 0, 4), month = number(date, 5, 2), day = number(middle, 0, 2), hour = number(middle, 3, 2);
    int minute = number(middle, 6, 2), second = number(rest, 1, 2), ms = number(rest, 4, 3);
    if (wrong || year < 1 || !is_day(year, month, day) || hour > 23 || minute > 59 || second > 59) return nullptr;
    return PyDateTimeAPI->DateTime_FromDateAndTime(year, month, day, hour, minute, second, ms * 1000,
                                                   PyDateTime_TimeZone_UTC, PyDateTimeAPI->DateTimeType);
}

static inline int import_datetime() {
    PyDateTime_IMPORT;
    return PyDateTimeAPI == nullptr ? -1 : 0;
}

}  // namespace devalue
