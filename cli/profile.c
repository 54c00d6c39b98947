/*
 * --profile: samples of the guest become a tree of calls.
 *
 * A frame is known by the address of its name, which lives as long as its
 * module; the text, demangled, is made once.  Samples come on the guest's
 * threads, and so under a lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/profile.h"

#include "array/grow.h"
#include "cli/demangle.h"
#include "cli/os.h"
#include "cli/report.h"
#include "cli/run.h"
#include "wasmrt/debug.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    OUTER_FRAMES = PROFILE_DEPTH_MAX / 2, /* kept of a deep stack */
    INNER_FRAMES = PROFILE_DEPTH_MAX - OUTER_FRAMES - 3,
    NODES_MAX = 4 * 1000 * 1000,
    NAME_BYTES = 512,
};

/* What a function is called. */
struct known {
    const char *name;
    uint32_t func_idx;
    uint32_t text; /* in the names; 0: an empty place */
};

static struct profile profile;
static struct known *known; /* a hash table, a power of two large */
static size_t known_count, known_capacity;
static uint32_t host_text, gap_text;
static FILE *file; /* until the process ends */

/* -- Names ----------------------------------------------------------------- */

/* Keeps a text; 0 when memory is exhausted. */
static uint32_t add_text(const char *text)
{
    size_t len = strlen(text) + 1,
           at = profile.names_len ? profile.names_len : 1;

    if (at + len > UINT32_MAX ||
        !array_reserve(&profile.names, &profile.names_capacity, at + len, 1))
        return 0;
    profile.names[0] = '\0';
    memcpy(profile.names + at, text, len);
    profile.names_len = at + len;
    return (uint32_t)at;
}

static uint32_t make_text(const wasmrt_frame *frame)
{
    char text[NAME_BYTES];

    if (!frame->func_name)
        snprintf(text, sizeof(text), "func[%" PRIu32 "]", frame->func_idx);
    else if (!cli_demangle(frame->func_name, text, sizeof(text)))
        snprintf(text, sizeof(text), "%s", frame->func_name);
    return add_text(text);
}

static struct known *find_place(struct known *table, size_t capacity,
                                const char *name, uint32_t func_idx)
{
    size_t at = ((uintptr_t)name >> 3) * 31 + func_idx * (size_t)2654435761u;

    for (;; at++) {
        struct known *k = &table[at & (capacity - 1)];

        if (k->text == 0 || (k->name == name && k->func_idx == func_idx))
            return k;
    }
}

static bool grow_known(void)
{
    size_t capacity = known_capacity ? known_capacity * 2 : 1024;
    struct known *bigger = calloc(capacity, sizeof(*bigger));

    if (!bigger)
        return false;
    for (size_t i = 0; i < known_capacity; i++) {
        if (known[i].text)
            *find_place(bigger, capacity, known[i].name, known[i].func_idx) =
                known[i];
    }
    free(known);
    known = bigger;
    known_capacity = capacity;
    return true;
}

static uint32_t text_of(const wasmrt_frame *frame)
{
    struct known *k;

    if (known_count * 2 >= known_capacity && !grow_known())
        return 0;
    k = find_place(known, known_capacity, frame->func_name, frame->func_idx);
    if (k->text == 0) {
        *k =
            (struct known){frame->func_name, frame->func_idx, make_text(frame)};
        known_count += k->text != 0;
    }
    return k->text;
}

/* -- The tree -------------------------------------------------------------- */

/* The child of that name, made if need be; 0 when memory is exhausted. */
static uint32_t child_of(uint32_t parent, uint32_t name)
{
    struct profile_node *nodes = profile.nodes;
    uint32_t child;

    for (child = nodes[parent].first; child; child = nodes[child].next) {
        if (nodes[child].name == name)
            return child;
    }
    if (profile.count >= NODES_MAX ||
        !array_reserve(&profile.nodes, &profile.capacity, profile.count + 1,
                       sizeof(*nodes)))
        return 0;
    nodes = profile.nodes;
    child = (uint32_t)profile.count++;
    nodes[child] = (struct profile_node){.parent = parent,
                                         .next = nodes[parent].first,
                                         .name = name,
                                         .depth = nodes[parent].depth + 1};
    nodes[parent].first = child;
    return child;
}

/* The names of a stack, innermost first: of a deep one the innermost and the
 * outermost, which overwrite each other in a ring, with a gap between. */
struct stack {
    uint32_t inner[INNER_FRAMES], outer[OUTER_FRAMES];
    size_t count;
};

static bool read_stack(wasmrt_sample *sample, struct stack *stack)
{
    wasmrt_frame frame;

    while (wasmrt_sample_next(sample, &frame)) {
        uint32_t text = text_of(&frame);

        if (text == 0)
            return false;
        if (stack->count < INNER_FRAMES)
            stack->inner[stack->count] = text;
        else
            stack->outer[(stack->count - INNER_FRAMES) % OUTER_FRAMES] = text;
        stack->count++;
    }
    return true;
}

