/*
 * Directory listings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/dir.h"

#include "wasi/call.h"

#include <stdlib.h>
#include <string.h>

/* Bounds the host's memory; a directory with more cannot be listed. */
enum { MAX_ENTRIES = 1 << 20 };

/* -- Reading --------------------------------------------------------------- */

static struct p1_entry *new_entry(const char *name, uint64_t ino,
                                  enum p1_filetype filetype)
{
    size_t len = strlen(name);
    struct p1_entry *entry = malloc(sizeof(*entry) + len + 1);
    char *copy;

    if (!entry)
        return NULL;
    copy = (char *)(entry + 1);
    memcpy(copy, name, len + 1);
    *entry = (struct p1_entry){0, ino, copy, (uint32_t)len, filetype};
    return entry;
}

static enum p1_errno push(struct p1_listing *listing, struct p1_entry *entry)
{
    size_t cap = listing->cap ? listing->cap * 2 : 64;
    struct p1_entry **entries;

    if (listing->count == MAX_ENTRIES)
        return P1_OVERFLOW;
    if (listing->count == listing->cap) {
        entries = realloc(listing->entries, cap * sizeof(struct p1_entry *));
        if (!entries)
            return P1_NOMEM;
        listing->entries = entries;
        listing->cap = cap;
    }
    listing->entries[listing->count++] = entry;
    return P1_SUCCESS;
}

static enum p1_errno add_entry(void *user, const char *name, uint64_t ino,
                               enum p1_filetype filetype)
{
    struct p1_entry *entry = new_entry(name, ino, filetype);
    enum p1_errno err = entry ? push(user, entry) : P1_NOMEM;

    if (err)
        free(entry);
    return err;
}

static int by_name(const void *a, const void *b)
{
    const struct p1_entry *const *left = a, *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

static int by_cookie(const void *a, const void *b)
{
    const struct p1_entry *const *left = a, *const *right = b;

    return (*left)->cookie < (*right)->cookie ? -1 : 1;
}

static void sort(struct p1_listing *listing,
                 int (*order)(const void *, const void *))
{
    if (listing->count > 0)
        qsort(listing->entries, listing->count, sizeof(listing->entries[0]),
              order);
}

/* Gives entries that were there before their old cookies; both listings are
 * sorted by name. */
static void keep_cookies(const struct p1_listing *old, struct p1_listing *now)
{
    size_t i = 0, j = 0;

    while (i < old->count && j < now->count) {
        int order = strcmp(old->entries[i]->name, now->entries[j]->name);

        if (order == 0)
            now->entries[j]->cookie = old->entries[i]->cookie;
        i += order <= 0;
        j += order >= 0;
    }
}

void p1_listing_delete(struct p1_listing *listing)
{
    if (!listing)
        return;
    for (size_t i = 0; i < listing->count; i++)
        free(listing->entries[i]);
    free(listing->entries);
    free(listing);
}

enum p1_errno p1_listing_read(struct p1_listing **listing, int dir)
{
    struct p1_listing *now = calloc(1, sizeof(*now)), *old = *listing;
    enum p1_errno err = now ? p1_os_list(dir, add_entry, now) : P1_NOMEM;

    if (err) {
        p1_listing_delete(now);
        return err;
    }
    now->next_cookie = old ? old->next_cookie : 1;
    if (old) {
        sort(old, by_name);
        sort(now, by_name);
        keep_cookies(old, now);
    }
    for (size_t i = 0; i < now->count; i++) {
        if (now->entries[i]->cookie == 0)
            now->entries[i]->cookie = now->next_cookie++;
    }
    sort(now, by_cookie);
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

/* Copies as much as fits; returns how much that is. */
static size_t append(uint8_t *buf, size_t len, size_t used, const void *bytes,
                     size_t count)
{
    size_t part = count < len - used ? count : len - used;

    memcpy(buf + used, bytes, part);
    return part;
}

/* The last entry may be cut anywhere; a full buffer says that there is more. */
static size_t fill(const struct p1_listing *listing, uint64_t cookie,
                   uint8_t *buf, size_t len)
{
    size_t used = 0;

    for (size_t i = p1_listing_after(listing, cookie);
         i < listing->count && used < len; i++) {
        const struct p1_entry *entry = listing->entries[i];
        struct p1_dirent dirent = {.next = entry->cookie,
                                   .ino = entry->ino,
                                   .name_len = entry->name_len,
                                   .filetype = (uint8_t)entry->filetype};

        used += append(buf, len, used, &dirent, sizeof(dirent));
        used += append(buf, len, used, entry->name, entry->name_len);
    }
    return used;
}

enum p1_errno p1_fd_readdir(struct p1_call *c)
{
    struct p1_file *file = c->file;
    uint32_t len = p1_u32(c, 2);
    uint64_t cookie = p1_u64(c, 3);
    uint8_t *buf = p1_span(c, p1_u32(c, 1), len);
    enum p1_errno err = P1_SUCCESS;

    if (!buf)
        return P1_FAULT;
    if (cookie == 0 || !file->listing)
        err = p1_listing_read(&file->listing, file->host);
    if (!err)
        p1_put_u32(c, p1_u32(c, 4), fill(file->listing, cookie, buf, len));
    return err;
}
