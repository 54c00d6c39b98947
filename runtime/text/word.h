/*
 * Keywords: text to number, for words and instructions alike.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TEXT_WORD_H
#define WRT_TEXT_WORD_H

#include "runtime/module/opcode.h"

/* What the keyword of a token is: 0 for none that we know. */
enum wrt_word {
    WRT_WORD_UNKNOWN,
    WRT_WORD_OFFSET_EQ, /* offset=N */
    WRT_WORD_ALIGN_EQ,  /* align=N */
#define WORD(name, text) WRT_WORD_##name,
#include "runtime/text/word.def"
#undef WORD
    WRT_WORD_OP, /* WRT_WORD_OP + op: the instruction `op` */
    WRT_WORD_COUNT = WRT_WORD_OP + WRT_OP_COUNT,
};

enum { WRT_WORD_SLOTS = 2048 };

/* A hash table of all keywords.  Immutable once made. */
struct wrt_words {
    uint16_t slots[WRT_WORD_SLOTS]; /* enum wrt_word; 0: free */
};

void wrt_words_init(struct wrt_words *words);

/* The keyword, or WRT_WORD_UNKNOWN. */
unsigned wrt_words_find(const struct wrt_words *words, const char *text,
                        size_t len);

/* Its text; "" for those without a fixed one. */
const char *wrt_word_text(unsigned word);

/* The instruction that a keyword names, or WRT_OP_NONE. */
WRT_INLINE enum wrt_op wrt_word_op(unsigned word)
{
    return word > WRT_WORD_OP ? (enum wrt_op)(word - WRT_WORD_OP) : WRT_OP_NONE;
}

#endif
