/*
 * The engine's table of canonical types.
 *
 * A recursion group is one heap block: its members, then their fields, value
 * types, displays and reference offsets.  Groups are found by hash; members by
 * id through one array that has room for all ids and never moves, so
 * wrt_types_get() needs no lock: whoever asks holds a reference that was taken
 * under the lock.  Machine code reads the array, too, with the ids of objects;
 * that of what has no type is the last one, which stands for a type of no
 * supertypes.
 *
 * A group keeps one reference to another group for every id of it that occurs
 * in its members.  Groups cannot form cycles (a member refers to its own group
 * or to older ones), so counting is exact.  Releasing uses a list in place of
 * recursion: a chain of supertypes may be as long as the module's type section.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/types.h"

#include "runtime/base/os.h"
#include "runtime/base/vec.h"
#include "runtime/module/layout.h"
#include "runtime/module/module.h"

/* Ids stop short of the range in which wrt_types_add_group() encodes references
 * within a group (at most WRT_LIMIT_RECGROUP_TYPES of them). */
enum {
    MAX_IDS = WRT_MAX_TYPE_ID - WRT_LIMIT_RECGROUP_TYPES,
    COMMIT_IDS = 8192, /* at a time: 64 KiB, a multiple of any page */
    FIRST_BUCKETS = 64,
    REUSE_SCAN = 16,
};

struct member {
    struct wrt_type type;
    struct group *group;
};

struct group {
    struct group *next; /* in its bucket, or in a list of dying groups */
    uint64_t hash;
    uint32_t refcount, first_id, count;
    size_t size_bytes;
    struct member members[];
};

/* Ids that groups gave back. */
struct id_range {
    uint32_t first, count;
};

struct wrt_types {
    const struct wrt_alloc *alloc;
    struct wrt_mutex lock; /* all below but the entries of live types */
    uint64_t seed;
    struct member **by_id; /* a reservation: entries below ncommitted, and the
                              last ones if has_last, can be used */
    bool has_last;
    uint32_t ncommitted, next_id;
    WRT_VEC(struct id_range) free_ids;
    struct group **buckets; /* nbuckets, a power of two */
    size_t nbuckets, ngroups;
};

/* -- Lookup by id ---------------------------------------------------------- */

_Static_assert(offsetof(struct member, type) == 0,
               "code takes members for their types");

static size_t table_bytes(void)
{
    return ((size_t)WRT_MAX_TYPE_ID + 1) * sizeof(struct member *);
}

const struct wrt_type *wrt_types_get(const struct wrt_types *types, uint32_t id)
{
    return &types->by_id[id]->type;
}

const struct wrt_type *const *wrt_types_table(const struct wrt_types *types)
{
    return (const struct wrt_type *const *)(void *)types->by_id;
}

/* Makes the entries below `end` exist. */
static bool reserve_ids(struct wrt_types *types, uint32_t end)
{
    while (types->ncommitted < end) {
        if (!wrt_os_commit(&types->by_id[types->ncommitted],
                           COMMIT_IDS * sizeof(struct member *)))
            return false;
        types->ncommitted += COMMIT_IDS;
    }
    return true;
}

static bool open_table(struct wrt_types *types)
{
    types->by_id = wrt_os_reserve(table_bytes());
    return types->by_id != NULL;
}

/* Its last entry, far from the others, is for what has no type. */
static bool commit_last(struct wrt_types *types)
{
    static struct member none = {
        .type = {.id = WRT_NO_TYPE,
                 .supers = {WRT_NO_TYPE, WRT_NO_TYPE, WRT_NO_TYPE, WRT_NO_TYPE,
                            WRT_NO_TYPE, WRT_NO_TYPE, WRT_NO_TYPE,
                            WRT_NO_TYPE}}};
    struct member **last = types->by_id + WRT_MAX_TYPE_ID + 1 - COMMIT_IDS;

    if (!wrt_os_commit(last, COMMIT_IDS * sizeof(struct member *)))
        return false;
    types->by_id[WRT_MAX_TYPE_ID] = &none;
    return true;
}

bool wrt_types_allow_objects(struct wrt_types *types)
{
    bool ok;

    wrt_mutex_lock(&types->lock);
    types->has_last = types->has_last || commit_last(types);
    ok = types->has_last;
    wrt_mutex_unlock(&types->lock);
    return ok;
}

/* -- References within a group --------------------------------------------- */

/* Whether a heap number stands for a member of a group of `count` that is being
 * added. */
static bool is_relative(uint32_t heap, uint32_t count)
{
    return heap > WRT_MAX_TYPE_ID - count;
}

