/*
 * The heap: marking what is reachable.
 *
 * Roots are marked first: words of the guest's stack that look like addresses
 * (conservatively), then what globals, tables, segments, C frames and handles
 * are known to hold.  Then an explicit stack of objects takes the place of
 * recursion.  It is bounded; an object that does not fit marks its block, and
 * such blocks are looked through when the stack is empty.
 *
 * An object's bit is set when it is found, its lines when it is scanned.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/access.h"
#include "runtime/store/exn.h"
#include "runtime/store/global.h"
#include "runtime/store/heap.h"
#include "runtime/store/interrupt.h"
#include "runtime/store/store.h"
#include "runtime/store/task.h"

enum {
    FIRST_STACK = 1024,
    /* Steps of work between two looks at the interrupt: about 0.1 ms when
     * nothing is in the cache. */
    POLL_STEPS = 1024,
};

struct marker {
    struct wrt_gc_heap *heap;
    const struct wrt_types *types;
    uint64_t *marks, *lines; /* of the side that is being built */
    uint32_t base;           /* of the heap, within its window */
    uint32_t steps;          /* until the next look */
};

/* Counts work; whether an interrupt has come. */
static bool poll(struct marker *m, uint32_t steps)
{
    if (WRT_LIKELY(m->steps > steps)) {
        m->steps -= steps;
        return false;
    }
    m->steps = POLL_STEPS;
    return wrt_interrupt_pending(m->heap->ctx) != WASMRT_ERR_NONE;
}

/* -- The stack ------------------------------------------------------------- */

static bool grow_stack(struct wrt_gc_heap *heap)
{
    size_t old = heap->stack_capacity;
    size_t capacity = WRT_MIN(old ? old * 2 : FIRST_STACK, heap->stack_max);
    uint32_t *grown;

    if (capacity <= old)
        return false;
    grown =
        heap->alloc->resize(heap->alloc->user, heap->stack,
                            old * sizeof(*grown), capacity * sizeof(*grown));
    if (!grown)
        return false;
    heap->stack = grown;
    heap->stack_capacity = capacity;
    return true;
}

static void push(struct marker *m, uint32_t offset)
{
    struct wrt_gc_heap *heap = m->heap;

    if (WRT_UNLIKELY(heap->stack_count == heap->stack_capacity) &&
        !grow_stack(heap)) {
        heap->blocks[offset >> WRT_BLOCK_LOG2].is_overflowed = true;
        heap->has_overflowed = true;
        return;
    }
    heap->stack[heap->stack_count++] = offset;
}

/* Marks the object that a packed reference names, if it is one. */
static void visit(struct marker *m, uint32_t packed)
{
    uint32_t offset = packed - m->base;
    uint64_t bit = (uint64_t)1 << (offset >> WRT_MARK_LOG2) % 64;
    uint64_t *word;

    if (packed == 0 || packed & 1)
        return;
    word = &m->marks[offset >> (WRT_MARK_LOG2 + 6)];
    if (*word & bit)
        return;
    *word |= bit;
    __builtin_prefetch(m->heap->base + offset);
    push(m, offset);
}

/* -- Scanning -------------------------------------------------------------- */

static uint32_t load_ref(const uint8_t *at)
{
    return *(const wrt_guest_u32 *)at;
}

static bool scan_struct(struct marker *m, const struct wrt_object *object)
{
    const struct wrt_type *type =
        wrt_types_get(m->types, wrt_object_type_id(object));

    for (uint32_t i = 0; i < type->nrefs; i++)
        visit(m, load_ref((const uint8_t *)object + type->ref_offsets[i]));
    return !poll(m, type->nrefs);
}

static bool scan_array(struct marker *m, const struct wrt_object *object)
{
    const uint8_t *elem = (const uint8_t *)(object + 1);

    for (uint32_t i = 0; i < object->len; i++, elem += 4) {
        visit(m, load_ref(elem));
        if (poll(m, 1))
            return false;
    }
    return true;
}

static void scan_exn(struct marker *m, const struct wrt_exn *exn)
{
    const struct wrt_type *type = exn->tag->type;

    for (uint32_t i = 0, at = 0; i < type->nparams; i++) {
        wrt_valtype param = wrt_type_params(type)[i];

        if (wrt_is_traced(m->types, param))
            visit(m, wrt_ref_pack(exn->payload[at].u64));
        at += wrt_valtype_slots(param);
    }
}

