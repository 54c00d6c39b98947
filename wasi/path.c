/*
 * The resolver.
 *
 * The walk holds every directory between the root and where it stands as an
 * open descriptor, so ".." means closing the innermost one and can never climb
 * above the root, even while others rename directories.  Links are read and
 * their text is put in front of what remains, which keeps every step a single
 * name opened without following.
 *
 * The kernel resolves whole directories; the last component is ours in both
 * ways, because most calls on it must not follow a link there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/path.h"

#include <string.h>

enum {
    MAX_LINKS = 40,  /* as Linux */
    MAX_DEPTH = 256, /* directories that the walk holds open */
    SLICE_STEPS = 64,
};

enum p1_resolver p1_resolver_choose(void)
{
    return p1_os_can_open_beneath() ? P1_RESOLVE_KERNEL : P1_RESOLVE_WALK;
}

/* -- Text ------------------------------------------------------------------ */

/* Puts head, a slash and tail into buf, which may hold tail already. */
static enum p1_errno join(char buf[P1_PATH_MAX], const char *head,
                          size_t head_len, const char *tail)
{
    size_t tail_len = strlen(tail);

    if (head_len + 1 + tail_len + 1 > P1_PATH_MAX)
        return P1_NAMETOOLONG;
    memmove(buf + head_len + 1, tail, tail_len + 1);
    memmove(buf, head, head_len);
    buf[head_len] = '/';
    return P1_SUCCESS;
}

static bool is_dots(const char *name, size_t len)
{
    return (len == 1 && name[0] == '.') ||
           (len == 2 && name[0] == '.' && name[1] == '.');
}

/*
 * Where the last component begins and how long it is, without the slashes
 * behind it.  Length 0 when the path as a whole names a directory: when it ends
 * with "." or "..", or, unless it is to be made, with a slash.
 */
static size_t find_leaf(const char *path, unsigned find, size_t *len_out)
{
    size_t end = strlen(path), start;
    bool slash = path[end - 1] == '/';

    *len_out = 0;
    if (slash && !(find & P1_FIND_NEW))
        return end;
    while (end > 0 && path[end - 1] == '/')
        end--;
    start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    if (is_dots(path + start, end - start))
        return strlen(path);
    *len_out = end - start;
    return start;
}

/* -- The walk -------------------------------------------------------------- */

struct walk {
    int root;            /* borrowed */
    int dirs[MAX_DEPTH]; /* entered below root, outermost first */
    int depth;
    int *links; /* followed so far, for the whole resolution */
    const struct p1_slices *slices;
    char rest[P1_PATH_MAX]; /* still to be walked */
};

static int walk_here(const struct walk *w)
{
    return w->depth ? w->dirs[w->depth - 1] : w->root;
}

/* Reads the link `name` and puts its text in front of what remains. */
static enum p1_errno walk_link(struct walk *w, const char *name)
{
    char target[P1_PATH_MAX];
    size_t len;
    enum p1_errno err =
        p1_os_readlink_at(walk_here(w), name, target, sizeof(target), &len);

    if (err)
        return err == P1_INVAL ? P1_NOTDIR : err;
    if (len == 0 || len == sizeof(target))
        return len ? P1_NAMETOOLONG : P1_NOENT;
    if (target[0] == '/')
        return P1_NOTCAPABLE;
    if (++*w->links > MAX_LINKS)
        return P1_LOOP;
    return join(w->rest, target, len, w->rest);
}

/* Enters one component. */
static enum p1_errno walk_step(struct walk *w, const char *name)
{
    enum p1_errno err;
    int fd;

    if (strcmp(name, ".") == 0)
        return P1_SUCCESS;
    if (strcmp(name, "..") == 0) {
        if (w->depth == 0)
            return P1_NOTCAPABLE;
        p1_os_close(w->dirs[--w->depth]);
        return P1_SUCCESS;
    }
    if (w->depth == MAX_DEPTH)
        return P1_NAMETOOLONG;
    err = p1_os_open_at(walk_here(w), name, P1_OPEN_PATH | P1_OPEN_DIRECTORY,
                        &fd);
    if (err == P1_NOTDIR || err == P1_LOOP)
        return walk_link(w, name);
    if (!err)
        w->dirs[w->depth++] = fd;
    return err;
}