/* An id as wrt_types_add_group() spells it: references from the group that
 * begins at first_id to itself become relative. */
static uint32_t relative_id(uint32_t id, uint32_t first_id, uint32_t count)
{
    return id - first_id < count ? WRT_MAX_TYPE_ID - (id - first_id) : id;
}

static wrt_valtype with_id(wrt_valtype t, uint32_t id)
{
    return (t & ((1u << WRT_REF_HEAP_SHIFT) - 1)) | id << WRT_REF_HEAP_SHIFT;
}

static wrt_valtype relative_type(wrt_valtype t, const struct group *group)
{
    if (!wrt_valtype_has_type_id(t))
        return t;
    return with_id(
        t, relative_id(wrt_valtype_heap(t), group->first_id, group->count));
}

static uint32_t absolute_id(uint32_t id, uint32_t first_id, uint32_t count)
{
    if (id != WRT_NO_TYPE && is_relative(id, count))
        return first_id + (WRT_MAX_TYPE_ID - id);
    return id;
}

static wrt_valtype absolute_type(wrt_valtype t, uint32_t first_id,
                                 uint32_t count)
{
    if (!wrt_valtype_has_type_id(t))
        return t;
    return with_id(t, absolute_id(wrt_valtype_heap(t), first_id, count));
}

/* -- Hashing and equality -------------------------------------------------- */

/* Folds a word into a hash; seeded, so that a module cannot aim for collisions.
 */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    unsigned __int128 product =
        (unsigned __int128)(hash ^ 0x9e3779b97f4a7c15u) *
        (word ^ 0xd6e8feb86659fd93u);

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_group(const struct wrt_types *types,
                           const struct wrt_type *members, uint32_t count)
{
    uint64_t hash = mix(types->seed, count);

    for (uint32_t i = 0; i < count; i++) {
        const struct wrt_type *t = &members[i];

        hash = mix(hash, (uint64_t)t->form << 32 | t->is_final);
        hash = mix(hash, (uint64_t)t->supertype << 32 | t->nfields);
        hash = mix(hash, (uint64_t)t->nparams << 32 | t->nresults);
        for (uint32_t k = 0; k < t->nparams + t->nresults; k++)
            hash = mix(hash, t->values[k]);
        for (uint32_t k = 0; k < t->nfields; k++)
            hash = mix(hash, (uint64_t)t->fields[k].type << 1 |
                                 t->fields[k].is_mutable);
    }
    return hash;
}

/* Whether a stored member equals one that is offered. */
static bool same_type(const struct group *group, const struct wrt_type *have,
                      const struct wrt_type *want)
{
    uint32_t super = have->supertype;

    if (super != WRT_NO_TYPE)
        super = relative_id(super, group->first_id, group->count);
    if (have->form != want->form || have->is_final != want->is_final ||
        super != want->supertype || have->nparams != want->nparams ||
        have->nresults != want->nresults || have->nfields != want->nfields)
        return false;
    for (uint32_t i = 0; i < have->nparams + have->nresults; i++) {
        if (relative_type(have->values[i], group) != want->values[i])
            return false;
    }
    for (uint32_t i = 0; i < have->nfields; i++) {
        if (relative_type(have->fields[i].type, group) !=
                want->fields[i].type ||
            have->fields[i].is_mutable != want->fields[i].is_mutable)
            return false;
    }
    return true;
}

static struct group *find_group(const struct wrt_types *types, uint64_t hash,
                                const struct wrt_type *members, uint32_t count)
{
    struct group *group = types->buckets[hash & (types->nbuckets - 1)];

    for (; group; group = group->next) {
        uint32_t i = 0;

        if (group->hash != hash || group->count != count)
            continue;
        while (i < count &&
               same_type(group, &group->members[i].type, &members[i]))
            i++;
        if (i == count)
            return group;
    }
    return NULL;
}

/* Doubles the buckets when there are as many groups.  Failing is harmless: the
 * lists only get longer. */
static void grow_buckets(struct wrt_types *types)
{
    size_t n = types->nbuckets * 2;
    struct group **buckets;

    if (types->ngroups < types->nbuckets)
        return;
    buckets = wrt_alloc_array(types->alloc, n, sizeof(struct group *));
    if (!buckets)
        return;
    for (size_t i = 0; i < types->nbuckets; i++) {
        struct group *group = types->buckets[i], *next;

        for (; group; group = next) {
            next = group->next;
            group->next = buckets[group->hash & (n - 1)];
            buckets[group->hash & (n - 1)] = group;
        }
    }
    wrt_free_array(types->alloc, types->buckets, types->nbuckets,
                   sizeof(struct group *));
    types->buckets = buckets;
    types->nbuckets = n;
}