/* Everything about an object that is known to live; false on an interrupt. */
static bool scan(struct marker *m, uint32_t offset)
{
    const struct wrt_object *object =
        (const struct wrt_object *)(const void *)(m->heap->base + offset);
    uint64_t size = wrt_object_bytes(object);

    wrt_heap_set_lines(m->lines, offset, size);
    m->heap->live_objects++;
    m->heap->live_bytes += size;
    if (!(object->info & WRT_OBJECT_TRACED))
        return !poll(m, 1);
    switch (wrt_object_kind(object)) {
    case WRT_OBJECT_STRUCT: return scan_struct(m, object);
    case WRT_OBJECT_ARRAY: return scan_array(m, object);
    default:
        scan_exn(m, (const struct wrt_exn *)(const void *)object);
        return !poll(m, object->len);
    }
}

static bool drain(struct marker *m)
{
    struct wrt_gc_heap *heap = m->heap;

    while (heap->stack_count) {
        if (!scan(m, heap->stack[--heap->stack_count]))
            return false;
    }
    return true;
}

/* Scans the marked objects of a block once more: some of them never were. */
static bool rescan_block(struct marker *m, uint32_t block)
{
    size_t first = (size_t)block * WRT_MARK_WORDS;

    for (size_t word = first; word < first + WRT_MARK_WORDS; word++) {
        uint64_t bits = m->marks[word];

        for (; bits; bits &= bits - 1) {
            size_t bit = word * 64 + (size_t)__builtin_ctzll(bits);

            if (!scan(m, (uint32_t)(bit << WRT_MARK_LOG2)))
                return false;
        }
    }
    return true;
}

/* Until nothing is left to be scanned. */
static bool finish(struct marker *m)
{
    struct wrt_gc_heap *heap = m->heap;

    if (!drain(m))
        return false;
    while (heap->has_overflowed) {
        heap->has_overflowed = false;
        for (uint32_t i = 0; i < heap->nblocks; i++) {
            if (!heap->blocks[i].is_overflowed)
                continue;
            heap->blocks[i].is_overflowed = false;
            if (!rescan_block(m, i) || !drain(m))
                return false;
        }
    }
    return true;
}

/* -- Roots ----------------------------------------------------------------- */

/* A slot of which nothing is known. */
static void visit_word(struct marker *m, uint64_t word)
{
    struct wrt_object *object = wrt_heap_find(m->heap, word);

    if (object)
        visit(m, wrt_ref_pack((uintptr_t)object));
}

static bool visit_words(struct marker *m, const wrt_slot *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        visit_word(m, slots[i].u64);
        if (poll(m, 1))
            return false;
    }
    return true;
}

/* One stack: the guest's frames on it, the host's, and what the host holds for
 * as long as its functions there run. */
static bool visit_strand(struct marker *m, const struct wrt_strand *strand)
{
    const struct wrt_activation *a = strand->activation;

    if (a && !visit_words(m, strand->stack_base,
                          (size_t)(a->sp - strand->stack_base)))
        return false;
    for (; a; a = a->prev) {
        if (!visit_words(m, a->native_low,
                         (size_t)(a->native_high - a->native_low)))
            return false;
    }
    for (const struct wrt_gc_frame *f = strand->frames; f; f = f->prev) {
        if (!visit_words(m, f->slots, f->count))
            return false;
    }
    for (size_t i = 0; i < strand->nhandles; i++) {
        visit(m, strand->handles[i]);
        if (poll(m, 1))
            return false;
    }
    return true;
}

/* The stack that runs, and all others of the store. */
static bool visit_strands(struct marker *m)
{
    struct wrt_strand now = wrt_strand_read(m->heap->ctx);

    if (!visit_strand(m, &now))
        return false;
    for (const struct wasmrt_task *t = m->heap->ctx->store->tasks; t;
         t = t->next) {
        if (!visit_strand(m, &t->strand))
            return false;
    }
    return true;
}

static bool visit_host_roots(struct marker *m)
{
    const struct wrt_gc *gc = &m->heap->ctx->gc;

    for (const struct wasmrt_root *r = gc->roots; r; r = r->next) {
        visit(m, wrt_ref_pack((uintptr_t)r->value.of.ref));
        if (poll(m, 1))
            return false;
    }
    return true;
}

