/*
 * The calendar is computed here, since C's own functions share a static buffer
 * and know no way back from UTC.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/date.h"

#include <stdio.h>
#include <string.h>

enum { DAY_SECONDS = 86400, ERA_DAYS = 146097, ERA_BEGIN = 719468 };

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char days[] = "SunMonTueWedThuFriSat";

struct civil {
    int year, month, day, hour, minute, second, weekday;
};

/* Years begin in March, so that the odd day of a leap year is the last one. */
static struct civil civil_of(int64_t seconds)
{
    int64_t day = seconds / DAY_SECONDS, rest = seconds % DAY_SECONDS, era;
    int of_era, year, of_year, month;

    if (rest < 0) {
        rest += DAY_SECONDS;
        day--;
    }
    day += ERA_BEGIN;
    era = (day >= 0 ? day : day - ERA_DAYS + 1) / ERA_DAYS;
    of_era = (int)(day - era * ERA_DAYS);
    year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    of_year = of_era - (365 * year + year / 4 - year / 100);
    month = (5 * of_year + 2) / 153;
    return (struct civil){
        .year = (int)(year + era * 400 + (month >= 10)),
        .month = month < 10 ? month + 2 : month - 10,
        .day = of_year - (153 * month + 2) / 5 + 1,
        .hour = (int)(rest / 3600),
        .minute = (int)(rest / 60 % 60),
        .second = (int)(rest % 60),
        .weekday = (int)(((day - ERA_BEGIN) % 7 + 11) % 7),
    };
}

static int64_t seconds_of(const struct civil *c)
{
    int64_t year = c->month < 2 ? c->year - 1 : c->year, era = year / 400;
    int of_era = (int)(year - era * 400);
    int month = c->month < 2 ? c->month + 10 : c->month - 2;
    int of_year = (153 * month + 2) / 5 + c->day - 1;
    int64_t day = era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 +
                  of_year - ERA_BEGIN;

    return day * DAY_SECONDS + c->hour * 3600 + c->minute * 60 + c->second;
}

void date_write(int64_t seconds, char out[DATE_BYTES])
{
    struct civil c = civil_of(seconds);

    snprintf(out, DATE_BYTES, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
             days + (size_t)c.weekday * 3, c.day, months + (size_t)c.month * 3,
             c.year, c.hour, c.minute, c.second);
}

void date_write_iso(int64_t seconds, char out[DATE_BYTES])
{
    struct civil c = civil_of(seconds);

    snprintf(out, DATE_BYTES, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year,
             c.month + 1, c.day, c.hour, c.minute, c.second);
}

/* The place of a name of three letters in a list of them, or -1. */
static int find_name(const char *list, const char *name)
{
    for (int i = 0; list[(size_t)i * 3]; i++) {
        if (memcmp(list + (size_t)i * 3, name, 3) == 0)
            return i;
    }
    return -1;
}

static bool number(const char *text, int len, int *out)
{
    *out = 0;
    for (int i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *out = *out * 10 + (text[i] - '0');
    }
    return true;
}

bool date_read(struct span text, int64_t *seconds_out)
{
    struct civil c;
    const char *at = text.at;

    if (text.len != 29 || memcmp(at + 3, ", ", 2) != 0 || at[7] != ' ' ||
        at[11] != ' ' || at[16] != ' ' || at[19] != ':' || at[22] != ':' ||
        memcmp(at + 25, " GMT", 4) != 0)
        return false;
    c.month = find_name(months, at + 8);
    if (c.month < 0 || !number(at + 5, 2, &c.day) ||
        !number(at + 12, 4, &c.year) || !number(at + 17, 2, &c.hour) ||
        !number(at + 20, 2, &c.minute) || !number(at + 23, 2, &c.second))
        return false;
    *seconds_out = seconds_of(&c);
    return true;
}
