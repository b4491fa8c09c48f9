// Dates in the form of JavaScript's Date.prototype.toISOString (ECMAScript 21.4.1.32).
#pragma once

#include <cstdint>
#include <cstring>

#include "write_number.h"

namespace devalue {

static constexpr int MAX_DATE_TEXT = 32;

static inline char *write_two(char *out, int value) noexcept {
    out[0] = static_cast<char>('0' + value / 10);
    out[1] = static_cast<char>('0' + value % 10);
    return out + 2;
}

static inline char *write_three(char *out, int value) noexcept {
    *out = static_cast<char>('0' + value / 100);
    return write_two(out + 1, value % 100);
}

static inline char *write_year(char *out, int64_t year) noexcept {
    if (year < 0 || year > 9999) {
        *out++ = year < 0 ? '-' : '+';
        if (year < 0) year = -year;
        out = write_two(out, static_cast<int>(year / 10000));
        year %= 10000;
    }
    out = write_two(out, static_cast<int>(year / 100));
    return write_two(out, static_cast<int>(year % 100));
}

// 2024-01-02T03:04:05.678Z
static inline char *write_date_fields(char *out, int64_t year, int month, int day, int hour, int minute, int second,
                                      int millisecond) noexcept {
    out = write_year(out, year);
    *out++ = '-';
    out = write_two(out, month);
    *out++ = '-';
    out = write_two(out, day);
    *out++ = 'T';
    out = write_two(out, hour);
    *out++ = ':';
    out = write_two(out, minute);
    *out++ = ':';
    out = write_two(out, second);
    *out++ = '.';
    out = write_three(out, millisecond);
    *out++ = 'Z';
    return out;
}

static inline int64_t floor_divide(int64_t x, int64_t by) noexcept { return x / by - (x % by < 0); }

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, counted in eras of 400 years from a 1st of
// March, so that the leap day is the last of its year.
static inline int64_t days_from_civil(int64_t year, int month, int day) noexcept {
    year -= month <= 2;
    int64_t era = floor_divide(year, 400), year_of_era = year - era * 400;
    int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

// `milliseconds` since 1970, at most 8.64e15 either way.
static inline char *write_moment(char *out, int64_t milliseconds) noexcept {
    int64_t days = floor_divide(milliseconds, 86400000);
    int time = static_cast<int>(milliseconds - days * 86400000);
    int64_t since_era = days + 719468, era = floor_divide(since_era, 146097), day_of_era = since_era - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = static_cast<int>(day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100));
    int shifted = (5 * day_of_year + 2) / 153;
    int month = shifted < 10 ? shifted + 3 : shifted - 9;
    int64_t year = era * 400 + year_of_era + (month <= 2);
    return write_date_fields(out, year, month, day_of_year - (153 * shifted + 2) / 5 + 1, time / 3600000,
                             time / 60000 % 60, time / 1000 % 60, time % 1000);
}

}  // namespace devalue