/* The node of the innermost frame; 0 when memory is exhausted. */
static uint32_t node_of(const struct stack *stack)
{
    size_t behind =
        stack->count > INNER_FRAMES ? stack->count - INNER_FRAMES : 0;
    size_t kept = behind < OUTER_FRAMES ? behind : OUTER_FRAMES;
    size_t inner = stack->count - behind;
    uint32_t node = 0;

    for (size_t i = 0; i < kept; i++) {
        node = child_of(node, stack->outer[(behind - 1 - i) % OUTER_FRAMES]);
        if (node == 0)
            return 0;
    }
    if (behind > kept)
        node = child_of(node, gap_text);
    for (size_t i = inner; i > 0 && (node || i == inner); i--)
        node = child_of(node, stack->inner[i - 1]);
    return node;
}

static void add_sample(wasmrt_sample *sample)
{
    struct stack stack = {.count = 0};
    uint64_t ticks = wasmrt_sample_ticks(sample);
    uint32_t node;

    profile.samples += ticks;
    if (!read_stack(sample, &stack)) {
        profile.lost += ticks;
        return;
    }
    node = node_of(&stack);
    if (node && wasmrt_sample_in_host(sample))
        node = child_of(node, host_text);
    if (node)
        profile.nodes[node].self += ticks;
    else
        profile.lost += ticks;
}

static void on_sample(void *user, wasmrt_sample *sample)
{
    (void)user;
    cli_lock();
    add_sample(sample);
    cli_unlock();
}

/* -- Summing up ------------------------------------------------------------ */

static const struct profile *sorted; /* qsort() passes nothing on */

static int compare_nodes(const void *a, const void *b)
{
    const struct profile_node *x = &sorted->nodes[*(const uint32_t *)a];
    const struct profile_node *y = &sorted->nodes[*(const uint32_t *)b];

    return strcmp(sorted->names + x->name, sorted->names + y->name);
}

/* Relinks the children of a node in order; children has room for all nodes. */
static void sort_children(struct profile *p, struct profile_node *node,
                          uint32_t *children)
{
    uint32_t *link = &node->first;
    size_t count = 0;

    for (uint32_t i = node->first; i; i = p->nodes[i].next)
        children[count++] = i;
    qsort(children, count, sizeof(*children), compare_nodes);
    for (size_t i = 0; i < count; i++) {
        *link = children[i];
        link = &p->nodes[children[i]].next;
    }
    *link = 0;
}

void profile_sum_up(struct profile *p)
{
    uint32_t *children = malloc((p->count + 1) * sizeof(*children));

    sorted = p;
    for (size_t i = p->count; i-- > 0;) {
        struct profile_node *node = &p->nodes[i];

        node->total += node->self;
        if (i > 0)
            p->nodes[node->parent].total += node->total;
        if (children)
            sort_children(p, node, children);
    }
    free(children);
}

/* Semicolons and line breaks have a meaning in the format. */
static void put_folded_name(FILE *out, const char *name)
{
    for (; *name; name++) {
        bool is_special = *name == ';' || (unsigned char)*name < 0x20;

        putc(is_special ? '_' : *name, out);
    }
}

void profile_write_folded(struct profile *p, FILE *out)
{
    uint32_t path[PROFILE_DEPTH_MAX];

    for (uint32_t i = 1; i < p->count; i++) {
        size_t len = 0;

        if (p->nodes[i].self == 0)
            continue;
        for (uint32_t n = i; n && len < PROFILE_DEPTH_MAX;
             n = p->nodes[n].parent)
            path[len++] = n;
        while (len-- > 0) {
            put_folded_name(out, p->names + p->nodes[path[len]].name);
            if (len > 0)
                putc(';', out);
        }
        fprintf(out, " %" PRIu64 "\n", p->nodes[i].self);
    }
}

/* -- The option ------------------------------------------------------------ */

static bool has_end(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);

    return len > end_len && strcmp(text + len - end_len, end) == 0;
}

int run_choose_profile(struct run *run, const char *path)
{
    if (!has_end(path, ".svg") && !has_end(path, ".folded"))
        return cli_usage("--profile=%s: the name ends in .svg or .folded",
                         path);
    run->profile = path;
    wasmrt_config_on_sample(run->config, PROFILE_PERIOD_US * (uint64_t)1000,
                            on_sample, NULL);
    return CLI_GO_ON;
}

int run_start_profile(const struct run *run)
{
    if (!run->profile)
        return CLI_EXIT_OK;
    host_text = add_text("[host]");
    gap_text = add_text("...");
    if (!host_text || !gap_text ||
        !array_reserve(&profile.nodes, &profile.capacity, 1,
                       sizeof(*profile.nodes))) {
        cli_error("out of memory");
        return CLI_EXIT_REFUSED;
    }
    profile.nodes[0] = (struct profile_node){.name = 0};
    profile.count = 1;
    file = fopen(run->profile, "w");
    if (file)
        return CLI_EXIT_OK;
    cli_error("--profile: cannot write %s: %s", run->profile, cli_why());
    return CLI_EXIT_REFUSED;
}

int run_end_profile(const struct run *run, int status)
{
    bool failed;

    if (!file)
        return status;
    cli_lock(); /* for good: threads that are still there add nothing more */
    profile_sum_up(&profile);
    if (has_end(run->profile, ".svg"))
        profile_write_svg(&profile, file, run->file.name);
    else
        profile_write_folded(&profile, file);
    failed = ferror(file);
    if (fclose(file) != 0 || failed) {
        cli_error("--profile: cannot write %s", run->profile);
        return status == CLI_EXIT_OK ? CLI_EXIT_REFUSED : status;
    }
    if (profile.samples == 0)
        cli_hint("--profile: the guest ended before the first sample");
    return status;
}
