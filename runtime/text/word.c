/*
 * Keywords: one hash table over word.def and opcode.def.
 *
 * The table is made anew for each text (a few microseconds) instead of being
 * global state.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/word.h"

/* Half empty, so that probing stays short. */
_Static_assert(WRT_WORD_COUNT * 2 <= WRT_WORD_SLOTS, "more slots needed");

static const char *const word_texts[WRT_WORD_OP] = {
#define WORD(name, text) [WRT_WORD_##name] = text,
#include "runtime/text/word.def"
#undef WORD
};

const char *wrt_word_text(unsigned word)
{
    const char *text = word < WRT_WORD_OP ? word_texts[word] : NULL;

    if (word > WRT_WORD_OP && word < WRT_WORD_COUNT)
        text = wrt_op_infos[word - WRT_WORD_OP].text;
    return text ? text : "";
}

static uint32_t hash_text(const char *text, size_t len)
{
    uint32_t h = 0;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)text[i]) * 0x9e3779b1u;
    return h ^ (h >> 15);
}

/* The slot of the keyword, or the free one where it belongs. */
static size_t probe(const struct wrt_words *words, const char *text, size_t len)
{
    size_t i = hash_text(text, len) & (WRT_WORD_SLOTS - 1);

    for (; words->slots[i]; i = (i + 1) & (WRT_WORD_SLOTS - 1)) {
        const char *other = wrt_word_text(words->slots[i]);

        if (strlen(other) == len && memcmp(other, text, len) == 0)
            break;
    }
    return i;
}

void wrt_words_init(struct wrt_words *words)
{
    memset(words, 0, sizeof(*words));
    /* Two instructions may share a keyword ("select"): the first one wins and
     * the parser tells them apart. */
    for (unsigned w = 1; w < WRT_WORD_COUNT; w++) {
        const char *text = wrt_word_text(w);
        size_t slot = probe(words, text, strlen(text));

        if (*text && !words->slots[slot])
            words->slots[slot] = (uint16_t)w;
    }
}

unsigned wrt_words_find(const struct wrt_words *words, const char *text,
                        size_t len)
{
    return words->slots[probe(words, text, len)];
}
