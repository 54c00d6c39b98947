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
#ifndef VBIN
#define VBIN(name, v, expr)
#endif
#ifndef VUN
#define VUN(name, v, expr)
#endif
#ifndef VTERN
#define VTERN(name, v, expr)
#endif
#ifndef VSHIFT
#define VSHIFT(name, v, expr)
#endif
#ifndef VTEST
#define VTEST(name, v, expr)
#endif
#ifndef VSHUFFLE
#define VSHUFFLE(name, v, expr)
#endif
#ifndef ISPLAT
#define ISPLAT(name, t, expr)
#endif
#ifndef FSPLAT
#define FSPLAT(name, t, expr)
#endif
#ifndef IEXTRACT
#define IEXTRACT(name, c)
#endif
#ifndef FEXTRACT
#define FEXTRACT(name, t)
#endif
#ifndef IREPLACE
#define IREPLACE(name, v, type)
#endif
#ifndef FREPLACE
#define FREPLACE(name, v, t)
#endif
#ifndef VLOAD
#define VLOAD(name, c, expr)
#endif
#ifndef VSTORE
#define VSTORE(name, c)
#endif
#ifndef ICHECKED
#define ICHECKED(name, trap, expr)
#endif
#ifndef IGET
#define IGET(name, c)
#endif
#ifndef FGET
#define FGET(name, t)
#endif
#ifndef ISET
#define ISET(name, c)
#endif
#ifndef FSET
#define FSET(name, t)
#endif
#ifndef ITEST
#define ITEST(name, expr)
#endif
#ifndef ATOMIC
#define ATOMIC(name, t, expr)
#endif
#ifndef MISC
#define MISC(name, count)
#endif

#include "runtime/store/iop.def"

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
#undef VBIN
#undef VUN
#undef VTERN
#undef VSHIFT
#undef VTEST
#undef VSHUFFLE
#undef ISPLAT
#undef FSPLAT
#undef IEXTRACT
#undef FEXTRACT
#undef IREPLACE
#undef FREPLACE
#undef VLOAD
#undef VSTORE
#undef ICHECKED
#undef IGET
#undef FGET
#undef ISET
#undef FSET
#undef ITEST
#undef ATOMIC
#undef MISC
