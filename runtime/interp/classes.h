/*
 * Which variants of each shape exist: the lists that iop.def's rows are
 * expanded over.  M receives the classes, then what the row passed on.
 *
 * In the loop build only slots and constants exist: where handlers return,
 * there is little to win by more, and the two builds check each other. Lowering
 * then uses no other class (WRT_INTERP_TAIL).  ORDER CLASS.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_INTERP_CLASSES_H
#define WRT_INTERP_CLASSES_H

#include "runtime/base/access.h"

#if WRT_INTERP_TAIL
#define EACH_ID(M, ...) M(S, __VA_ARGS__) M(A, __VA_ARGS__) M(L, __VA_ARGS__)
#define EACH_IBIN_D(M, ka, kb, ...)                                            \
    M(ka, kb, S, __VA_ARGS__)                                                  \
    M(ka, kb, A, __VA_ARGS__)                                                  \
    M(ka, kb, L, __VA_ARGS__)
#define EACH_IAB(M, ...)                                                       \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, A, __VA_ARGS__)                                                       \
    M(S, L, __VA_ARGS__)                                                       \
    M(S, K, __VA_ARGS__)                                                       \
    M(S, X, __VA_ARGS__)                                                       \
    M(A, S, __VA_ARGS__)                                                       \
    M(A, L, __VA_ARGS__)                                                       \
    M(A, K, __VA_ARGS__)                                                       \
    M(A, X, __VA_ARGS__)                                                       \
    M(L, S, __VA_ARGS__)                                                       \
    M(L, A, __VA_ARGS__)                                                       \
    M(L, L, __VA_ARGS__)                                                       \
    M(L, K, __VA_ARGS__)                                                       \
    M(L, X, __VA_ARGS__)
#define EACH_FD(M, ...) M(S, __VA_ARGS__) M(F, __VA_ARGS__)
#define EACH_FAB(M, ...)                                                       \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, F, __VA_ARGS__)                                                       \
    M(S, X, __VA_ARGS__)                                                       \
    M(F, S, __VA_ARGS__)                                                       \
    M(F, X, __VA_ARGS__)                                                       \
    M(X, S, __VA_ARGS__)                                                       \
    M(X, F, __VA_ARGS__)
#define EACH_ADDR(M, ...)                                                      \
    M(S, __VA_ARGS__)                                                          \
    M(A, __VA_ARGS__)                                                          \
    M(L, __VA_ARGS__)                                                          \
    M(Z, __VA_ARGS__)
#define EACH_STORE(M, ...)                                                     \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, A, __VA_ARGS__)                                                       \
    M(S, L, __VA_ARGS__)                                                       \
    M(S, K, __VA_ARGS__)                                                       \
    M(A, S, __VA_ARGS__)                                                       \
    M(A, L, __VA_ARGS__)                                                       \
    M(A, K, __VA_ARGS__)                                                       \
    M(L, S, __VA_ARGS__)                                                       \
    M(L, A, __VA_ARGS__)                                                       \
    M(L, L, __VA_ARGS__)                                                       \
    M(L, K, __VA_ARGS__)                                                       \
    M(Z, S, __VA_ARGS__)                                                       \
    M(Z, A, __VA_ARGS__)                                                       \
    M(Z, L, __VA_ARGS__)                                                       \
    M(Z, K, __VA_ARGS__)
/* Addresses that are sums: A and B, then what else there is. */
#define EACH_SUM_NO_A(M, ...)                                                  \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, L, __VA_ARGS__)                                                       \
    M(S, K, __VA_ARGS__)                                                       \
    M(L, S, __VA_ARGS__)                                                       \
    M(L, L, __VA_ARGS__)                                                       \
    M(L, K, __VA_ARGS__)
#define EACH_SUM_A(M, ...)                                                     \
    M(S, A, __VA_ARGS__)                                                       \
    M(A, S, __VA_ARGS__)                                                       \
    M(A, L, __VA_ARGS__)                                                       \
    M(A, K, __VA_ARGS__)                                                       \
    M(L, A, __VA_ARGS__)
#define EACH_ILOAD_SUM(M, ...)                                                 \
    EACH_SUM_NO_A(EACH_ISUM_D, M, __VA_ARGS__)                                 \
    EACH_SUM_A(EACH_ISUM_D, M, __VA_ARGS__)