/* -- Ids ------------------------------------------------------------------- */

/* Takes `count` consecutive ids.  False when memory is exhausted; *first is
 * WRT_NO_TYPE when the ids are. */
static bool take_ids(struct wrt_types *types, uint32_t count, uint32_t *first)
{
    size_t nfree = types->free_ids.count;

    /* So that releasing cannot fail: every group gives back one range. */
    if (!wrt_vec_reserve(types->alloc, &types->free_ids, types->ngroups + 1))
        return false;
    for (size_t i = nfree; i > 0 && nfree - i < REUSE_SCAN; i--) {
        struct id_range *range = &types->free_ids.items[i - 1];

        if (range->count < count)
            continue;
        *first = range->first;
        range->first += count;
        range->count -= count;
        if (range->count == 0)
            *range = types->free_ids.items[--types->free_ids.count];
        return true;
    }
    *first = WRT_NO_TYPE;
    if (count > MAX_IDS - types->next_id)
        return true;
    if (!reserve_ids(types, types->next_id + count))
        return false;
    *first = types->next_id;
    types->next_id += count;
    return true;
}

static void give_ids_back(struct wrt_types *types, uint32_t first,
                          uint32_t count)
{
    struct id_range range = {first, count};

    if (first + count == types->next_id) {
        types->next_id = first;
        return;
    }
    if (!wrt_vec_push(types->alloc, &types->free_ids, range))
        WRT_ASSERT(false, "take_ids reserved room for every group");
}

/* -- Building a group ------------------------------------------------------ */

/* Bump pointers into the tail of a group's block. */
struct tail {
    struct wrt_field *fields;
    wrt_valtype *values;
    uint32_t *displays;
    uint32_t *refs;
};

/* Depth of member i, once those before it are known. */
static uint32_t depth_of(const struct wrt_types *types, const uint32_t *depths,
                         const struct wrt_type *type, uint32_t count)
{
    uint32_t super = type->supertype;

    if (super == WRT_NO_TYPE)
        return 0;
    if (is_relative(super, count))
        return depths[WRT_MAX_TYPE_ID - super] + 1;
    return wrt_types_get(types, super)->depth + 1u;
}

/* At most this many fields of a type are references. */
static uint32_t count_refs(const struct wrt_type *type)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < type->nfields; i++)
        count += wrt_valtype_is_ref(type->fields[i].type);
    return count;
}

/* The size of a group's block, and room for its tail.  A depth above the limit
 * is reported through *too_deep. */
static struct group *alloc_group(struct wrt_types *types,
                                 const struct wrt_type *members, uint32_t count,
                                 struct tail *tail, bool *too_deep)
{
    size_t nvalues = 0, nfields = 0, ndisplay = 0, nrefs = 0, size;
    uint32_t *depths =
        wrt_alloc_array(types->alloc, count + 1u, sizeof(*depths));
    struct group *group = NULL;

    if (!depths)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        depths[i] = depth_of(types, depths, &members[i], count);
        if (depths[i] > WRT_LIMIT_SUBTYPE_DEPTH) {
            *too_deep = true;
            goto out;
        }
        nvalues += (size_t)members[i].nparams + members[i].nresults;
        nfields += members[i].nfields;
        ndisplay += depths[i] + 1u;
        nrefs += count_refs(&members[i]);
    }
    size = sizeof(struct group) + count * sizeof(struct member) +
           nfields * sizeof(struct wrt_field) +
           (nvalues + ndisplay + nrefs) * sizeof(uint32_t);
    group = wrt_alloc_zero(types->alloc, size);
    if (!group)
        goto out;
    group->size_bytes = size;
    tail->fields = (struct wrt_field *)&group->members[count];
    tail->values = (wrt_valtype *)(tail->fields + nfields);
    tail->displays = tail->values + nvalues;
    tail->refs = tail->displays + ndisplay;
out:
    wrt_free_array(types->alloc, depths, count + 1u, sizeof(*depths));
    return group;
}

static void fill_display(const struct wrt_types *types, struct wrt_type *type,
                         struct tail *tail)
{
    uint32_t *display = tail->displays;

    type->depth = 0;
    if (type->supertype != WRT_NO_TYPE) {
        const struct wrt_type *super = wrt_types_get(types, type->supertype);

        type->depth = (uint16_t)(super->depth + 1);
        memcpy(display, super->display, type->depth * sizeof(*display));
    }
    display[type->depth] = type->id;
    type->display = display;
    for (uint32_t i = 0; i < WRT_TYPE_SUPERS; i++)
        type->supers[i] = i <= type->depth ? display[i] : WRT_NO_TYPE;
    tail->displays += type->depth + 1;
}

