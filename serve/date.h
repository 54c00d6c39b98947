/*
 * Times as HTTP writes them (RFC 9110, 5.6.7).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_DATE_H
#define SERVE_DATE_H

#include "serve/http.h"

enum { DATE_BYTES = 48 };

/* "Sun, 06 Nov 1994 08:49:37 GMT" for seconds since 1970. */
void date_write(int64_t seconds, char out[DATE_BYTES]);

/* "1994-11-06T08:49:37Z", for logs. */
void date_write_iso(int64_t seconds, char out[DATE_BYTES]);

/* Reads the first of these forms. */
bool date_read(struct span text, int64_t *seconds_out);

#endif