#define EACH_ISUM_D(ka, kb, M, ...)                                            \
    M(ka, kb, S, 0, __VA_ARGS__)                                               \
    M(ka, kb, S, 1, __VA_ARGS__)                                               \
    M(ka, kb, A, 0, __VA_ARGS__)                                               \
    M(ka, kb, A, 1, __VA_ARGS__)
#define EACH_FLOAD_SUM(M, ...)                                                 \
    EACH_SUM_NO_A(EACH_FSUM_D, M, __VA_ARGS__)                                 \
    EACH_SUM_A(EACH_FSUM_D, M, __VA_ARGS__)
#define EACH_FSUM_D(ka, kb, M, ...)                                            \
    M(ka, kb, S, 0, __VA_ARGS__)                                               \
    M(ka, kb, S, 1, __VA_ARGS__)                                               \
    M(ka, kb, F, 0, __VA_ARGS__)                                               \
    M(ka, kb, F, 1, __VA_ARGS__)
#define EACH_ISTORE_SUM(M, ...)                                                \
    EACH_SUM_NO_A(EACH_SUM_V, S, M, __VA_ARGS__)                               \
    EACH_SUM_NO_A(EACH_SUM_V, L, M, __VA_ARGS__)                               \
    EACH_SUM_NO_A(EACH_SUM_V, K, M, __VA_ARGS__)                               \
    EACH_SUM_A(EACH_SUM_V, S, M, __VA_ARGS__)                                  \
    EACH_SUM_A(EACH_SUM_V, L, M, __VA_ARGS__)                                  \
    EACH_SUM_A(EACH_SUM_V, K, M, __VA_ARGS__)
#define EACH_SUM_V(ka, kb, kv, M, ...)                                         \
    M(ka, kb, kv, 0, __VA_ARGS__)                                              \
    M(ka, kb, kv, 1, __VA_ARGS__)
#define EACH_FSTORE_SUM(M, ...)                                                \
    EACH_SUM_NO_A(EACH_SUM_F, M, __VA_ARGS__)                                  \
    EACH_SUM_A(EACH_SUM_F, M, __VA_ARGS__)
#define EACH_SUM_F(ka, kb, M, ...)                                             \
    M(ka, kb, 0, __VA_ARGS__)                                                  \
    M(ka, kb, 1, __VA_ARGS__)
#define EACH_ILOAD_ANY(M, ...)                                                 \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, A, __VA_ARGS__)                                                       \
    M(A, S, __VA_ARGS__)                                                       \
    M(A, A, __VA_ARGS__)
#define EACH_FLOAD_ANY(M, ...)                                                 \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, F, __VA_ARGS__)                                                       \
    M(A, S, __VA_ARGS__)                                                       \
    M(A, F, __VA_ARGS__)
#define EACH_ISTORE_ANY(M, ...)                                                \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, A, __VA_ARGS__)                                                       \
    M(A, S, __VA_ARGS__)
#define EACH_FSTORE_ANY(M, ...) M(S, __VA_ARGS__) M(A, __VA_ARGS__)
#define EACH_VBIN(M, ...)                                                      \
    M(S, S, S, __VA_ARGS__)                                                    \
    M(S, S, F, __VA_ARGS__)                                                    \
    M(S, F, S, __VA_ARGS__)                                                    \
    M(S, F, F, __VA_ARGS__)                                                    \
    M(F, S, S, __VA_ARGS__)                                                    \
    M(F, S, F, __VA_ARGS__)
#define EACH_FMUL(M, ...) EACH_VBIN(M, __VA_ARGS__)
/* Which operand is F, then the classes. */
#define EACH_VTERN(M, ...)                                                     \
    M(0, S, S, S, S, __VA_ARGS__)                                              \
    M(0, S, S, S, F, __VA_ARGS__)                                              \
    M(1, F, S, S, S, __VA_ARGS__)                                              \
    M(1, F, S, S, F, __VA_ARGS__)                                              \
    M(2, S, F, S, S, __VA_ARGS__)                                              \
    M(2, S, F, S, F, __VA_ARGS__)                                              \
    M(3, S, S, F, S, __VA_ARGS__)                                              \
    M(3, S, S, F, F, __VA_ARGS__)
