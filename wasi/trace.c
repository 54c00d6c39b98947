/*
 * strace for WASI: one line per call, with decoded arguments and results.
 *
 *     path_open(3, follow, "notes.txt", creat|trunc, 0x42, 0x0, 0) = 4
 *
 * The words of preview1.def say how to show each argument.  `path` and `text`
 * take two (address and length), `iovs` and `data` two (address and count).  A
 * word after "=" is a pointer to a result, shown behind the equals sign when
 * the call succeeds.
 *
 * A trace is for reading: guest memory is looked at again here, after the call,
 * and a pointer that leads nowhere is shown as "?".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/call.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One line being made; what does not fit is left out. */
struct line {
    const struct p1_call *call;
    char text[1024];
    size_t len;
};

static void add(struct line *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct line *l, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(l->text + l->len, sizeof(l->text) - l->len, format, args);
    va_end(args);
    if (n > 0)
        l->len += (size_t)n;
    if (l->len >= sizeof(l->text))
        l->len = sizeof(l->text) - 1;
}

/* Guest memory, or false. */
static bool peek(const struct line *l, uint32_t addr, void *buf, size_t len)
{
    const wasmrt_memory *memory = wasmrt_caller_memory(l->call->caller);

    return memory && wasmrt_memory_read(memory, addr, buf, len);
}

/* -- Values ---------------------------------------------------------------- */

enum { SHOWN_BYTES = 48 };

/* A string in quotes, the beginning of it when it is long. */
static void add_text(struct line *l, uint32_t addr, uint32_t len)
{
    char bytes[SHOWN_BYTES];
    uint32_t shown = len < SHOWN_BYTES ? len : SHOWN_BYTES;

    if (!peek(l, addr, bytes, shown)) {
        add(l, "?");
        return;
    }
    add(l, "\"");
    for (uint32_t i = 0; i < shown; i++) {
        unsigned char byte = (unsigned char)bytes[i];

        if (byte == '\n')
            add(l, "\\n");
        else if (byte == '"' || byte == '\\')
            add(l, "\\%c", byte);
        else if (byte < 32 || byte > 126)
            add(l, "\\%02x", byte);
        else
            add(l, "%c", byte);
    }
    add(l, shown < len ? "\"..." : "\"");
}

/* The pieces of a transfer; with_data shows what the first one holds. */
static void add_iovs(struct line *l, uint32_t addr, uint32_t count,
                     bool with_data)
{
    struct p1_iovec iov;
    uint64_t total = 0;

    for (uint32_t i = 0; i < count && i < P1_MAX_IOVS; i++) {
        if (!peek(l, addr + i * (uint32_t)sizeof(iov), &iov, sizeof(iov))) {
            add(l, "?");
            return;
        }
        if (i == 0 && with_data) {
            add_text(l, iov.addr, iov.len);
            add(l, ", ");
        }
        total += iov.len;
    }
    add(l, "%" PRIu64 " in %" PRIu32, total, count);
}

/* Names of bits, lowest first; "0" for none, hexadecimal for unknown ones. */
static void add_bits(struct line *l, uint32_t bits, const char *const *names)
{
    const char *sep = "";

    for (int i = 0; names[i]; i++) {
        if (bits & (1u << i)) {
            add(l, "%s%s", sep, names[i]);
            sep = "|";
        }
        bits &= ~(1u << i);
    }
    if (bits || !*sep)
        add(l, bits ? "%s0x%" PRIx32 : "%s%" PRIu32, sep, bits);
}

static void add_name(struct line *l, uint32_t value, const char *const *names,
                     uint32_t count)
{
    if (value < count)
        add(l, "%s", names[value]);
    else
        add(l, "%" PRIu32, value);
}

static const char *const filetypes[] = {"unknown", "blockdev", "chardev",
                                        "dir",     "file",     "dgram",
                                        "stream",  "symlink"};
enum { FILETYPES = sizeof(filetypes) / sizeof(filetypes[0]) };

/* -- Words ----------------------------------------------------------------- */

/* Words for numbers: the name of each bit, or of each value. */
static const struct names {
    const char *word;
    bool are_bits;
    const char *names[6];
} names[] = {
    {"lookup", true, {"follow"}},
    {"oflags", true, {"creat", "directory", "excl", "trunc"}},
    {"fdflags", true, {"append", "dsync", "nonblock", "rsync", "sync"}},
    {"fstflags", true, {"atim", "atim_now", "mtim", "mtim_now"}},
    {"riflags", true, {"peek", "waitall"}},
    {"siflags", true, {0}},
    {"sdflags", true, {"rd", "wr"}},
    {"clock", false, {"realtime", "monotonic", "process", "thread"}},
    {"whence", false, {"set", "cur", "end"}},
};

/* True when the word was one for a number with names. */
static bool add_named(struct line *l, const char *word, uint32_t value)
{
    /* The order of whence in wasi_unstable. */
    static const char *const unstable_whence[] = {"cur", "end", "set"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        uint32_t count = 0;

        if (strcmp(names[i].word, word) != 0)
            continue;
        while (count < 6 && names[i].names[count])
            count++;
        if (names[i].are_bits)
            add_bits(l, value, names[i].names);
        else if (strcmp(word, "whence") == 0 && l->call->dialect == P1_UNSTABLE)
            add_name(l, value, unstable_whence, 3);
        else
            add_name(l, value, names[i].names, count);
        return true;
    }
    return false;
}