/* Exceptions on their way through the host. */
static bool visit_exceptions(struct marker *m)
{
    for (const struct wrt_exn_root *root = wrt_exn_roots(m->heap->ctx); root;
         root = root->next) {
        visit(m, wrt_ref_pack((uintptr_t)root->exn));
        if (poll(m, 1))
            return false;
    }
    return true;
}

static bool visit_table(struct marker *m, const struct wrt_table_inst *table)
{
    if (!wrt_is_traced(m->types, table->type.elem))
        return true;
    for (uint64_t i = 0; i < table->size; i++) {
        visit(m, wrt_ref_pack((uintptr_t)table->elems[i]));
        if (poll(m, 1))
            return false;
    }
    return true;
}

/* Items of segments that are objects. */
static bool visit_segments(struct marker *m, const struct wrt_instance *inst)
{
    for (uint32_t i = 0; inst->elem_objects && i < inst->module->nelems; i++) {
        void **items = inst->elem_objects[i];

        for (uint32_t k = 0; items && k < inst->module->elems[i].count; k++) {
            visit(m, wrt_ref_pack((uintptr_t)items[k]));
            if (poll(m, 1))
                return false;
        }
        if (poll(m, 1))
            return false;
    }
    return true;
}

/* An instance's own globals; those it imports are somebody else's own. */
static bool visit_instance(struct marker *m, struct wrt_instance *inst)
{
    const struct wrt_module *module = inst->module;

    for (uint32_t i = module->nimported_globals; i < module->nglobals; i++) {
        if (wrt_is_traced(m->types, module->globals[i].type.type))
            visit(m, wrt_ref_pack(wrt_instance_global(inst, i)->u64));
        if (poll(m, 1))
            return false;
    }
    return visit_segments(m, inst);
}

static bool visit_host_globals(struct marker *m, const struct wrt_store *store)
{
    for (size_t i = 0; i < store->globals_capacity; i++) {
        const struct wasmrt_global *global = store->globals[i];

        if (global && wrt_is_traced(m->types, global->type.type))
            visit(m, wrt_ref_pack(global->cell->u64));
        if (poll(m, 1))
            return false;
    }
    return true;
}

static bool visit_roots(struct marker *m)
{
    const struct wrt_store *store = m->heap->ctx->store;

    if (!visit_strands(m) || !visit_host_roots(m) || !visit_exceptions(m) ||
        !visit_host_globals(m, store))
        return false;
    for (struct wrt_table_inst *t = store->tables; t; t = t->next) {
        if (!visit_table(m, t))
            return false;
    }
    for (struct wrt_instance *i = store->instances; i; i = i->next) {
        if (!visit_instance(m, i))
            return false;
    }
    return true;
}

/* -- Marking --------------------------------------------------------------- */

/* Clears the side that is to be built.  Blocks that are not in use have no
 * bits on either side when they come into use. */
static bool clear(struct marker *m)
{
    struct wrt_gc_heap *heap = m->heap;

    for (uint32_t i = 0; i < heap->nblocks; i++) {
        struct wrt_block *b = &heap->blocks[i];

        if (!b->is_used)
            continue;
        b->is_walked = b->is_overflowed = false;
        memset(&m->marks[(size_t)i * WRT_MARK_WORDS], 0, 8 * WRT_MARK_WORDS);
        memset(&m->lines[(size_t)i * WRT_LINE_WORDS], 0, 8 * WRT_LINE_WORDS);
        if (poll(m, 1 + WRT_MARK_WORDS / 8))
            return false;
    }
    return true;
}

wasmrt_code wrt_heap_mark(struct wrt_gc_heap *heap)
{
    struct marker m = {
        .heap = heap,
        .types = heap->ctx->store->engine->types,
        .marks = heap->marks[!heap->side],
        .lines = heap->lines[!heap->side],
        .base = (uint32_t)(uintptr_t)heap->base,
        .steps = POLL_STEPS,
    };

    heap->stack_count = 0;
    heap->has_overflowed = false;
    heap->live_objects = heap->live_bytes = 0;
    if (clear(&m) && visit_roots(&m) && finish(&m))
        return WASMRT_ERR_NONE;
    return wrt_interrupt_pending(heap->ctx);
}