static uint32_t count_slots(const wrt_valtype *types, uint32_t n)
{
    uint32_t slots = 0;

    for (uint32_t i = 0; i < n; i++)
        slots += wrt_valtype_slots(types[i]);
    return slots;
}

/* Copies member i of a group whose ids and forms are known. */
static void fill_member(struct wrt_types *types, struct group *group,
                        uint32_t i, const struct wrt_type *from,
                        struct tail *tail)
{
    struct wrt_type *type = &group->members[i].type;
    uint32_t first = group->first_id, count = group->count;
    uint32_t nvalues = from->nparams + from->nresults;

    *type = *from;
    type->id = first + i;
    type->is_defaultable = true;
    type->supertype = absolute_id(from->supertype, first, count);
    for (uint32_t k = 0; k < nvalues; k++)
        tail->values[k] = absolute_type(from->values[k], first, count);
    for (uint32_t k = 0; k < from->nfields; k++) {
        tail->fields[k] = from->fields[k];
        tail->fields[k].type =
            absolute_type(from->fields[k].type, first, count);
        type->is_defaultable &= !wrt_valtype_is_ref(from->fields[k].type) ||
                                wrt_valtype_is_nullable(from->fields[k].type);
    }
    type->values = tail->values;
    type->fields = tail->fields;
    type->param_slots = count_slots(tail->values, type->nparams);
    type->result_slots =
        count_slots(tail->values + type->nparams, type->nresults);
    fill_display(types, type, tail);
    if (type->form != WRT_FORM_FUNC)
        wrt_layout_type(types, type, tail->fields, tail->refs);
    tail->values += nvalues;
    tail->fields += from->nfields;
    tail->refs += count_refs(from);
}

/* -- References between groups --------------------------------------------- */

typedef void visit_fn(struct wrt_types *types, struct group *group, void *user);

static void visit_id(struct wrt_types *types, const struct group *from,
                     uint32_t id, visit_fn *visit, void *user)
{
    if (id - from->first_id >= from->count)
        visit(types, types->by_id[id]->group, user);
}

/* Calls visit for every occurrence of another group's id. */
static void visit_references(struct wrt_types *types, struct group *group,
                             visit_fn *visit, void *user)
{
    for (uint32_t i = 0; i < group->count; i++) {
        const struct wrt_type *t = &group->members[i].type;

        if (t->supertype != WRT_NO_TYPE)
            visit_id(types, group, t->supertype, visit, user);
        for (uint32_t k = 0; k < t->nparams + t->nresults; k++) {
            if (wrt_valtype_has_type_id(t->values[k]))
                visit_id(types, group, wrt_valtype_heap(t->values[k]), visit,
                         user);
        }
        for (uint32_t k = 0; k < t->nfields; k++) {
            if (wrt_valtype_has_type_id(t->fields[k].type))
                visit_id(types, group, wrt_valtype_heap(t->fields[k].type),
                         visit, user);
        }
    }
}

static void take_reference(struct wrt_types *types, struct group *group,
                           void *user)
{
    (void)types;
    (void)user;
    group->refcount++;
}

static void unlink_group(struct wrt_types *types, struct group *group)
{
    struct group **link = &types->buckets[group->hash & (types->nbuckets - 1)];

    while (*link != group)
        link = &(*link)->next;
    *link = group->next;
}

/* Gives one reference back; a group that has no more joins the list `user`. */
static void drop_reference(struct wrt_types *types, struct group *group,
                           void *user)
{
    struct group **dying = user;

    if (--group->refcount != 0)
        return;
    unlink_group(types, group);
    group->next = *dying;
    *dying = group;
}

static void free_dying(struct wrt_types *types, struct group *dying)
{
    while (dying) {
        struct group *group = dying;

        dying = group->next;
        visit_references(types, group, drop_reference, &dying);
        types->ngroups--;
        give_ids_back(types, group->first_id, group->count);
        wrt_free(types->alloc, group, group->size_bytes);
    }
}

/* -- Public ---------------------------------------------------------------- */

wasmrt_error *wrt_types_new(const struct wrt_alloc *alloc,
                            struct wrt_types **out)
{
    struct wrt_types *types = wrt_alloc_zero(alloc, sizeof(*types));

    if (!types)
        return wrt_error_oom();
    types->alloc = alloc;
    types->seed = wrt_os_monotonic_ns() ^ (uint64_t)(uintptr_t)types;
    types->nbuckets = FIRST_BUCKETS;
    types->buckets =
        wrt_alloc_array(alloc, FIRST_BUCKETS, sizeof(struct group *));
    if (!types->buckets || !open_table(types)) {
        wrt_types_delete(types);
        return wrt_error_oom();
    }
    *out = types;
    return NULL;
}

