/*
 * containerd's Task service, versions 2 and 3, on one server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_SERVICE_H
#define SHIM_SERVICE_H

#include "shim/server.h"

/* A server_handler; user: struct shim. */
void service_handle(void *user, struct call *call,
                    const struct server_request *plain);

/* The request message of a method, or NULL; for tests. */
const struct ProtobufCMessageDescriptor *service_request(const char *name);

/* The shim's own service, of one method: a container of the id and bundle of a
 * CreateRequest is coming, so begin with what its Create will need.  Nobody
 * waits for the answer. */
#define SERVICE_OWN    "wasmrt.shim.v1.Shim"
#define SERVICE_EXPECT "Expect"

#endif