/* Takes the next component from what remains; false when nothing does. */
static bool walk_next(struct walk *w, char name[P1_PATH_MAX])
{
    char *start = w->rest, *end;

    while (*start == '/')
        start++;
    end = start;
    while (*end && *end != '/')
        end++;
    if (end == start)
        return false;
    memcpy(name, start, (size_t)(end - start));
    name[end - start] = '\0';
    memmove(w->rest, end, strlen(end) + 1);
    return true;
}

/* Opens the directory that w->rest names.  With links to long paths that may
 * take a hundred thousand steps. */
static enum p1_errno walk_run(struct walk *w, int *out)
{
    char name[P1_PATH_MAX];
    enum p1_errno err = P1_SUCCESS;

    for (unsigned n = 1; !err && walk_next(w, name); n++) {
        err = walk_step(w, name);
        if (!err && n % SLICE_STEPS == 0 && !p1_goes_on(w->slices))
            err = P1_INTR;
    }
    if (!err && w->depth > 0)
        *out = w->dirs[--w->depth];
    else if (!err)
        err =
            p1_os_open_at(w->root, ".", P1_OPEN_PATH | P1_OPEN_DIRECTORY, out);
    while (w->depth > 0)
        p1_os_close(w->dirs[--w->depth]);
    return err;
}

/* -- Directories ----------------------------------------------------------- */

/* Whether the kernel resolves the path; with what it says.  On a busy machine
 * it may never be sure of many a "..", and leaves the path to the walk. */
static bool open_by_kernel(const struct p1_root *root, const char *path,
                           unsigned flags, int *out, enum p1_errno *err)
{
    if (root->resolver != P1_RESOLVE_KERNEL)
        return false;
    *err = p1_os_open_beneath(root->dir, path, flags, out);
    if (*err == P1_XDEV)
        *err = P1_NOTCAPABLE;
    return *err != P1_AGAIN;
}

/* Opens, as a place, the directory that the first len bytes of path name. */
static enum p1_errno open_dir(const struct p1_root *root, const char *path,
                              size_t len, int *links, int *out)
{
    struct walk w;
    enum p1_errno err;

    memcpy(w.rest, path, len);
    w.rest[len] = '\0';
    if (open_by_kernel(root, w.rest,
                       P1_OPEN_PATH | P1_OPEN_DIRECTORY | P1_OPEN_FOLLOW, out,
                       &err))
        return err;
    w.root = root->dir;
    w.depth = 0;
    w.links = links;
    w.slices = &root->slices;
    return walk_run(&w, out);
}

/* A grant of a single file knows one path. */
static enum p1_errno find_only(const struct p1_root *root, const char *path,
                               unsigned find, struct p1_place *out)
{
    if (strcmp(path, ".") != 0)
        return path[0] == '/' ? P1_NOTCAPABLE : P1_NOTDIR;
    if (find & P1_FIND_NEW)
        return P1_NOTCAPABLE;
    out->dir = root->dir;
    out->owns_dir = false;
    memcpy(out->leaf, root->only, strlen(root->only) + 1);
    return P1_SUCCESS;
}

/* Finds the place of a path without looking at its last component. */
static enum p1_errno find_place(const struct p1_root *root, const char *path,
                                unsigned find, int *links, struct p1_place *out)
{
    size_t len, start;

    if (path[0] == '/' || path[0] == '\0')
        return path[0] ? P1_NOTCAPABLE : P1_NOENT;
    start = find_leaf(path, find, &len);
    if (len == 0) {
        memcpy(out->leaf, ".", 2);
    } else {
        /* One slash of those behind the name tells the kernel enough. */
        size_t keep = len + (path[start + len] == '/');

        memcpy(out->leaf, path + start, keep);
        out->leaf[keep] = '\0';
    }
    out->dir = root->dir;
    out->owns_dir = start > 0;
    if (start == 0)
        return P1_SUCCESS;
    return open_dir(root, path, start, links, &out->dir);
}