#define EACH_VSHIFT(M, ...)                                                    \
    EACH_FUN(EACH_VSHIFT_, S, M, __VA_ARGS__)                                  \
    EACH_FUN(EACH_VSHIFT_, A, M, __VA_ARGS__)                                  \
    EACH_FUN(EACH_VSHIFT_, L, M, __VA_ARGS__)                                  \
    EACH_FUN(EACH_VSHIFT_, K, M, __VA_ARGS__)
#define EACH_IREPLACE(M, ...)                                                  \
    EACH_FUN(EACH_VSHIFT_, S, M, __VA_ARGS__)                                  \
    EACH_FUN(EACH_VSHIFT_, A, M, __VA_ARGS__)                                  \
    EACH_FUN(EACH_VSHIFT_, L, M, __VA_ARGS__)
#define EACH_VSHIFT_(ka, kd, kb, M, ...) M(ka, kb, kd, __VA_ARGS__)
#define EACH_VSTORE_SUM(M, ...)                                                \
    EACH_SUM_NO_A(EACH_SUM_V, S, M, __VA_ARGS__)                               \
    EACH_SUM_NO_A(EACH_SUM_V, F, M, __VA_ARGS__)                               \
    EACH_SUM_A(EACH_SUM_V, S, M, __VA_ARGS__)                                  \
    EACH_SUM_A(EACH_SUM_V, F, M, __VA_ARGS__)
#define EACH_STEP(M, ...)                                                      \
    M(0, S, 0, __VA_ARGS__)                                                    \
    M(0, S, 1, __VA_ARGS__)                                                    \
    M(0, L, 0, __VA_ARGS__)                                                    \
    M(0, L, 1, __VA_ARGS__)                                                    \
    M(0, K, 0, __VA_ARGS__)                                                    \
    M(0, K, 1, __VA_ARGS__)                                                    \
    M(1, S, 0, __VA_ARGS__)                                                    \
    M(1, S, 1, __VA_ARGS__)                                                    \
    M(1, K, 0, __VA_ARGS__)                                                    \
    M(1, K, 1, __VA_ARGS__)
/* Objects: an array and an index, then what is written. */
#define EACH_AB(M, ...)                                                        \
    EACH_AB_NO_A(M, __VA_ARGS__)                                               \
    M(S, A, __VA_ARGS__)                                                       \
    M(L, A, __VA_ARGS__)
#define EACH_AB_NO_A(M, ...)                                                   \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, L, __VA_ARGS__)                                                       \
    M(S, K, __VA_ARGS__)                                                       \
    M(L, S, __VA_ARGS__)                                                       \
    M(L, L, __VA_ARGS__)                                                       \
    M(L, K, __VA_ARGS__)
#define EACH_AB_GET(M, ...)                                                    \
    EACH_AB(M, __VA_ARGS__)                                                    \
    M(A, S, __VA_ARGS__)                                                       \
    M(A, L, __VA_ARGS__)                                                       \
    M(A, K, __VA_ARGS__)
#define EACH_ASET(M, ...)                                                      \
    EACH_AB(EACH_ASET_V, S, M, __VA_ARGS__)                                    \
    EACH_AB(EACH_ASET_V, K, M, __VA_ARGS__)                                    \
    EACH_AB_NO_A(EACH_ASET_V, A, M, __VA_ARGS__)
#define EACH_OSET(M, ...)                                                      \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, A, __VA_ARGS__)                                                       \
    M(S, K, __VA_ARGS__)                                                       \
    M(A, S, __VA_ARGS__)                                                       \
    M(A, K, __VA_ARGS__)                                                       \
    M(L, S, __VA_ARGS__)                                                       \
    M(L, A, __VA_ARGS__)                                                       \
    M(L, K, __VA_ARGS__)
