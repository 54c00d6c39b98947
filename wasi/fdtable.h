/*
 * What a guest holds: open files, and the numbers it knows them by.
 *
 * A file carries two sets of rights.  `base` gates what may be done with it,
 * `inheriting` bounds what may be opened through it; both only ever shrink.
 * `grant` is what the host allows below a preopen: it is not the guest's to
 * change, and asking for more is refused, where rights that merely make no
 * sense for a kind of file are dropped without a word.
 *
 * Threads of a guest share the table and its files.  The table's lock guards
 * the numbers, and changes of rights and flags; a file is used by whoever has a
 * reference, also when its number is closed meanwhile.  What changes in a file
 * is atomic or has the file's lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASI_FDTABLE_H
#define WASI_FDTABLE_H

#include "wasi/os_thread.h"
#include "wasi/path.h"

#include "wasmrt/wasi.h"

#include <stdatomic.h>

struct p1_listing;

/* Where the bytes of a file come from or go to. */
enum p1_source {
    P1_SOURCE_HOST,   /* a descriptor of the host */
    P1_SOURCE_STREAM, /* memory: struct p1_stream */
};

/* Standard streams in memory.  Owner: the WASI state, so that what the guest
 * wrote outlives its descriptors. */
struct p1_stream {
    struct p1_lock lock; /* of all that changes */
    uint8_t *bytes;
    size_t len; /* valid in bytes */
    size_t pos; /* read so far */
    size_t cap;
    size_t max;      /* writes beyond it fail */
    bool is_sink;    /* takes writes and forgets them */
    bool is_capture; /* takes writes and keeps them; else it serves reads */
    wasmrt_wasi_source_fn source; /* the embedder's, or NULL; constant */
    wasmrt_wasi_sink_fn sink;
    void (*write)(void *user, const void *bytes, size_t len); /* or passes them
                                                                 on; or NULL */
    void *user;
    wasmrt_wasi_ready_fn ready; /* of the two above; or NULL */
    void *ready_user;
};

/* An open file.  Owner: the table's entry, and calls that wait on it. */
struct p1_file {
    atomic_uint refs;
    struct p1_lock lock; /* of the listing */
    enum p1_source source;
    enum p1_filetype filetype;
    int host; /* owned; for a single-file grant the directory it is in */
    struct p1_stream *stream; /* borrowed from the state */
    _Atomic uint64_t base;
    _Atomic uint64_t inheriting;
    uint64_t grant;
    _Atomic uint16_t fdflags;
    bool is_shared;      /* others use the host's open file: change no flags */
    bool is_listener;    /* a socket that accepts */
    bool raises_sigpipe; /* the embedder wants the signal */
    atomic_bool no_nowait;      /* the host cannot try without waiting */
    char *preopen_name;         /* owned; NULL unless preopened */
    char *only;                 /* owned; the one name of a single-file grant */
    struct p1_listing *listing; /* owned; see dir.c */
};

struct p1_fdtable {
    struct p1_lock lock;
    struct p1_file **files; /* by number; NULL is free */
    uint32_t cap;
    uint32_t open;
    uint32_t max; /* open files at once */
};

/* A file with one reference; NULL when memory is exhausted, and the host's
 * descriptor is closed. */
struct p1_file *p1_file_new(int host_taken, enum p1_filetype filetype);
struct p1_file *p1_file_ref(struct p1_file *file);
void p1_file_unref(struct p1_file *file);

/* What a standard stream may have, whatever it is connected to: no paths. */
extern const uint64_t p1_stdio_rights;

/* The grant of a read-only preopen. */
extern const uint64_t p1_read_only_rights;

/* Rights that make sense for a file of this kind, and for what can be opened
 * through it. */
uint64_t p1_file_base_rights(const struct p1_file *file);
uint64_t p1_file_inheriting_rights(const struct p1_file *file);

/* P1_SUCCESS when the file has all these rights, else why not. */
enum p1_errno p1_file_check(const struct p1_file *file, uint64_t rights);

/* True for a file whose place is known by seeking. */
bool p1_file_is_seekable(const struct p1_file *file);

void p1_fdtable_fini(struct p1_fdtable *table);

/* The file of a number, with a reference of its own; NULL when it is not
 * open. */
struct p1_file *p1_fdtable_get(struct p1_fdtable *table, uint32_t fd);

/* Gives the file the lowest free number.  Takes the reference, also on
 * failure. */
enum p1_errno p1_fdtable_insert(struct p1_fdtable *table,
                                struct p1_file *file_taken, uint32_t *fd_out);

enum p1_errno p1_fdtable_close(struct p1_fdtable *table, uint32_t fd);

/* Makes `to` mean what `from` does; both must be open. */
enum p1_errno p1_fdtable_renumber(struct p1_fdtable *table, uint32_t from,
                                  uint32_t to);

#endif
