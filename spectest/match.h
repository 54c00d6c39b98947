/*
 * Values of scripts and values of the engine: conversion, comparison, text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_SPECTEST_MATCH_H
#define WRT_SPECTEST_MATCH_H

#include "wasmrt.h"
#include "wasmrt/text.h"

/* Whether a result is what the script wants. */
bool spectest_match(const wasmrt_script_value *want, const wasmrt_val *got);

/* Both as text, cut to size; return buf. */
const char *spectest_want_text(const wasmrt_script_value *want, char *buf,
                               size_t size);
const char *spectest_got_text(const wasmrt_val *got, char *buf, size_t size);

#endif
