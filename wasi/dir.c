/*
 * Directory listings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/dir.h"

#include "array/grow.h"
#include "wasi/call.h"

#include <stdlib.h>
#include <string.h>

/* Bounds the host's memory; a directory with more cannot be listed. */
enum { MAX_ENTRIES = 1 << 20 };

/* Steps of the work between two looks at the interrupt. */
enum { SLICE_STEPS = 4096 };

/* -- Entries --------------------------------------------------------------- */

enum { BLOCK_BYTES = 64 * 1024 };

/* A piece of memory for entries, newest first. */
struct p1_block {
    struct p1_block *next;
    size_t used;
    _Alignas(struct p1_entry) char bytes[BLOCK_BYTES];
};

/* Room for an entry with a name of len bytes, NUL included; NULL when memory is
 * exhausted. */
static struct p1_entry *take(struct p1_listing *listing, size_t len)
{
    const size_t align = _Alignof(struct p1_entry);
    size_t need = (sizeof(struct p1_entry) + len + align - 1) / align * align;
    struct p1_block *block = listing->blocks;

    if (!block || BLOCK_BYTES - block->used < need) {
        block = malloc(sizeof(*block));
        if (!block)
            return NULL;
        block->next = listing->blocks;
        block->used = 0;
        listing->blocks = block;
    }
    block->used += need;
    return (struct p1_entry *)(void *)(block->bytes + block->used - need);
}

void p1_listing_delete(struct p1_listing *listing)
{
    if (!listing)
        return;
    while (listing->blocks) {
        struct p1_block *block = listing->blocks;

        listing->blocks = block->next;
        free(block);
    }
    free(listing->entries);
    free(listing);
}

/* -- Reading --------------------------------------------------------------- */

/* A listing that is being read. */
struct reading {
    struct p1_listing *listing;
    const struct p1_slices *slices;
};

/* Takes one entry from the host; an error ends its listing. */
static enum p1_errno add_entry(void *user, const char *name, uint64_t ino,
                               enum p1_filetype filetype)
{
    const struct reading *reading = user;
    struct p1_listing *listing = reading->listing;
    size_t len = strlen(name);
    struct p1_entry *entry;

    if (listing->count == MAX_ENTRIES)
        return P1_OVERFLOW;
    if (listing->count % SLICE_STEPS == 0 && !p1_goes_on(reading->slices))
        return P1_INTR;
    if (!array_reserve(&listing->entries, &listing->cap, listing->count + 1,
                       sizeof(struct p1_entry *)))
        return P1_NOMEM;
    entry = take(listing, len + 1);
    if (!entry)
        return P1_NOMEM;
    *entry =
        (struct p1_entry){0, ino, (char *)(entry + 1), (uint32_t)len, filetype};
    memcpy(entry + 1, name, len + 1);
    listing->entries[listing->count++] = entry;
    return P1_SUCCESS;
}

static int by_name(const struct p1_entry *a, const struct p1_entry *b)
{
    return strcmp(a->name, b->name);
}

static int by_cookie(const struct p1_entry *a, const struct p1_entry *b)
{
    return a->cookie < b->cookie ? -1 : 1;
}

/* Merges from[low..mid) and from[mid..high) into to[low..high). */
static void merge(struct p1_entry **to, struct p1_entry *const *from,
                  size_t low, size_t mid, size_t high,
                  int (*order)(const struct p1_entry *,
                               const struct p1_entry *))
{
    size_t i = low, j = mid;

    for (size_t k = low; k < high; k++) {
        bool left = j == high || (i < mid && order(from[i], from[j]) <= 0);

        to[k] = left ? from[i++] : from[j++];
    }
}

/* Sorts n entries; a merge sort, since qsort() lets nobody in between. */
static enum p1_errno sort(struct p1_entry **entries, size_t n,
                          int (*order)(const struct p1_entry *,
                                       const struct p1_entry *),
                          const struct p1_slices *slices)
{
    struct p1_entry **room = malloc((n + !n) * sizeof(struct p1_entry *));
    struct p1_entry **from = entries, **to = room;
    enum p1_errno err = room ? P1_SUCCESS : P1_NOMEM;
    size_t steps = 0;

    for (size_t width = 1; !err && width < n; width *= 2) {
        struct p1_entry **last = from;

        for (size_t low = 0; !err && low < n; low += 2 * width) {
            size_t mid = low + width < n ? low + width : n;
            size_t high = mid + width < n ? mid + width : n;

            merge(to, from, low, mid, high, order);
            steps += high - low;
            if (steps >= SLICE_STEPS && !p1_goes_on(slices))
                err = P1_INTR;
            steps %= SLICE_STEPS;
        }
        from = to;
        to = last;
    }
    if (!err && from != entries)
        memcpy(entries, from, n * sizeof(struct p1_entry *));
    free(room);
    return err;
}

/* Gives entries that were there before their old cookies; both are sorted by
 * name. */
