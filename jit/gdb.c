/*
 * gdb's interface to code that is made at run time: a list of ELF files in
 * memory, and a function that gdb stops in to look at the list.
 *
 * Each piece of code is a file of its own, with one symbol and with .eh_frame,
 * by which gdb finds the caller of a frame.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/tell.h"

#include <string.h>

/* -- What gdb looks for by name -------------------------------------------- */

enum { GDB_NOTHING, GDB_REGISTER, GDB_UNREGISTER };

struct gdb_entry {
    struct gdb_entry *next, *prev;
    const void *file;
    uint64_t file_bytes;
};

struct gdb_descriptor {
    uint32_t version, action;
    struct gdb_entry *relevant, *first;
};

/* Weak, for programs with another compiler that has them; a program has one of
 * each. */
/* NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
extern struct gdb_descriptor __jit_debug_descriptor;
void __jit_debug_register_code(void);

__attribute__((weak)) struct gdb_descriptor __jit_debug_descriptor = {.version =
                                                                          1};

__attribute__((weak)) WRT_NOINLINE void __jit_debug_register_code(void)
{
    __asm__ volatile("" ::: "memory");
}
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */

/* Of the list, which all modules of the process are in. */
static struct wrt_mutex list_lock;

static void tell_gdb(uint32_t action, struct gdb_entry *entry)
{
    __jit_debug_descriptor.relevant = entry;
    __jit_debug_descriptor.action = action;
    __jit_debug_register_code();
    __jit_debug_descriptor.action = GDB_NOTHING;
    __jit_debug_descriptor.relevant = NULL;
}

/* -- ELF ------------------------------------------------------------------- */

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments_at, sections_at;
    uint32_t flags;
    uint16_t header_bytes, segment_bytes, nsegments, section_bytes, nsections,
        names_idx;
};

struct elf_section {
    uint32_t name, type;
    uint64_t flags, addr, offset, bytes;
    uint32_t link, info;
    uint64_t align, entry_bytes;
};

struct elf_symbol {
    uint32_t name;
    uint8_t info, other;
    uint16_t section;
    uint64_t value, bytes;
};

_Static_assert(sizeof(struct elf_header) == 64 &&
                   sizeof(struct elf_section) == 64 &&
                   sizeof(struct elf_symbol) == 24,
               "the layout of 64-bit ELF files");

enum { ELF_EXEC = 2, ELF_GLOBAL_FUNC = 1 << 4 | 2 };
enum { ELF_PROGBITS = 1, ELF_SYMTAB, ELF_STRTAB, ELF_NOBITS = 8 };
enum { ELF_ALLOC = 2, ELF_CODE = 4 };
enum { S_NONE, S_TEXT, S_FRAMES, S_SYMBOLS, S_STRINGS, S_NAMES, S_COUNT };

static const char section_names[] =
    "\0.text\0.eh_frame\0.symtab\0.strtab\0.shstrtab";
static const uint8_t name_at[S_COUNT] = {0, 1, 7, 17, 25, 33};

/* A file, but for the name, which is behind it. */
struct elf_file {
    struct elf_header header;
    struct elf_section sections[S_COUNT];
    uint8_t frames[JIT_UNWIND_BYTES];
    struct elf_symbol symbols[2];
    char names[sizeof(section_names)];
    char strings[1]; /* an empty one */
};

/* What gdb knows of a piece of code. */
struct jit_gdb_code {
    struct jit_gdb_code *next; /* of the module */
    size_t bytes;              /* all in all */
    struct gdb_entry entry;
    struct elf_file file;
    char name[];
};

static void fill_header(struct elf_header *header)
{
    *header = (struct elf_header){
        .ident = {0x7f, 'E', 'L', 'F', 2, 1, 1}, /* 64 bits, little endian */
        .type = ELF_EXEC,
        .machine = jit_m_elf_machine,
        .version = 1,
        .sections_at = offsetof(struct elf_file, sections),
        .header_bytes = sizeof(struct elf_header),
        .section_bytes = sizeof(struct elf_section),
        .nsections = S_COUNT,
        .names_idx = S_NAMES,
    };
}

