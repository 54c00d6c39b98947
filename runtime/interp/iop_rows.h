/*
 * Expands iop.def with the shape macros that the includer has defined, then
 * forgets them.  An includer defines every shape, if need be as nothing.
 *
 * No include guard: this is included once per derived table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/iop.def"

#undef IBIN
#undef IFUSED
#undef IDIV
#undef ICMP
#undef IUN
#undef FBIN
#undef FUN
#undef FCMP
#undef I2F
#undef F2F
#undef F2I
#undef ILOAD
#undef FLOAD
#undef ISTORE
#undef FSTORE
#undef FMUL
#undef MISC
