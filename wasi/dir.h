/*
 * Directory listings with cookies that survive changes.
 *
 * A listing is read when a guest asks for the start of a directory, so a long
 * enumeration sees one state.  An entry keeps its cookie for as long as it
 * exists, also when the directory is read again; new entries get new, larger
 * cookies.  Resuming after a cookie works whether or not its entry still
 * exists.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASI_DIR_H
#define WASI_DIR_H

#include "wasi/os.h"

struct p1_entry {
    uint64_t cookie; /* from 1; grows along the listing */
    uint64_t ino;
    const char *name; /* behind the entry */
    uint32_t name_len;
    enum p1_filetype filetype;
};

struct p1_block;

/* Owner: the open directory. */
struct p1_listing {
    struct p1_entry **entries; /* by cookie */
    size_t count;
    size_t cap;
    uint64_t next_cookie;
    struct p1_block *blocks; /* what holds the entries: a million of them must
                                go quickly */
};

/* Reads the directory anew; *listing may be NULL before.  P1_INTR when slices
 * end. */
enum p1_errno p1_listing_read(struct p1_listing **listing, int dir,
                              const struct p1_slices *slices);

/* Index of the first entry behind a cookie; count when there is none. */
size_t p1_listing_after(const struct p1_listing *listing, uint64_t cookie);

/* NULL is allowed. */
void p1_listing_delete(struct p1_listing *listing);

#endif