static void set_section(struct elf_file *file, unsigned idx, uint32_t type,
                        size_t offset, size_t bytes)
{
    file->sections[idx] = (struct elf_section){
        .name = name_at[idx],
        .type = type,
        .offset = offset,
        .bytes = bytes,
        .align = 1,
    };
}

static void fill_file(struct elf_file *file, const struct jit_made *made,
                      const wasmrt_code_event *event, size_t name_bytes)
{
    uint64_t address = (uintptr_t)event->address;
    struct elf_section *sections = file->sections;

    fill_header(&file->header);
    set_section(file, S_TEXT, ELF_NOBITS, 0, event->len);
    sections[S_TEXT].flags = ELF_ALLOC | ELF_CODE;
    sections[S_TEXT].addr = address;
    set_section(file, S_FRAMES, ELF_PROGBITS, offsetof(struct elf_file, frames),
                jit_m_unwind_info(made, address, event->len, file->frames));
    sections[S_FRAMES].flags = ELF_ALLOC;
    sections[S_FRAMES].align = 8;
    set_section(file, S_SYMBOLS, ELF_SYMTAB, offsetof(struct elf_file, symbols),
                sizeof(file->symbols));
    sections[S_SYMBOLS].link = S_STRINGS;
    sections[S_SYMBOLS].info = 1; /* the first global one */
    sections[S_SYMBOLS].align = 8;
    sections[S_SYMBOLS].entry_bytes = sizeof(struct elf_symbol);
    set_section(file, S_STRINGS, ELF_STRTAB, offsetof(struct elf_file, strings),
                sizeof(file->strings) + name_bytes);
    set_section(file, S_NAMES, ELF_STRTAB, offsetof(struct elf_file, names),
                sizeof(file->names));
    file->symbols[1] = (struct elf_symbol){.name = 1,
                                           .info = ELF_GLOBAL_FUNC,
                                           .section = S_TEXT,
                                           .value = address,
                                           .bytes = event->len};
    memcpy(file->names, section_names, sizeof(section_names));
}

/* -- Telling --------------------------------------------------------------- */

void jit_gdb_tell(struct wrt_native *native, const struct jit_made *made,
                  const wasmrt_code_event *event)
{
    size_t name_bytes = strlen(event->name) + 1;
    size_t bytes = sizeof(struct jit_gdb_code) + name_bytes;
    struct jit_gdb_code *code = wrt_alloc_zero(native->module->alloc, bytes);
    size_t strings_at = offsetof(struct elf_file, strings);

    if (!code)
        return;
    code->bytes = bytes;
    fill_file(&code->file, made, event, name_bytes);
    memcpy((char *)&code->file + strings_at + 1, event->name, name_bytes);
    code->entry.file = &code->file;
    code->entry.file_bytes = strings_at + 1 + name_bytes;
    code->next = native->told;
    native->told = code;

    wrt_mutex_lock(&list_lock);
    code->entry.next = __jit_debug_descriptor.first;
    if (code->entry.next)
        code->entry.next->prev = &code->entry;
    __jit_debug_descriptor.first = &code->entry;
    tell_gdb(GDB_REGISTER, &code->entry);
    wrt_mutex_unlock(&list_lock);
}

static void forget(struct gdb_entry *entry)
{
    wrt_mutex_lock(&list_lock);
    if (entry->prev)
        entry->prev->next = entry->next;
    else
        __jit_debug_descriptor.first = entry->next;
    if (entry->next)
        entry->next->prev = entry->prev;
    tell_gdb(GDB_UNREGISTER, entry);
    wrt_mutex_unlock(&list_lock);
}

void jit_gdb_forget(struct wrt_native *native)
{
    while (native->told) {
        struct jit_gdb_code *code = native->told;

        native->told = code->next;
        forget(&code->entry);
        wrt_free(native->module->alloc, code, code->bytes);
    }
}
