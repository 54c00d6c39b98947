/*
 * A look into JSON: what it finds, and everything that it leaves to a reader.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/peek.h"

#include "tests/lib/test.h"

#include <stdio.h>
#include <string.h>

static char found[8];

static enum peek look(const char *json)
{
    found[0] = '\0';
    return peek_text(json, strlen(json), "a", "b", found, sizeof(found));
}

TEST(peek_finds_a_member_of_a_member)
{
    static const char *const texts[] = {
        "{\"a\":{\"b\":\"x\"}}",
        " {\n\"c\" : [1, -0.5e+3, [], {}, [[{\"b\":\"y\"}]]],\r\n\"a\"\t: {\"b\":\"x\"}} ",
        "{\"b\":\"y\",\"d\":{\"a\":{\"b\":\"y\"}},\"a\":{\"b\":\"x\"}}",
        "{\"a\":{\"a\":{\"b\":\"y\"},\"b\":\"x\"},\"e\":{\"b\":\"y\"}}",
        "{\"d\":{\"x\\\"\\u00e9\":\"\\\\\"},\"a\" : {\"b\" : \"x\" , \"c\":\"\\n\"}}",
        "{\"a\":{\"b\":\"x\"},\"c\":[true,false,null,0,10,1E5,2e-1]}",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        CHECK_EQ(look(texts[i]), PEEK_FOUND);
        CHECK_STR_EQ(found, "x");
    }
}

TEST(peek_knows_that_there_is_none)
{
    CHECK_EQ(look("{}"), PEEK_ABSENT);
    CHECK_EQ(look("{\"a\":{}}"), PEEK_ABSENT);
    CHECK_EQ(look("{\"b\":\"x\"}"), PEEK_ABSENT);
    CHECK_EQ(look("{\"a\":{\"c\":{\"b\":\"x\"},\"d\":[]}}"), PEEK_ABSENT);
    CHECK_EQ(look("{\"a\":{\"c\":\"b\"},\"d\":{\"b\":\"x\"}}"), PEEK_ABSENT);
    CHECK_EQ(look("{\"c\":{\"\\u0062\":\"\\n\"},\"d\":[\"\\t\"]}"),
             PEEK_ABSENT);
}

TEST(peek_leaves_what_readers_could_see_differently)
{
    static const char *const texts[] = {
        "",
        " ",
        "[]",
        "\"a\"",
        "{",
        "{]",
        "[}",
        "{}x",
        "{} {}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":{\"b\":\"x\"}",
        "{\"a\":{\"b\":\"x\"},}",
        "{\"c\":[1,]}",
        "{\"c\":[1 2]}",
        "{,\"c\":1}",
        "{'a':{'b':'x'}}",
        "{\"c\":01}",
        "{\"c\":1.}",
        "{\"c\":.5}",
        "{\"c\":+1}",
        "{\"c\":1e}",
        "{\"c\":-}",
        "{\"c\":nul}",
        "{\"c\":NaN}",
        "{\"c\":True}",
        "{\"c\":\"\x01\"}",
        "{\"c\":\"\x7f\"}",
        "{\"c\":\"\xc3\xa9\"}",
        "{\"c\":\"\\x\"}",
        "{\"c\":\"\\u12g4\"}",
        "{\"c\":\"open}",
        "/**/{}",
        "{}//",
        "{\"c\":1}\v",
        /* which one counts */
        "{\"a\":{\"b\":\"x\"},\"a\":{}}",
        "{\"a\":{},\"a\":{\"b\":\"x\"}}",
        "{\"a\":{\"b\":\"x\",\"b\":\"y\"}}",
        /* what it may be called in other words */
        "{\"\\u0061\":{\"b\":\"x\"}}",
        "{\"a\":{\"\\u0062\":\"x\"}}",
        "{\"a\":{\"b\":\"\\u0078\"}}",
        "{\"a\":{\"b\":\"x\",\"c\\n\":1}}",
        /* other types */
        "{\"a\":null}",
        "{\"a\":[{\"b\":\"x\"}]}",
        "{\"a\":\"b\"}",
        "{\"a\":{\"b\":1}}",
        "{\"a\":{\"b\":null}}",
        "{\"a\":{\"b\":{}}}",
        /* it does not fit */
        "{\"a\":{\"b\":\"12345678\"}}",
        "{\"c\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (look(texts[i]) != PEEK_UNSURE)
            printf("  sure of %s\n", texts[i]);
        CHECK_EQ(look(texts[i]), PEEK_UNSURE);
    }
    CHECK_EQ(peek_text("{\"c\":\"\0\"}", 9, "a", "b", found, sizeof(found)),
             PEEK_UNSURE);
    CHECK_EQ(look("{\"a\":{\"b\":\"1234567\"}}"), PEEK_FOUND);
    CHECK_STR_EQ(found, "1234567");
}

/* Cut anywhere, it is no object. */
TEST(peek_is_unsure_of_every_beginning)
{
    static const char text[] =
        "{\"c\":[1,{\"d\":\"e\\n\"}],\"a\":{\"b\":\"x\"},\"f\":null}";

    for (size_t len = 0; len < sizeof(text) - 1; len++)
        CHECK_EQ(peek_text(text, len, "a", "b", found, sizeof(found)),
                 PEEK_UNSURE);
    CHECK_EQ(look(text), PEEK_FOUND);
}