#define EACH_OFSET(M, ...) EACH_ID(M, __VA_ARGS__)
#define EACH_AFSET(M, ...) EACH_AB(M, __VA_ARGS__)
#else
/* Fused forms exist for speed alone. */
#define EACH_ILOAD_SUM(M, ...)
#define EACH_FLOAD_SUM(M, ...)
#define EACH_ISTORE_SUM(M, ...)
#define EACH_FSTORE_SUM(M, ...)
#define EACH_ILOAD_ANY(M, ...)  M(S, S, __VA_ARGS__)
#define EACH_FLOAD_ANY(M, ...)  M(S, S, __VA_ARGS__)
#define EACH_ISTORE_ANY(M, ...) M(S, S, __VA_ARGS__)
#define EACH_FSTORE_ANY(M, ...)
#define EACH_VSTORE_SUM(M, ...)
#define EACH_FMUL(M, ...)
#define EACH_STEP(M, ...)
#define EACH_VBIN(M, ...)           M(S, S, S, __VA_ARGS__)
#define EACH_VTERN(M, ...)          M(0, S, S, S, S, __VA_ARGS__)
#define EACH_VSHIFT(M, ...)         M(S, S, S, __VA_ARGS__) M(S, K, S, __VA_ARGS__)
#define EACH_IREPLACE(M, ...)       M(S, S, S, __VA_ARGS__)
#define EACH_ID(M, ...)             M(S, __VA_ARGS__)
#define EACH_IBIN_D(M, ka, kb, ...) M(ka, kb, S, __VA_ARGS__)
#define EACH_IAB(M, ...)                                                       \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, K, __VA_ARGS__)                                                       \
    M(S, X, __VA_ARGS__)
#define EACH_FD(M, ...) M(S, __VA_ARGS__)
#define EACH_FAB(M, ...)                                                       \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, X, __VA_ARGS__)                                                       \
    M(X, S, __VA_ARGS__)
#define EACH_ADDR(M, ...) M(S, __VA_ARGS__) M(Z, __VA_ARGS__)
#define EACH_STORE(M, ...)                                                     \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, K, __VA_ARGS__)                                                       \
    M(Z, S, __VA_ARGS__)                                                       \
    M(Z, K, __VA_ARGS__)
#define EACH_AB(M, ...)     M(S, S, __VA_ARGS__) M(S, K, __VA_ARGS__)
#define EACH_AB_GET(M, ...) EACH_AB(M, __VA_ARGS__)
#define EACH_ASET(M, ...)                                                      \
    EACH_AB(EACH_ASET_V, S, M, __VA_ARGS__)                                    \
    EACH_AB(EACH_ASET_V, K, M, __VA_ARGS__)
#define EACH_OSET(M, ...) M(S, S, __VA_ARGS__) M(S, K, __VA_ARGS__)
#define EACH_OFSET(M, ...)
#define EACH_AFSET(M, ...)
#endif

/* Shapes.  Each list has an inner macro per free choice. */
#define EACH_IBIN(M, ...)          EACH_IAB(EACH_IBIN_, M, __VA_ARGS__)
#define EACH_IBIN_(ka, kb, M, ...) EACH_IBIN_D(M, ka, kb, __VA_ARGS__)

#define EACH_ICMP_BR(M, ...) EACH_IAB(EACH_ICMP_BR_, M, __VA_ARGS__)
#define EACH_ICMP_BR_(ka, kb, M, ...)                                          \
    M(ka, kb, 0, __VA_ARGS__)                                                  \
    M(ka, kb, 1, __VA_ARGS__)

#define EACH_IUN(M, ...)                                                       \
    EACH_ID(EACH_IUN_S, M, __VA_ARGS__)                                        \
    EACH_IUN_MORE(M, __VA_ARGS__)
#define EACH_IUN_S(kd, M, ...) M(S, kd, __VA_ARGS__)
#if WRT_INTERP_TAIL
#define EACH_IUN_MORE(M, ...)                                                  \
    M(A, S, __VA_ARGS__)                                                       \
    M(A, A, __VA_ARGS__)                                                       \
    M(A, L, __VA_ARGS__)                                                       \
    M(L, S, __VA_ARGS__)                                                       \
    M(L, A, __VA_ARGS__)                                                       \
    M(L, L, __VA_ARGS__)
#else
#define EACH_IUN_MORE(M, ...)
#endif

#define EACH_FBIN(M, ...)          EACH_FAB(EACH_FBIN_, M, __VA_ARGS__)
#define EACH_FBIN_(ka, kb, M, ...) EACH_FBIN_D(M, ka, kb, __VA_ARGS__)
#if WRT_INTERP_TAIL
#define EACH_FBIN_D(M, ka, kb, ...)                                            \
    M(ka, kb, S, __VA_ARGS__)                                                  \
    M(ka, kb, F, __VA_ARGS__)