static void keep_cookies(struct p1_entry *const *old, size_t nold,
                         const struct p1_listing *now)
{
    size_t i = 0, j = 0;

    while (i < nold && j < now->count) {
        int order = strcmp(old[i]->name, now->entries[j]->name);

        if (order == 0)
            now->entries[j]->cookie = old[i]->cookie;
        i += order <= 0;
        j += order >= 0;
    }
}

/* The same for a listing as it is, which stays so: it is the directory's for as
 * long as there is no new one. */
static enum p1_errno keep_old(struct p1_listing *now,
                              const struct p1_listing *old,
                              const struct p1_slices *slices)
{
    size_t n = old->count;
    struct p1_entry **sorted = malloc((n + !n) * sizeof(struct p1_entry *));
    enum p1_errno err = P1_NOMEM;

    if (!sorted)
        return err;
    if (n > 0)
        memcpy(sorted, old->entries, n * sizeof(struct p1_entry *));
    err = sort(sorted, n, by_name, slices);
    if (!err)
        err = sort(now->entries, now->count, by_name, slices);
    if (!err)
        keep_cookies(sorted, n, now);
    free(sorted);
    return err;
}

/* Cookies of what was there before, then of what is new, in order. */
static enum p1_errno number(struct p1_listing *now,
                            const struct p1_listing *old,
                            const struct p1_slices *slices)
{
    enum p1_errno err = old ? keep_old(now, old, slices) : P1_SUCCESS;

    if (err)
        return err;
    now->next_cookie = old ? old->next_cookie : 1;
    for (size_t i = 0; i < now->count; i++) {
        if (now->entries[i]->cookie == 0)
            now->entries[i]->cookie = now->next_cookie++;
    }
    return old ? sort(now->entries, now->count, by_cookie, slices) : P1_SUCCESS;
}

enum p1_errno p1_listing_read(struct p1_listing **listing, int dir,
                              const struct p1_slices *slices)
{
    struct p1_listing *now = calloc(1, sizeof(*now)), *old = *listing;
    struct reading reading = {now, slices};
    enum p1_errno err = now ? p1_os_list(dir, add_entry, &reading) : P1_NOMEM;

    if (!err)
        err = number(now, old, slices);
    if (err) {
        p1_listing_delete(now);
        return err;
    }
    p1_listing_delete(old);
    *listing = now;
    return P1_SUCCESS;
}

size_t p1_listing_after(const struct p1_listing *listing, uint64_t cookie)
{
    size_t low = 0, high = listing->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (listing->entries[mid]->cookie <= cookie)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* -- fd_readdir ------------------------------------------------------------ */

/* Where entries go: the guest's buffer, which a look at the interrupt may
 * move. */
struct output {
    struct p1_call *c;
    uint32_t addr, len;
    uint8_t *buf;
    uint32_t used;
};

/* Copies as much as fits. */
static void append(struct output *out, const void *bytes, uint32_t count)
{
    uint32_t left = out->len - out->used, part = count < left ? count : left;

    memcpy(out->buf + out->used, bytes, part);
    out->used += part;
}

static bool begin_slice(struct output *out)
{
    if (!p1_wait(out->c, NULL, 0, 0))
        return false;
    out->buf = p1_span(out->c, out->addr, out->len);
    return out->buf != NULL;
}

/* The last entry may be cut anywhere; a full buffer says that there is more. */
static enum p1_errno fill(struct output *out, const struct p1_listing *listing,
                          uint64_t cookie)
{
    size_t first = p1_listing_after(listing, cookie);

    for (size_t i = first; i < listing->count && out->used < out->len; i++) {
        const struct p1_entry *entry = listing->entries[i];
        struct p1_dirent dirent = {.next = entry->cookie,
                                   .ino = entry->ino,
                                   .name_len = entry->name_len,
                                   .filetype = (uint8_t)entry->filetype};

        if ((i - first) % SLICE_STEPS == 0 && !begin_slice(out))
            return P1_INTR;
        append(out, &dirent, sizeof(dirent));
        append(out, entry->name, entry->name_len);
    }
    return P1_SUCCESS;
}

enum p1_errno p1_fd_readdir(struct p1_call *c)
{
    struct p1_file *file = c->file;
    struct output out = {.c = c, .addr = p1_u32(c, 1), .len = p1_u32(c, 2)};
    uint64_t cookie = p1_u64(c, 3);
    const struct p1_slices slices = p1_slices_of(c);
    enum p1_errno err = P1_SUCCESS;

    if (!p1_span(c, out.addr, out.len))
        return P1_FAULT;
    p1_lock(&file->lock);
    if (cookie == 0 || !file->listing)
        err = p1_listing_read(&file->listing, file->host, &slices);
    if (!err)
        err = fill(&out, file->listing, cookie);
    p1_unlock(&file->lock);
    if (!err)
        p1_put_u32(c, p1_u32(c, 4), out.used);
    return err;
}
