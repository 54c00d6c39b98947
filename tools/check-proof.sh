#!/bin/sh
# usage: check-proof.sh [TEXT]
#
# Proves that the isolation checker finds bugs of the compiler: plants one at a
# time in a copy of the tree (only those with TEXT in "BOUNDS: DESCRIPTION"),
# compiles tests/jit/check.wast, and requires that the checker refuses code, in
# the mode of bounds named beside it.  A script that fails in another way does
# not count.
only=${1:-}
. "$(dirname "$0")/plant.sh"

build() {
    (cd "$dir/tree" && make -j"$jobs" V=debug WERROR= CI= cli) >"$dir/log" 2>&1
}

run() { # BOUNDS
    (cd "$dir/tree" && timeout 60 build/debug-*/wasmrt wast --engine=jit \
        --compile=eager --bounds="$1" --jit-check tests/jit/check.wast) \
        >"$dir/log" 2>&1
}

prepare() {
    # shellcheck disable=SC2086
    copy_tree Makefile $product tests tools examples
    if ! build || ! run auto || ! run check; then
        echo "FAIL check-proof: the script fails without any bug"
        tail -20 "$dir/log"
        exit 1
    fi
}

finds() { # BOUNDS
    build || { echo "it does not compile" && return 1; }
    run "$1" || true
    grep -q 'machine code is refused' "$dir/log" ||
        { echo "the checker did not find it" && return 1; }
    grep -o 'refused: .*' "$dir/log" | head -1 | sed 's/.*+0x[0-9a-f]*: //;s/".*//'
}

plant check "no comparison with the limit" jit/mem.c \
    '/jit_m_compare(a, true, at, jit_reg_operand(limit));/d'
plant check "no mask behind a bounds check" jit/mem.c \
    '/jit_m_select(a, JIT_GT_U, true, at, limit);/d'
plant check "a limit one byte too far" jit/mem.c \
    's/jit_m_alu(a, JIT_SUB, true, limit, limit, jit_imm_operand((int32_t)bytes))/jit_m_alu(a, JIT_SUB, true, limit, limit, jit_imm_operand((int32_t)bytes - 1))/'
plant check "a length that may be too short" jit/mem.c \
    '/jit_trap_if(j, JIT_LT_U, WASMRT_ERR_MEMORY_OOB);/d'
plant check "the old base after memory.grow" jit/call.c \
    's/if (arg & EMIT_GROWS)/if (false)/'
plant auto "a local of 32 bits that comes back as 64" jit/params.c \
    's/\[WRT_KIND_I32\] = JIT_LOAD_U32/[WRT_KIND_I32] = JIT_LOAD_U64/'
plant auto "no zero-extension where 64 bits become 32" jit/int.c \
    's/jit_m_move(jit_code(j), false, dst, src);/jit_m_move(jit_code(j), true, dst, src);/'
plant auto "an offset that counts downwards" jit/mem.c \
    's/p->mem.disp = (int32_t)offset;/p->mem.disp = -(int32_t)offset;/'
plant auto "a table that is not asked for its size" jit/call.c \
    '/jit_trap_if(j, JIT_GE_U, code);/d'
plant auto "no mask behind the check of a table" jit/call.c \
    '/jit_m_select(a, JIT_GE_U, true, at, zero);/d'
plant auto "elements of half their size" jit/call.c \
    's/jit_m_load_scaled(jit_code(j), index->reg, elems, index->reg, 3);/jit_m_load_scaled(jit_code(j), index->reg, elems, index->reg, 2);/'
plant auto "a call of what may be null" jit/call.c \
    '/jit_trap_if(j, JIT_EQ, WASMRT_ERR_UNINITIALIZED_ELEMENT);/d'
plant auto "a call without a check of the type" jit/call.c \
    's/jit_trap_if(j, JIT_NE, WASMRT_ERR_INDIRECT_CALL_TYPE);/(void)0;/'
plant auto "a function called by another number" jit/call.c \
    's/jit_m_const(a, jit_target.scratch, func_idx);/jit_m_const(a, jit_target.scratch, func_idx + 1);/'
plant auto "a jump table without a bound" jit/control.c \
    '/jit_m_select(a, JIT_GT_U, false, index, limit);/d'
plant auto "a loop that begins a byte later" jit/x64/masm.c \
    's/x64_byte(a, distance);/x64_byte(a, distance + 1);/'
plant auto "a frame that is 8 bytes short" jit/compile.c \
    's/jit_m_enter_frame(a, j->frame_bytes);/jit_m_enter_frame(a, j->frame_bytes - 8);/'