void wrt_types_delete(struct wrt_types *types)
{
    const struct wrt_alloc *alloc;

    if (!types)
        return;
    alloc = types->alloc;
    for (size_t i = 0; types->buckets && i < types->nbuckets; i++) {
        struct group *group = types->buckets[i], *next;

        for (; group; group = next) {
            next = group->next;
            wrt_free(alloc, group, group->size_bytes);
        }
    }
    wrt_free_array(alloc, types->buckets, types->nbuckets,
                   sizeof(struct group *));
    if (types->by_id)
        wrt_os_release(types->by_id, table_bytes());
    wrt_vec_fini(alloc, &types->free_ids);
    wrt_free(alloc, types, sizeof(*types));
}

/* Adds a group that is not there yet; the lock is held. */
static wasmrt_error *insert_group(struct wrt_types *types, uint64_t hash,
                                  const struct wrt_type *members,
                                  uint32_t count, uint32_t *first_id)
{
    struct tail tail;
    bool too_deep = false;
    struct group *group, **bucket;
    uint32_t first;

    grow_buckets(types);
    group = alloc_group(types, members, count, &tail, &too_deep);
    if (too_deep)
        return wrt_limit_error(WRT_LIMIT_IDX_SUBTYPE_DEPTH,
                               WRT_LIMIT_SUBTYPE_DEPTH + 1, WRT_NO_OFFSET);
    if (!group || !take_ids(types, count, &first)) {
        if (group)
            wrt_free(types->alloc, group, group->size_bytes);
        return wrt_error_oom();
    }
    if (first == WRT_NO_TYPE) {
        wrt_free(types->alloc, group, group->size_bytes);
        return wrt_error_new(WASMRT_ERR_LIMIT, WRT_NO_OFFSET,
                             "number of types in an engine (limit %u)",
                             (unsigned)MAX_IDS);
    }
    group->hash = hash;
    group->first_id = first;
    group->count = count;
    group->refcount = 1;
    for (uint32_t i = 0; i < count; i++) {
        group->members[i].group = group;
        group->members[i].type.form = members[i].form;
        types->by_id[first + i] = &group->members[i];
    }
    for (uint32_t i = 0; i < count; i++)
        fill_member(types, group, i, &members[i], &tail);
    visit_references(types, group, take_reference, NULL);
    bucket = &types->buckets[hash & (types->nbuckets - 1)];
    group->next = *bucket;
    *bucket = group;
    types->ngroups++;
    *first_id = first;
    return NULL;
}

wasmrt_error *wrt_types_add_group(struct wrt_types *types,
                                  const struct wrt_type *members,
                                  uint32_t count, uint32_t *first_id)
{
    uint64_t hash = hash_group(types, members, count);
    wasmrt_error *error = NULL;
    struct group *group;

    wrt_mutex_lock(&types->lock);
    group = find_group(types, hash, members, count);
    if (group) {
        group->refcount++;
        *first_id = group->first_id;
    } else {
        error = insert_group(types, hash, members, count, first_id);
    }
    wrt_mutex_unlock(&types->lock);
    return error;
}

void wrt_types_release_group(struct wrt_types *types, uint32_t first_id)
{
    struct group *dying = NULL;

    wrt_mutex_lock(&types->lock);
    drop_reference(types, types->by_id[first_id]->group, &dying);
    free_dying(types, dying);
    wrt_mutex_unlock(&types->lock);
}

wasmrt_error *wrt_types_add_func(struct wrt_types *types,
                                 const wrt_valtype *params, uint32_t nparams,
                                 const wrt_valtype *results, uint32_t nresults,
                                 uint32_t *id)
{
    struct wrt_type type = {
        .form = WRT_FORM_FUNC,
        .is_final = true,
        .supertype = WRT_NO_TYPE,
        .nparams = nparams,
        .nresults = nresults,
    };
    size_t count = (size_t)nparams + nresults;
    wrt_valtype *values =
        wrt_alloc_array(types->alloc, count + 1, sizeof(*values));
    wasmrt_error *error;

    if (!values)
        return wrt_error_oom();
    if (nparams)
        memcpy(values, params, nparams * sizeof(*values));
    if (nresults)
        memcpy(values + nparams, results, nresults * sizeof(*values));
    type.values = values;
    error = wrt_types_add_group(types, &type, 1, id);
    wrt_free_array(types->alloc, values, count + 1, sizeof(*values));
    return error;
}