/* Shows one argument; returns how many it takes of the call's. */
static int add_argument(struct line *l, const char *word, int n)
{
    const struct p1_call *c = l->call;
    uint32_t value = p1_u32(c, n);

    if (strcmp(word, "path") == 0) {
        add_text(l, value, p1_u32(c, n + 1));
        return 2;
    }
    if (strcmp(word, "iovs") == 0 || strcmp(word, "data") == 0) {
        add_iovs(l, value, p1_u32(c, n + 1), word[0] == 'd');
        return 2;
    }
    if (add_named(l, word, value))
        return 1;
    if (strcmp(word, "u64") == 0)
        add(l, "%" PRIu64, p1_u64(c, n));
    else if (strcmp(word, "i64") == 0)
        add(l, "%" PRId64, c->args[n].i64);
    else if (strcmp(word, "rights") == 0)
        add(l, "0x%" PRIx64, p1_u64(c, n));
    else if (strcmp(word, "i32") == 0)
        add(l, "%" PRId32, c->args[n].i32);
    else if (strcmp(word, "ptr") == 0 || strcmp(word, "subs") == 0)
        add(l, "0x%" PRIx32, value);
    else
        add(l, "%" PRIu32, value);
    return 1;
}

static void add_filestat(struct line *l, uint32_t addr)
{
    struct p1_filestat_unstable old;
    struct p1_filestat st;
    bool is_old = l->call->dialect == P1_UNSTABLE;

    if (!peek(l, addr, &old, sizeof(old)) ||
        (!is_old && !peek(l, addr, &st, sizeof(st)))) {
        add(l, "?");
        return;
    }
    add(l, "{");
    add_name(l, is_old ? old.filetype : st.filetype, filetypes, FILETYPES);
    add(l, ", size %" PRIu64 ", ino %" PRIu64 "}", is_old ? old.size : st.size,
        is_old ? old.ino : st.ino);
}

static void add_fdstat(struct line *l, uint32_t addr)
{
    struct p1_fdstat st;

    if (!peek(l, addr, &st, sizeof(st))) {
        add(l, "?");
        return;
    }
    add(l, "{");
    add_name(l, st.filetype, filetypes, FILETYPES);
    add(l, ", ");
    add_named(l, "fdflags", st.flags);
    add(l, ", 0x%" PRIx64 ", 0x%" PRIx64 "}", st.rights_base,
        st.rights_inheriting);
}

/* Shows what a pointer in argument n was made to point at. */
static void add_result(struct line *l, const char *word, int n)
{
    uint32_t addr = p1_u32(l->call, n);
    struct p1_prestat prestat;
    uint64_t wide;
    uint32_t value;
    uint16_t small;

    if (strcmp(word, "filestat") == 0)
        add_filestat(l, addr);
    else if (strcmp(word, "fdstat") == 0)
        add_fdstat(l, addr);
    else if (strcmp(word, "text") == 0 && l->call->file &&
             l->call->file->preopen_name)
        add(l, "\"%.200s\"", l->call->file->preopen_name);
    else if (strcmp(word, "prestat") == 0 &&
             peek(l, addr, &prestat, sizeof(prestat)))
        add(l, "{dir, name of %" PRIu32 "}", prestat.name_len);
    else if (strcmp(word, "u64") == 0 && peek(l, addr, &wide, sizeof(wide)))
        add(l, "%" PRIu64, wide);
    else if (strcmp(word, "u16") == 0 && peek(l, addr, &small, sizeof(small)))
        add(l, "%u", (unsigned)small);
    else if ((strcmp(word, "u32") == 0 || strcmp(word, "fd") == 0) &&
             peek(l, addr, &value, sizeof(value)))
        add(l, "%" PRIu32, value);
    else
        add(l, "?");
}

/* -- Lines ----------------------------------------------------------------- */

/* Copies the next word; false at the end. */
static bool next_word(const char **at, char word[16])
{
    size_t len = strcspn(*at, " ");

    if (len == 0)
        return false;
    memcpy(word, *at, len);
    word[len] = '\0';
    *at += len;
    *at += strspn(*at, " ");
    return true;
}

static void add_arguments(struct line *l, const char *words)
{
    char word[16];
    const char *sep = "";
    int n = 0;

    while (next_word(&words, word)) {
        if (word[0] == '=') {
            n++;
            continue;
        }
        add(l, "%s", sep);
        n += add_argument(l, word, n);
        sep = ", ";
    }
}

static void add_results(struct line *l, const char *words)
{
    char word[16];
    const char *sep = "";
    int n = 0;

    while (next_word(&words, word)) {
        if (word[0] == '=') {
            add(l, "%s", sep);
            add_result(l, word + 1, n);
            sep = ", ";
        }
        n += strcmp(word, "path") == 0 || strcmp(word, "iovs") == 0 ||
                     strcmp(word, "data") == 0
                 ? 2
                 : 1;
    }
    if (!*sep)
        add(l, "0");
}

void p1_trace(const struct p1_call *c, const struct p1_func *func,
              enum p1_errno err)
{
    struct line l = {.call = c};

    add(&l, "%s(", func->name);
    add_arguments(&l, func->trace);
    add(&l, ") = ");
    if (c->end)
        add(&l, "! %s", wasmrt_error_message(c->end));
    else if (err)
        add(&l, "-%s", p1_errno_name(err));
    else
        add_results(&l, func->trace);
    c->wasi->trace(c->wasi->trace_user, l.text);
}
