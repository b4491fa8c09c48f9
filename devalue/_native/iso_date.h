// The text that JavaScript writes for a Date of the years 1 to 9999, 2024-01-02T03:04:05.678Z, to a datetime.
#pragma once

#include <Python.h>
#include <datetime.h>

namespace devalue {

constexpr int iso_date_length = 24;

struct Digits {
    const unsigned char* text;
    bool valid = true;

    int number(int at, int count) {
        int value = 0;
        for (int i = at; i < at + count; i++) {
            unsigned digit = text[i] - '0';
            valid &= digit <= 9;
            value = value * 10 + static_cast<int>(digit);
        }
        return value;
    }
    void literal(int at, char expected) { valid &= text[at] == static_cast<unsigned char>(expected); }
};

static inline int days_in_month(int year, int month) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

// nullptr without an exception: another form of date, for the pure twin.
static inline PyObject* datetime_of_iso(const unsigned char* text) {
    Digits in{text};
    int year = in.number(0, 4), month = in.number(5, 2), day = in.number(8, 2);
    int hour = in.number(11, 2), minute = in.number(14, 2), second = in.number(17, 2), ms = in.number(20, 3);
    in.literal(4, '-'), in.literal(7, '-'), in.literal(10, 'T'), in.literal(13, ':'), in.literal(16, ':');
    in.literal(19, '.'), in.literal(23, 'Z');
    if (!in.valid || year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
        minute > 59 || second > 59)
        return nullptr;
    return PyDateTimeAPI->DateTime_FromDateAndTime(year, month, day, hour, minute, second, ms * 1000,
                                                   PyDateTime_TimeZone_UTC, PyDateTimeAPI->DateTimeType);
}

static inline int import_datetime() {
    PyDateTime_IMPORT;
    return PyDateTimeAPI == nullptr ? -1 : 0;
}

}  // namespace devalue
