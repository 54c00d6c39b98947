#!/bin/sh
# Makes the profile that V=pgo is built with: the bench's modules are validated
# and compiled, by both engines, in a build that counts where it goes.
#
# usage: tools/train.sh TRAINER PROFILE
#
# SPDX-License-Identifier: Apache-2.0
set -eu
trainer=$1 profile=$2
merge=$(command -v llvm-profdata-19 || command -v llvm-profdata) || {
    echo "A build with a profile needs clang's llvm-profdata: apt-get install llvm-19" >&2
    exit 1
}
raw=$profile.raw
rm -rf "$raw"
for module in bench/wasm/*.wasm; do
    for engine in jit ''; do
        # shellcheck disable=SC2086
        LLVM_PROFILE_FILE="$raw/%m-%p" "$trainer" 0.05 $engine "$module" \
            >/dev/null
    done
done
"$merge" merge -o "$profile" "$raw"/*
rm -rf "$raw"
