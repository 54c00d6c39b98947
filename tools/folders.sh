# Sourced by scripts that go through the sources: where the product is.
#
# shellcheck shell=sh disable=SC2034
product='include array runtime jit wasi cli serve spectest shim'