plant auto "a global beyond the last one" jit/var.c \
    's/16 \* (int64_t)(global - nimported)/16 * (int64_t)(global - nimported + 1)/'
plant auto "registers that callees do not restore" jit/compile.c \
    's/save_registers(j, true);/save_registers(j, j->used == 0);/'
plant auto "an argument of 32 bits that keeps its upper half" jit/operand.c \
    's/jit_m_move(a, jit_is_64((enum wrt_kind)v->kind), dst, src);/jit_m_lea(a, dst, (struct jit_mem){src, JIT_NO_REG, 1});/'
plant auto "a landing without its frame" jit/try.c \
    '/jit_m_lea(jit_code(j), jit_target.stack,/{N;d;}'
plant auto "the old base at a landing" jit/try.c '/^    jit_reload_memory(j);/d'
plant auto "a landing beside its code" jit/try.c \
    's/clause->landing = jit_pos(j);/clause->landing = jit_pos(j) + 1;/'
plant auto "an exception that lands where registers are saved" jit/try.c \
    's/\.payload = jit_slot_number(j, slot)\.disp,/.payload = -16,/'
plant auto "a register that unwinding does not find" jit/compile.c \
    's/\.saved = (uint32_t)j->used}/.saved = (uint32_t)(j->used \& (j->used - 1))}/'
plant auto "results of C where registers are saved" jit/assign.c \
    's/j->slots_at = j->frame_bytes;/j->slots_at = 8;/'
plant check "no mask behind the bounds check of an atomic access" jit/mem.c \
    's/return find(j, index, bytes, true);/return find(j, index, bytes, false);/'
plant auto "an addition that is not locked" jit/x64/masm.c \
    's/if (op != 0x86)/if (op == 0x86)/'
plant auto "a copy that reads below its source" jit/bulk.c \
    's/jit_target.memory, index, (int32_t)p->at\[i\]/jit_target.memory, index, (int32_t)p->at[i] - 64/'
plant auto "a field of what may be null" jit/object.c \
    '/jit_trap_if(j, JIT_EQ, code);/d'
plant auto "a field beside its place" jit/object.c \
    's/jit_mem_at(src, field->offset), 0);/jit_mem_at(src, field->offset + 4), 0);/'
plant auto "an index that is not compared with an array" jit/object.c \
    '/jit_trap_if(j, JIT_GE_U, WASMRT_ERR_ARRAY_OOB);/d'
plant auto "an index compared with another field" jit/object.c \
    's/\.mem = jit_mem_at(array, offsetof(struct wrt_object, len))/.mem = jit_mem_at(array, 0)/'
plant auto "no mask behind the check of an array" jit/object.c \
    's/jit_m_mask_below(a, masked, index);/jit_m_move(a, false, masked, index);/'
plant auto "elements at twice their distance" jit/object.c \
    's/(unsigned)__builtin_ctz(wrt_field_bytes(element_type(j)))/1 + &/'
plant auto "an object where there is no room" jit/object.c \
    's/late.place = jit_m_branch(a, JIT_GT_U, &late.second);/late.place = jit_m_branch(a, JIT_EQ, \&late.second);/'
plant auto "an object that is longer than its room" jit/object.c \
    's/JIT_STORE_32, (int32_t)m->len,/JIT_STORE_32, (int32_t)m->len + 8,/'
plant auto "a field behind its object" jit/object.c \
    's/(int64_t)field->offset - (int64_t)m.size_bytes;/(int64_t)field->offset;/'
plant auto "an object of C that is smaller" jit/object.c \
    's/jit_mem_at(jit_target.scratch, late->price)/jit_mem_at(jit_target.scratch, late->price + 8)/'
plant auto "a header read through what may be i31" jit/cast.c \
    '/jit_trap_if(j, JIT_NE, WASMRT_ERR_CAST_FAILURE);/d'
plant auto "a type by an id of 32 bits" jit/cast.c \
    '/jit_m_alu(a, JIT_AND, false, id, id, jit_imm_operand(WRT_OBJECT_ID_MASK));/d'
plant auto "a supertype beyond the last one" jit/cast.c \
    's/(int64_t)sizeof(uint32_t) \* t->depth;/(int64_t)sizeof(uint32_t) * (t->depth + 8);/'
plant auto "a byte of an instruction that is none" jit/x64/encode.c \
    's/x64_byte(a, 0xc4);/x64_byte(a, 0xc5);/'

report
