# Garbage of all sizes and in rings, much more than the heap may hold; all that is
# alive keeps its bytes.  `make gc-churn` does the same for 10 GB.
copy: churn.wat
cmd: wasmrt run --max-gc-heap=64M --stats --invoke=churn churn.wat 256
stdout: 32146 : i32
stderr~:
allocated objects
heap of objects
live objects
collections

# Smaller than what is alive.
cmd: wasmrt run --max-gc-heap=8M --invoke=churn churn.wat 256
stderr~:
wasmrt: churn.wat: trap: managed heap exhausted: 
    at func[2] new
  hint: --max-gc-heap=SIZE sets the limit
exit: 134

# The limit is exact, and the error says what was asked for, what is there, and
# where.
cmd: wasmrt run --max-gc-heap=1M --invoke=leak churn.wat
stderr:
wasmrt: churn.wat: trap: managed heap exhausted: 56 bytes needed, 1048576 of 1048576 in use
    at func[2] new+0x12 (0xe3)
    at func[7] leak+0xd (0x221)
  hint: --max-gc-heap=SIZE sets the limit
exit: 134

file: huge.wat
(module (type $a (array i64))
  (func (export "f") (param i32) (drop (array.new_default $a (local.get 0)))))
cmd: wasmrt run --invoke=f huge.wat 1000
cmd: wasmrt run --invoke=f huge.wat 4294967295
stderr~:
wasmrt: huge.wat: trap: managed heap exhausted: 34359738368 bytes needed, 0 of 4294934528 in use
exit: 134
cmd: wasmrt run --max-gc-heap=0 --invoke=f huge.wat 1
stderr~:
wasmrt: huge.wat: trap: managed heap exhausted: 16 bytes needed, 0 of 0 in use
exit: 134

# A collection at each allocation.
cmd: wasmrt run --gc-stress --max-gc-heap=2M --stats --invoke=f huge.wat 1000
stderr~:
collections                         1 in
