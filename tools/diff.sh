#!/bin/sh
# usage: diff.sh TOOL -p|-f COMMAND
#
# Runs random modules in all modes of tests/diff/modes.def, and in the process
# that COMMAND starts: another build, or another engine.  MODULES (10000),
# SECONDS_MAX and SEED (the date, so that each day has modules of its own) come
# from the environment.
set -eu
tool=$1
shift
seed=${SEED:-0x$(date +%Y%m%d)0000000}
folder=build/diff
mkdir -p $folder
set -- "$@" -s "$seed" -o $folder
if [ -n "${MODULES:-}" ]; then
    set -- "$@" -n "$MODULES"
elif [ -z "${SECONDS_MAX:-}" ]; then
    set -- "$@" -n 10000
fi
[ -z "${SECONDS_MAX:-}" ] || set -- "$@" -t "$SECONDS_MAX"
echo "diff: from seed $seed"
# shellcheck disable=SC2086
exec ${RUNNER:-} "$tool" "$@"
