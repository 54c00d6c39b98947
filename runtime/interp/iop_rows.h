/*
 * Expands iop.def with the shape macros that the includer has defined, then
 * forgets them.  Rows of a shape that it has not defined give nothing.
 *
 * No include guard: this is included once per derived table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef IBIN
#define IBIN(name, t, expr)
#endif
#ifndef IFUSED
#define IFUSED(name, t, expr)
#endif
#ifndef IDIV
#define IDIV(name, t, trap, expr)
#endif
#ifndef ICMP
#define ICMP(name, t, expr, inverse)
#endif
#ifndef IUN
#define IUN(name, t, expr)
#endif
#ifndef FBIN
#define FBIN(name, t, expr)
#endif
#ifndef FUN
#define FUN(name, t, expr)
#endif
#ifndef FCMP
#define FCMP(name, t, expr)
#endif
#ifndef I2F
#define I2F(name, t, u, expr)
#endif
#ifndef F2F
#define F2F(name, t, u, expr)
#endif
#ifndef F2I
#define F2I(name, t, trap, expr)
#endif
#ifndef ILOAD
#define ILOAD(name, c)
#endif
#ifndef FLOAD
#define FLOAD(name, t)
#endif
#ifndef ISTORE
#define ISTORE(name, c)
#endif
#ifndef FSTORE
#define FSTORE(name, t)
#endif
#ifndef FMUL
#define FMUL(name, t, expr)
#endif
#ifndef MISC
#define MISC(name, count)
#endif

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