/*
 * Replaces the last component of path by the target of the link that it is.
 * P1_INVAL when it is no link.
 */
static enum p1_errno expand_leaf(const struct p1_place *place,
                                 char path[P1_PATH_MAX], int *links)
{
    char target[P1_PATH_MAX];
    size_t len, start, leaf_len;
    enum p1_errno err = p1_os_readlink_at(place->dir, place->leaf, target,
                                          sizeof(target) - 1, &len);

    if (err)
        return err;
    if (len == 0 || len == sizeof(target) - 1)
        return len ? P1_NAMETOOLONG : P1_NOENT;
    target[len] = '\0';
    if (target[0] == '/')
        return P1_NOTCAPABLE;
    if (++*links > MAX_LINKS)
        return P1_LOOP;
    start = find_leaf(path, 0, &leaf_len);
    if (start + len + 1 > P1_PATH_MAX)
        return P1_NAMETOOLONG;
    memcpy(path + start, target, len + 1);
    return P1_SUCCESS;
}

/* -- The interface --------------------------------------------------------- */

void p1_place_close(struct p1_place *place)
{
    if (place->owns_dir)
        p1_os_close(place->dir);
}

enum p1_errno p1_resolve_place(const struct p1_root *root, const char *path,
                               unsigned find, struct p1_place *out)
{
    char text[P1_PATH_MAX];
    enum p1_errno err;
    int links = 0;

    if (strlen(path) >= P1_PATH_MAX)
        return P1_NAMETOOLONG;
    if (root->only)
        return find_only(root, path, find, out);
    memcpy(text, path, strlen(path) + 1);
    for (;;) {
        err = find_place(root, text, find, &links, out);
        if (err || !(find & P1_FIND_FOLLOW))
            return err;
        err = expand_leaf(out, text, &links);
        /* No link, or nothing at all: the path ends here. */
        if (err == P1_INVAL || err == P1_NOENT)
            return P1_SUCCESS;
        p1_place_close(out);
        if (err)
            return err;
    }
}

/* Opens by the walk: the last component without following, until it is none. */
static enum p1_errno open_by_walk(const struct p1_root *root, const char *path,
                                  unsigned flags, int *out)
{
    char text[P1_PATH_MAX];
    struct p1_place place;
    enum p1_errno err;
    int links = 0;

    memcpy(text, path, strlen(path) + 1);
    for (;;) {
        err = find_place(root, text, 0, &links, &place);
        if (err)
            return err;
        err = p1_os_open_at(place.dir, place.leaf, flags, out);
        if ((err == P1_LOOP || err == P1_NOTDIR) && (flags & P1_OPEN_FOLLOW)) {
            enum p1_errno link_err = expand_leaf(&place, text, &links);

            p1_place_close(&place);
            if (!link_err)
                continue;
            return link_err == P1_INVAL ? err : link_err;
        }
        p1_place_close(&place);
        return err;
    }
}

enum p1_errno p1_resolve_open(const struct p1_root *root, const char *path,
                              unsigned flags, int *out)
{
    struct p1_place place;
    enum p1_errno err;

    if (strlen(path) >= P1_PATH_MAX)
        return P1_NAMETOOLONG;
    /* Linux makes no directories this way, and says so before it looks. */
    if ((flags & P1_OPEN_CREATE) && path[0] && path[strlen(path) - 1] == '/')
        return path[0] == '/' ? P1_NOTCAPABLE : P1_ISDIR;
    if (root->only) {
        err = find_only(root, path, 0, &place);
        return err ? err : p1_os_open_at(place.dir, place.leaf, flags, out);
    }
    if (open_by_kernel(root, path, flags, out, &err))
        return err;
    return open_by_walk(root, path, flags, out);
}