#define EACH_FUN(M, ...)                                                       \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, F, __VA_ARGS__)                                                       \
    M(F, S, __VA_ARGS__)                                                       \
    M(F, F, __VA_ARGS__)
#define EACH_I2F(M, ...)                                                       \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, F, __VA_ARGS__)                                                       \
    M(A, S, __VA_ARGS__)                                                       \
    M(A, F, __VA_ARGS__)                                                       \
    M(L, S, __VA_ARGS__)                                                       \
    M(L, F, __VA_ARGS__)
#define EACH_F2I(M, ...)                                                       \
    M(S, S, __VA_ARGS__)                                                       \
    M(S, A, __VA_ARGS__)                                                       \
    M(S, L, __VA_ARGS__)                                                       \
    M(F, S, __VA_ARGS__)                                                       \
    M(F, A, __VA_ARGS__)                                                       \
    M(F, L, __VA_ARGS__)
#else
#define EACH_FBIN_D(M, ka, kb, ...) M(ka, kb, S, __VA_ARGS__)
#define EACH_FUN(M, ...)            M(S, S, __VA_ARGS__)
#define EACH_I2F(M, ...)            M(S, S, __VA_ARGS__)
#define EACH_F2I(M, ...)            M(S, S, __VA_ARGS__)
#endif

#define EACH_FCMP(M, ...) EACH_FAB(EACH_FCMP_, M, __VA_ARGS__)
#define EACH_FCMP_(ka, kb, M, ...)                                             \
    EACH_ID(EACH_FCMP_D, M, ka, kb, 0, __VA_ARGS__)                            \
    EACH_ID(EACH_FCMP_D, M, ka, kb, 1, __VA_ARGS__)
#define EACH_FCMP_D(kd, M, ka, kb, neg, ...) M(ka, kb, neg, kd, __VA_ARGS__)

#define EACH_FCMP_BR(M, ...) EACH_FAB(EACH_FCMP_BR_, M, __VA_ARGS__)
#define EACH_FCMP_BR_(ka, kb, M, ...)                                          \
    M(ka, kb, 0, 0, __VA_ARGS__)                                               \
    M(ka, kb, 0, 1, __VA_ARGS__)                                               \
    M(ka, kb, 1, 0, __VA_ARGS__)                                               \
    M(ka, kb, 1, 1, __VA_ARGS__)

/* wide x guarded; the address class outermost. */
#define EACH_MODE(M, ...)                                                      \
    M(0, 0, __VA_ARGS__)                                                       \
    M(0, 1, __VA_ARGS__)                                                       \
    M(1, 0, __VA_ARGS__)                                                       \
    M(1, 1, __VA_ARGS__)
#define EACH_ILOAD(M, ...)      EACH_ADDR(EACH_ILOAD_, M, __VA_ARGS__)
#define EACH_ILOAD_(ka, M, ...) EACH_ID(EACH_LOAD_D, ka, M, __VA_ARGS__)
#define EACH_FLOAD(M, ...)      EACH_ADDR(EACH_FLOAD_, M, __VA_ARGS__)
#define EACH_FLOAD_(ka, M, ...) EACH_FD(EACH_LOAD_D, ka, M, __VA_ARGS__)
#define EACH_LOAD_D(kd, ka, M, ...)                                            \
    EACH_MODE(EACH_LOAD_M, ka, kd, M, __VA_ARGS__)
#define EACH_LOAD_M(wide, guarded, ka, kd, M, ...)                             \
    M(ka, kd, wide, guarded, __VA_ARGS__)
#define EACH_ISTORE(M, ...) EACH_STORE(EACH_ISTORE_, M, __VA_ARGS__)
#define EACH_ISTORE_(ka, kv, M, ...)                                           \
    EACH_MODE(EACH_LOAD_M, ka, kv, M, __VA_ARGS__)
#define EACH_FSTORE(M, ...)      EACH_ADDR(EACH_FSTORE_, M, __VA_ARGS__)
#define EACH_FSTORE_(ka, M, ...) EACH_MODE(EACH_FSTORE_M, ka, M, __VA_ARGS__)
#define EACH_FSTORE_M(wide, guarded, ka, M, ...)                               \
    M(ka, wide, guarded, __VA_ARGS__)
