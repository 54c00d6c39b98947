/*
 * The page of `wasmrt explore`: what it looks like (page.c) and the data that
 * it shows (cmd_explore.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_EXPLORE_H
#define WRT_CLI_EXPLORE_H

/* HTML up to where the data stands, a JSON text, and from there to the end. */
extern const char page_head[], page_style[], page_body[], page_script[];

#endif