/* Vectors: as floats of the same arity. */
#define EACH_VUN(M, ...)         EACH_FUN(M, __VA_ARGS__)
#define EACH_VTEST(M, ...)       EACH_F2I(M, __VA_ARGS__)
#define EACH_ISPLAT(M, ...)      EACH_I2F(M, __VA_ARGS__)
#define EACH_FSPLAT(M, ...)      EACH_FUN(M, __VA_ARGS__)
#define EACH_IEXTRACT(M, ...)    EACH_ID(M, __VA_ARGS__)
#define EACH_FEXTRACT(M, ...)    EACH_FD(M, __VA_ARGS__)
#define EACH_VLOAD(M, ...)       EACH_FLOAD(M, __VA_ARGS__)
#define EACH_VLOAD_SUM(M, ...)   EACH_FLOAD_SUM(M, __VA_ARGS__)
#define EACH_VSTORE(M, ...)      EACH_ADDR(EACH_VSTORE_, M, __VA_ARGS__)
#define EACH_VSTORE_(ka, M, ...) EACH_FD(EACH_LOAD_D, ka, M, __VA_ARGS__)
#define EACH_VLOAD64(M, ...)     EACH_FLOAD64(M, __VA_ARGS__)
#define EACH_VSTORE64(M, ...)    EACH_FLOAD64(M, __VA_ARGS__)
#define EACH_VLOAD_ANY(M, ...)   EACH_FLOAD_ANY(M, __VA_ARGS__)
#define EACH_VSTORE_ANY(M, ...)  EACH_FLOAD_ANY(M, __VA_ARGS__)

#define EACH_AGET(M, ...)               EACH_AB_GET(EACH_AGET_, M, __VA_ARGS__)
#define EACH_AGET_(ka, kb, M, ...)      EACH_ID(EACH_AGET_D, ka, kb, M, __VA_ARGS__)
#define EACH_AGET_D(kd, ka, kb, M, ...) M(ka, kb, kd, __VA_ARGS__)
#define EACH_AFGET(M, ...)              EACH_AB_GET(EACH_AFGET_, M, __VA_ARGS__)
#define EACH_AFGET_(ka, kb, M, ...)     EACH_FD(EACH_AGET_D, ka, kb, M, __VA_ARGS__)
#define EACH_ASET_V(ka, kb, kv, M, ...) M(ka, kb, kv, __VA_ARGS__)
#define EACH_CAST_BR(M, ...)            EACH_ID(EACH_CAST_BR_, M, __VA_ARGS__)
#define EACH_CAST_BR_(ka, M, ...)                                              \
    M(ka, 0, 0, __VA_ARGS__)                                                   \
    M(ka, 0, 1, __VA_ARGS__)                                                   \
    M(ka, 1, 0, __VA_ARGS__)                                                   \
    M(ka, 1, 1, __VA_ARGS__)

/* With 64-bit indices there are no guards: only wide. */
#define EACH_ILOAD64(M, ...)      EACH_ADDR(EACH_ILOAD64_, M, __VA_ARGS__)
#define EACH_ILOAD64_(ka, M, ...) EACH_ID(EACH_LOAD64_D, ka, M, __VA_ARGS__)
#define EACH_FLOAD64(M, ...)      EACH_ADDR(EACH_FLOAD64_, M, __VA_ARGS__)
#define EACH_FLOAD64_(ka, M, ...) EACH_FD(EACH_LOAD64_D, ka, M, __VA_ARGS__)
#define EACH_LOAD64_D(kd, ka, M, ...)                                          \
    M(ka, kd, 0, __VA_ARGS__)                                                  \
    M(ka, kd, 1, __VA_ARGS__)
#define EACH_ISTORE64(M, ...) EACH_STORE(EACH_ISTORE64_, M, __VA_ARGS__)
#define EACH_ISTORE64_(ka, kv, M, ...)                                         \
    M(ka, kv, 0, __VA_ARGS__)                                                  \
    M(ka, kv, 1, __VA_ARGS__)
#define EACH_FSTORE64(M, ...) EACH_ADDR(EACH_FSTORE64_, M, __VA_ARGS__)
#define EACH_FSTORE64_(ka, M, ...)                                             \
    M(ka, 0, __VA_ARGS__)                                                      \
    M(ka, 1, __VA_ARGS__)

#endif
