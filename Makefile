# wasmrt: build, test, check, install.  GNU make, no configure step.
#
#   make                    the CLI and the library, optimised
#   make test V=asan        any target in another variant; see `make help`
#   make test T=leb         only the tests whose name contains "leb"
#   make CC=gcc             another compiler; a cross compiler runs under qemu
#   make V=pgo install      as a package should be built: with a profile (clang)
#
# Objects live in build/<variant>-<compiler>-<isa>, so builds never disturb each
# other.  Only the default one (release, preferred compiler, this machine)
# updates build/wasmrt and build/libwasmrt.*.

# -- Settings -----------------------------------------------------------------

V       ?= release#     release pgo loop debug asan ubsan tsan fuzz cov
JIT     ?= 1#           0 leaves the native backend out
FFI     ?= 1#           0 leaves native calls, and so libffi, out
ENGINE  ?= auto#        engine the tests run with: auto interp jit
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
# BOUNDS  how the tests confine guest memory: auto guard check
T       ?=#             substring of the tests to run
N       ?= 60#          seconds per fuzz target
F       ?=#             one fuzz target instead of all

DEFAULT_CC := $(if $(shell command -v clang-19),clang-19,gcc)
ifeq ($(origin CC),default)
CC := $(DEFAULT_CC)
endif
WASM_CC ?= clang-19
HOST_CC ?= $(DEFAULT_CC)

TESTSUITE_COMMIT := 193e551f

VERSION := $(or $(shell sed -n 's/^.define WASMRT_VERSION  *"\(.*\)"/\1/p' \
                  include/wasmrt/version.h 2>/dev/null),0.1.0)
SOVERSION := $(or $(shell sed -n 's/^.define WASMRT_ABI_VERSION  *//p' \
                  include/wasmrt/version.h),0)

# -- Where things are built ---------------------------------------------------

V        := $(strip $(V))
CCNAME   := $(notdir $(firstword $(filter-out %ccache,$(CC))))
MACHINE  := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
NATIVE   := $(shell uname -m)
isa_of    = $(patsubst riscv64,rv64,$(patsubst aarch64,a64,$(1:x86_64=x64)))
ISA      := $(call isa_of,$(MACHINE))
B        := build/$(V)-$(lastword $(subst -gnu-, ,$(CCNAME)))-$(ISA)

CLI      := $(B)/wasmrt
SHIM     := $(B)/containerd-shim-wasmrt-v1
LIB_A    := $(B)/libwasmrt.a
LIB_SO   := $(B)/libwasmrt.so
STABLE   := $(filter release-$(DEFAULT_CC)-$(NATIVE),$(V)-$(CC)-$(MACHINE))

# Foreign binaries run under qemu's user mode when it is installed.
# There, bounds checks replace guard pages: 8 GiB reservations are slow in it.
RUNNER   ?= $(if $(filter-out $(NATIVE),$(MACHINE)),qemu-$(MACHINE))
BOUNDS   ?= $(if $(RUNNER),check,auto)

# -- Sources: whatever is in the folders --------------------------------------

LIB_DIRS := $(addprefix runtime/,base module text store interp api) wasi
LIB_SRC  := $(wildcard $(LIB_DIRS:%=%/*.c))
HAS_JIT  := $(if $(filter 0,$(JIT)),,$(wildcard jit/$(ISA)/*.c))
ifneq ($(HAS_JIT),)
# Compiled as parts of another file, for speed.
PARTS    := $(shell sed -n 's/^.include "\(.*\.c\)"$$/\1/p' jit/$(ISA)/hot.c)
LIB_SRC  := $(filter-out runtime/api/backends_interp.c,$(LIB_SRC)) \
            $(filter-out $(PARTS),$(wildcard jit/*.c jit/$(ISA)/*.c jit/check/*.c))
endif
# Native calls need libffi for this machine; otherwise the library refuses them.
HAS_FFI  := $(if $(filter 0,$(FFI)),,$(shell [ $(MACHINE) = $(NATIVE) ] && \
              pkg-config --exists libffi 2>/dev/null && echo yes))
LIB_SRC  := $(filter-out runtime/api/native_$(if $(HAS_FFI),none,ffi).c,$(LIB_SRC))
# The server needs libuv; without it, `wasmrt serve` says so.
SERVE_OK  := $(shell pkg-config --exists libuv 2>/dev/null && \
               [ $(MACHINE) = $(NATIVE) ] && echo yes)
SERVE_SRC := $(if $(SERVE_OK),$(filter-out serve/absent.c,$(wildcard \
               serve/*.c)),$(wildcard serve/absent.c))
CLI_SRC  := $(wildcard cli/*.c spectest/*.c) $(SERVE_SRC)
# The containerd shim is Linux only and needs libraries; `make shim` says which
# are missing.
SHIM_PKGS := libuv libprotobuf-c json-c libseccomp libcap
SHIM_OK  := $(shell pkg-config --exists $(SHIM_PKGS) 2>/dev/null && \
              command -v protoc-c >/dev/null && [ $(MACHINE) = $(NATIVE) ] && echo yes)
SHIM_SRC := $(wildcard shim/*.c)
SHIM_PROTO := $(wildcard shim/proto/*.proto)
TLIB_SRC := $(wildcard tests/lib/*.c)
SUITES   := $(filter-out $(if $(SHIM_OK),,shim) $(if $(SERVE_OK),,serve) $(if $(HAS_JIT),,jit),$(sort \
              $(patsubst tests/%/,%,$(dir $(wildcard tests/*/test_*.c)))))
CASE_DIRS := $(filter-out $(if $(HAS_JIT),,tests/jit),$(sort $(patsubst %/,%,$(dir $(wildcard tests/*/*.t)))))
# Of the examples, two need libuv and one native calls.
HAS_UV   := $(if $(RUNNER),,$(shell pkg-config --exists libuv 2>/dev/null && echo yes))
EXAMPLES := $(filter-out $(if $(HAS_UV),,%/tasks %/server) $(if $(HAS_FFI),,%/native), \
              $(patsubst %.c,$(B)/%,$(wildcard examples/*.c)))
PROGRAMS := $(patsubst %.c,build/wasm/%.wasm,$(wildcard tests/programs/*.c))
# Where Debian's rustc has its library for WASI.
ifneq ($(wildcard /usr/lib/rustlib/wasm32-wasi/lib/libstd-*.rlib),)
PROGRAMS += $(patsubst %.rs,build/wasm/%.wasm,$(wildcard tests/programs/*.rs))
endif
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
ALL_SRC   = $(LIB_SRC) $(PARTS) $(CLI_SRC) $(if $(SHIM_OK),$(SHIM_SRC)) $(TLIB_SRC) $(wildcard tests/*/test_*.c)

obj       = $(patsubst %.c,$(B)/%.o,$(1))
suite_obj = $(call obj,$(wildcard tests/$(1)/*.c) $(TLIB_SRC))

# -- Flags --------------------------------------------------------------------

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wpointer-arith -Wvla -Wundef -Wwrite-strings -Wconversion
ifneq ($(filter 1 true,$(WERROR) $(CI)),)
WARN += -Werror
endif

SAN_debug     := -DWRT_DEBUG=1 -g
FLAGS_release := -O2 -DNDEBUG -g
# With the profile of a build that counts (V=train) and compiles the modules of
# bench/wasm; it is made when it is not there.  For clang.
FLAGS_train   := $(FLAGS_release) -fprofile-instr-generate
PROFILE       := $(B:build/pgo-%=build/train-%)/wasmrt.profdata
FLAGS_pgo     := $(FLAGS_release) -fprofile-instr-use=$(PROFILE) \
                 -Wno-profile-instr-unprofiled -Wno-profile-instr-out-of-date
# What is profiled is optimised across files as well, when a program or library of
# ours is linked; the objects are whole for anyone else.
ifeq ($(V),pgo)
WHOLE         := -flto -ffat-lto-objects
WHOLE_LDFLAGS := $(WHOLE) -fuse-ld=lld -Wl,-mllvm,-inline-threshold=500
endif
FLAGS_loop    := -O2 -DNDEBUG -g -DWRT_INTERP_LOOP=1
FLAGS_debug   := -O0 $(SAN_debug)
FLAGS_asan    := -O1 $(SAN_debug) -fsanitize=address -fno-omit-frame-pointer
FLAGS_ubsan   := -O1 $(SAN_debug) -fsanitize=undefined -fno-sanitize-recover=all
FLAGS_tsan    := -O1 $(SAN_debug) -fsanitize=thread
FLAGS_fuzz    := -O1 $(SAN_debug) -fsanitize=address,fuzzer-no-link \
                 -DWRT_FUZZ=1 -fno-omit-frame-pointer
FLAGS_cov     := -O1 $(SAN_debug) $(if $(findstring clang,$(CCNAME)), \
                 -fprofile-instr-generate -fcoverage-mapping,--coverage)
ifeq ($(origin FLAGS_$(V)),undefined)
$(error V=$(V) is not one of release pgo train loop debug asan ubsan tsan fuzz cov)
endif

ifneq ($(filter pgo train,$(V)),)
ifeq ($(findstring clang,$(CCNAME)),)
$(error V=$(V) needs clang, lld and llvm-profdata)
endif
endif

# Floating-point results are part of the WebAssembly specification, so the
# compiler must not contract a * b + c.
ALL_CFLAGS = -std=c11 $(WARN) -fvisibility=hidden -fPIC -ffp-contract=off \
             $(FLAGS_$(V)) $(CFLAGS)
# gcc 12 for riscv64, which has no vectors, vectorises the upper halves of
# 16-bit products into the upper half of one 64-bit product.
ALL_CFLAGS += $(if $(filter rv64,$(ISA)),-fno-tree-vectorize)
ALL_CPPFLAGS = -I. -Iinclude $(CPPFLAGS)

# The handlers of the interpreter are tail calls; a prologue of any kind in each
# of them is what these flags keep out.
INTERP_FLAGS ?= -fno-stack-protector -fomit-frame-pointer -fno-math-errno \
                $(if $(filter x64,$(ISA)),-fcf-protection=none -fno-plt)
$(B)/runtime/interp/%.o: EXTRA = $(INTERP_FLAGS)
# And each is as straight as it can be: a profile has nothing to say.
$(B)/runtime/interp/run%.o: EXTRA = $(INTERP_FLAGS) \
  $(if $(filter train pgo,$(V)),-fno-profile-instr-generate -fno-profile-instr-use)

$(B)/runtime/base/%.o $(B)/runtime/module/%.o $(B)/jit/%.o: LTO = $(WHOLE)

# A static position-independent executable starts about twice as fast as a
# dynamic one.  Sanitizers need the dynamic kind.  Where the C library of another
# ISA cannot do it, a plain static one spares the emulator a look for libraries.
RCRT := $(wildcard $(shell $(CC) -print-file-name=rcrt1.o))
EXE_LDFLAGS = $(if $(filter release pgo loop debug,$(V)),$(or $(RCRT:%=-static-pie$(RELR)), \
              $(if $(RUNNER),-static,-pie)),-pie)
# A bitmap of the places to relocate: a twentieth of the list, and read faster.
RELR      = $(if $(filter x64,$(ISA)), -Wl$(,)-z$(,)pack-relative-relocs)
# gcc for riscv64 has atomics of one and two bytes there.
LDLIBS   += $(if $(HAS_FFI),-lffi) -lpthread -lm $(if $(filter rv64,$(ISA)),-latomic)
COMPILE   = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LTO) $(EXTRA)
LINK      = $(CC) $(FLAGS_$(V)) $(CFLAGS) $(LDFLAGS)
SAY       = @$(if $(VERBOSE),,printf '%-5s %s\n' $(1) $(2);)
Q         = $(if $(VERBOSE),,@)

# -- Building -----------------------------------------------------------------

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: all lib cli shim FORCE

all: lib cli $(if $(SHIM_OK),shim) ## library, command line tool, shim where it can be built (default)

lib: $(LIB_A) $(LIB_SO) $(if $(STABLE),build/libwasmrt.a build/libwasmrt.so) ## libwasmrt.a, libwasmrt.so

cli: $(if $(CLI_SRC),$(CLI) $(if $(STABLE),build/wasmrt)) ## the command line tool: build/wasmrt

$(B)/%.o: %.c $(B)/.flags
	@mkdir -p $(@D)
	$(call SAY,CC,$<)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

ifeq ($(V),pgo)
$(B)/.flags: $(PROFILE)
$(PROFILE):
	$(Q)$(MAKE) --no-print-directory V=train $@
endif
ifeq ($(V),train)
TRAINER := $(B)/bench/compiling/ours
$(TRAINER).o: EXTRA = -D_GNU_SOURCE
$(TRAINER): $(TRAINER).o $(LIB_A)
	$(Q)$(LINK) -o $@ $^ $(LDLIBS)
$(PROFILE): $(TRAINER)
	$(Q)sh tools/train.sh $< $@
endif

# Holds the command that built the objects; a change rebuilds them.
$(B)/.flags: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE) $(INTERP_FLAGS)' | cmp -s - $@ || \
	 echo '$(COMPILE) $(INTERP_FLAGS)' >$@
FORCE:

# Holds the list of objects, so that removing a source file relinks as well.
$(B)/.objects: FORCE
	@mkdir -p $(@D)
	@echo '$(LIB_SRC) $(CLI_SRC) $(SHIM_SRC)' | cmp -s - $@ || \
	 echo '$(LIB_SRC) $(CLI_SRC) $(SHIM_SRC)' >$@

$(LIB_A): $(call obj,$(LIB_SRC)) $(B)/.objects
	$(call SAY,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

# nodelete: the handler of memory faults stays installed after dlclose().
$(LIB_SO): $(call obj,$(LIB_SRC)) $(B)/.objects runtime/exports.map
	$(call SAY,LD,$@)
	$(Q)$(LINK) $(WHOLE_LDFLAGS) -shared -Wl,-soname,libwasmrt.so.$(SOVERSION) \
	  -Wl,--version-script=runtime/exports.map -Wl,-z,relro,-z,now,-z,nodelete \
	  $(if $(filter release pgo debug,$(V)),-Wl$(,)-z$(,)defs) \
	  -o $@ $(filter %.o,$^) $(LDLIBS)
, := ,

# What the unit tests of the command line tool link.
CLI_A := $(B)/cli.a
$(CLI_A): $(call obj,$(filter-out cli/main.c,$(CLI_SRC))) $(B)/.objects
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(CLI): $(call obj,$(CLI_SRC)) $(LIB_A)
	$(call SAY,LD,$@)
	$(Q)$(LINK) $(WHOLE_LDFLAGS) $(EXE_LDFLAGS) $(UV_NOWARN) -o $@ \
	  $(filter %.o %.a,$^) $(SERVE_LIBS) $(LDLIBS)

# libuv is linked statically where the rest is.
UV_STATIC = $(if $(findstring -static-pie,$(EXE_LDFLAGS)),$(shell \
  pkg-config --exists libuv-static && echo yes))
# The linker's warnings about name services in static programs: libuv has calls
# for them that nobody makes.
UV_NOWARN = $(if $(UV_STATIC),-Wl$(,)--no-warnings)
SERVE_LIBS = $(if $(SERVE_OK),$(shell pkg-config --libs \
  $(if $(UV_STATIC),libuv-static,libuv)))
SERVE_CFLAGS = -D_GNU_SOURCE $(if $(SERVE_OK),$(shell pkg-config --cflags libuv))
$(call obj,$(SERVE_SRC) $(wildcard tests/serve/*.c)): EXTRA = $(SERVE_CFLAGS)

shim: $(if $(SHIM_OK),$(SHIM) $(if $(STABLE),build/containerd-shim-wasmrt-v1),shim-missing) ## the containerd shim: build/containerd-shim-wasmrt-v1

.PHONY: shim-missing
shim-missing:
	@echo "The containerd shim needs $(SHIM_PKGS), found by pkg-config, and"
	@echo "protoc-c. Missing here:"
	@for p in $(SHIM_PKGS); do pkg-config --exists $$p || echo "    $$p"; done
	@command -v protoc-c >/dev/null || echo "    protoc-c"
	@[ $(MACHINE) = $(NATIVE) ] || echo "    libraries for $(MACHINE)"
	@echo "On Debian: sh tools/quickstart.sh packages"
	@false

# Messages are compiled from our own descriptions of them.
PB_C := $(SHIM_PROTO:%.proto=$(B)/%.pb-c.c)
$(B)/%.pb-c.c $(B)/%.pb-c.h: %.proto
	@mkdir -p $(@D)
	$(Q)protoc-c --c_out=$(B) $<
$(PB_C:.c=.o): %.o: %.c $(B)/.flags
	$(Q)$(COMPILE) -w -MMD -MP -c -o $@ $<

# Everything of the shim but main, for its tests; and the server, which is there
# where libuv is.
SHIM_A := $(B)/shim.a
SHIM_OBJ := $(call obj,$(filter-out shim/main.c,$(SHIM_SRC)) $(SERVE_SRC))
SHIM_USERS = $(call obj,$(SHIM_SRC) $(wildcard tests/shim/*.c tests/fuzz/fuzz_shim_*.c))
$(SHIM_USERS): | $(PB_C:.c=.h)
SHIM_CFLAGS = -D_GNU_SOURCE -isystem $(B) $(shell pkg-config --cflags $(SHIM_PKGS))
$(SHIM_USERS) $(PB_C:.c=.o): EXTRA = $(SHIM_CFLAGS)
$(SHIM_A): $(SHIM_OBJ) $(PB_C:.c=.o) $(B)/.objects
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

# Linked statically where the libraries allow it: containerd starts the shim
# three times per container, and its pages should be shared.
UV_STATIC = $(if $(findstring -static-pie,$(EXE_LDFLAGS)),$(shell \
  pkg-config --exists libuv-static && echo yes))
# The linker's warnings about name services in static programs: libuv has calls
# for them that nobody makes.
SHIM_NOWARN = $(if $(UV_STATIC),-Wl$(,)--no-warnings)
SHIM_LIBS = $(shell pkg-config --libs $(if $(UV_STATIC),libuv-static,libuv) \
  $(filter-out libuv,$(SHIM_PKGS)))
# Without machine code, which its filter forbids anyway: addresses in tables that
# the program never reads are written at each start.
$(SHIM): $(B)/shim/main.o $(B)/runtime/api/backends_interp.o $(SHIM_A) $(LIB_A)
	$(call SAY,LD,$@)
	$(Q)$(LINK) $(WHOLE_LDFLAGS) $(EXE_LDFLAGS) $(SHIM_NOWARN) -o $@ \
	  $(filter %.o %.a,$^) $(SHIM_LIBS) $(LDLIBS)

build/wasmrt build/libwasmrt.a build/libwasmrt.so build/containerd-shim-wasmrt-v1: build/%: $(B)/%
	@cp -p $< $@.tmp && mv -f $@.tmp $@

# A C program for the sandbox.  `wasm-flags: ...` and `wasm-ldflags: ...` in its
# comments add options.
# Two steps without -O at the link, or clang would run whichever wasm-opt is
# installed and the bytes would differ between machines.
build/wasm/%.wasm: %.c
	@mkdir -p $(@D)
	$(call SAY,WASM,$<)
	$(Q)$(WASM_CC) --target=wasm32-wasi -O2 -ffp-contract=off -c -o $@.o $< \
	  $(call wasm_options,wasm-flags)
	$(Q)$(WASM_CC) --target=wasm32-wasi -Wl,--strip-debug -o $@ $@.o \
	  $(call wasm_options,wasm-ldflags)
	@rm -f $@.o

# A Rust program, by Debian's rustc, which has no linker of its own for this.
build/wasm/%.wasm: %.rs
	@mkdir -p $(@D)
	$(call SAY,WASM,$<)
	$(Q)/usr/bin/rustc -O --target wasm32-wasi -C linker=wasm-ld-19 \
	  -C link-arg=--no-fatal-warnings -C link-arg=--strip-debug -o $@ $<

wasm_options = $(shell sed -n 's/.*$(1): *\([^*]*\).*/\1/p' $<)

-include $(shell [ ! -d $(B) ] || find $(B) -type f -name '*.d')

# -- Testing ------------------------------------------------------------------

.PHONY: test test-shim test-build suites cases latency wasi-testsuite bench demo spectest spectest-interp spectest-jit roundtrip gc-stress bug-proof check-proof gc-churn testsuite fuzz ci ci-long asan ubsan tsan cov
SUITE_BINS := $(SUITES:%=$(B)/tests/%.bin)
suite-%: $(B)/tests/%.bin ;
CASE_TOOL  := build/tools/cases
COUNT_TOOL := build/tools/count-directives
TEST_ENV    = WASMRT=$(abspath $(CLI)) RUNNER='$(RUNNER)' ENGINE=$(strip $(ENGINE)) BOUNDS=$(BOUNDS) \
              PROGRAMS=$(abspath build/wasm/tests/programs) TOOLS=$(abspath tools) VARIANT=$(V) \
              EXAMPLES=$(abspath $(B)/examples) TEST_TIMEOUT=$(TIMEOUT) \
              SCRIPTS='$(abspath $(wildcard spectest/*.wast))'
TIMEOUT    := $(if $(RUNNER)$(filter asan ubsan tsan cov,$(V)),120,30)

test: ## every suite; knobs: T=substring V= ENGINE= BOUNDS= CC=
	@$(MAKE) --no-print-directory -k QUIET=1 suites cases \
	  $(if $(T),,spectest roundtrip gc-stress $(if $(HAS_JIT),spectest-interp spectest-jit)) $(if $(T)$(if $(STABLE),,x),,$(CHECKS))

test-build: all $(SUITE_BINS) $(CASE_TOOL) $(EXAMPLES) \
  $(if $(shell command -v $(WASM_CC)),$(PROGRAMS)) ## all that the tests need

suites: test-build
	@bad=0; for s in $(SUITE_BINS); do \
	  $(TEST_ENV) RERUN='make test V=$(V) CC="$(CC)"' $(RUNNER) $$s $(T) || bad=1; \
	done; exit $$bad

cases: test-build
	@bad=0; for d in $(CASE_DIRS); do \
	  $(TEST_ENV) RERUN='make test V=$(V) CC="$(CC)"' $(CASE_TOOL) $$d $(T) || bad=1; \
	done; exit $$bad

$(B)/examples/tasks $(B)/examples/server: LDLIBS += $(shell pkg-config --libs $(if $(UV_STATIC),libuv-static,libuv))
$(B)/examples/tasks $(B)/examples/server: LDFLAGS += $(SHIM_NOWARN)
$(B)/examples/tasks.o $(B)/examples/server.o: EXTRA = -D_GNU_SOURCE $(shell pkg-config --cflags libuv)
$(EXAMPLES): %: %.o $(LIB_A)
	$(call SAY,LD,$@)
	$(Q)$(LINK) $(EXE_LDFLAGS) -o $@ $^ $(LDLIBS)

define suite_rule
$(B)/tests/$(1).bin: $(call suite_obj,$(1)) $(if $(filter cli serve,$(1)),$(CLI_A)) \
  $(if $(filter shim,$(1)),$$(SHIM_A)) $(LIB_A)
	$$(call SAY,LD,$$@)
	$(Q)$$(LINK) $$(EXE_LDFLAGS) $$(LDFLAGS_$(1)) -o $$@ $$^ \
	  $(if $(filter shim,$(1)),$$(SHIM_NOWARN) $$(SHIM_LIBS)) \
	  $(if $(filter cli serve,$(1)),$$(UV_NOWARN) $$(SERVE_LIBS)) $$(LDLIBS)
endef
# Lets tests of wasi/, which uses the C library's allocator, make it fail, and
# come between the resolver and the system.
LDFLAGS_wasi := $(patsubst %,-Wl$(,)--wrap=%,malloc calloc realloc \
  $(addprefix p1_os_,can_open_beneath open_beneath open_at stat_at set_times_at \
  readlink_at mkdir_at unlink_at rmdir_at symlink_at link_at rename_at))
# Threads cannot be started when a test says so.
LDFLAGS_api := -Wl,--wrap=pthread_create
# Here every allocation of the library fails in its turn.
LDFLAGS_oom := $(patsubst %,-Wl$(,)--wrap=%,malloc calloc realloc free)
$(foreach s,$(SUITES),$(eval $(call suite_rule,$(s))))

# The runner of data tests drives the binary under test from outside, so it is
# always built for this machine.
$(CASE_TOOL): $(wildcard tests/run/*.[ch])
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=c11 -I. $(WARN) -O1 -g -o $@ $(filter %.c,$^)

test-shim: ## the shim under real containerds; needs root and apt
	@sh tools/test-shim.sh $(if $(T),-k '$(T)')

.PHONY: test-shim-vm
test-shim-vm: ## the same in a virtual machine with version 2 of control groups
	@sh tools/test-shim-vm.sh $(if $(T),-k '$(T)')

.PHONY: test-shim-churn
test-shim-churn: ## 2,000 containers and 200 pods while containerd and shims are killed; CHURN="RUNS=N PODS=N KILLS=N SEED=N"
	@sh tools/test-shim.sh -churn $(CHURN)

asan ubsan tsan: ## the tests in that variant
	@$(MAKE) --no-print-directory V=$@ test

cov: ## line coverage of the tests, as a table
	@sh tools/coverage.sh

spectest: all $(COUNT_TOOL) ## the official suite in WASM_TESTSUITE; S=file
	@$(TEST_ENV) COUNT=$(COUNT_TOOL) sh tools/spectest.sh $(S)

spectest-interp: all $(COUNT_TOOL) ## the same in the interpreter
	@$(TEST_ENV) ENGINE=interp QUIET=1 COUNT=$(COUNT_TOOL) sh tools/spectest.sh $(S)

spectest-jit: all $(COUNT_TOOL) ## the same in machine code, with guard pages and with checks, masked or not
	@for b in auto check "check NO_MASKS=1"; do env $(TEST_ENV) ENGINE=jit COMPILE=eager JIT_CHECK=1 QUIET=1 \
	  COUNT=$(COUNT_TOOL) BOUNDS=$$b sh tools/spectest.sh $(S) || exit 1; done

roundtrip: all $(COUNT_TOOL) ## the same with each module printed as text and read back
	@$(TEST_ENV) ROUNDTRIP=1 QUIET=1 COUNT=$(COUNT_TOOL) sh tools/spectest.sh $(S)

gc-stress: cli $(COUNT_TOOL) ## the same with a collection at each allocation; V=debug checks the heap
	@$(TEST_ENV) GC_STRESS=1 QUIET=1 COUNT=$(COUNT_TOOL) sh tools/spectest.sh $(S)

gc-churn: all ## allocate 10 GB through a heap of 64 MB, with numbers; GB=10
	@WASMRT='$(RUNNER) $(CLI)' GB='$(or $(GB),10)' sh tools/gc-churn.sh

bug-proof: ## planted bugs, and that the tests find them; T=substring
	@sh tools/bug-proof.sh $(T)

check-proof: ## planted bugs of the compiler, and that the checker finds them; T=substring
	@sh tools/check-proof.sh $(T)

$(COUNT_TOOL): tools/count-directives.c
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=c11 $(WARN) -O1 -o $@ $<

testsuite: ## fetch the official suite into build/testsuite
	@[ -d build/testsuite ] || git clone -q \
	  https://github.com/WebAssembly/testsuite build/testsuite
	@git -C build/testsuite checkout -q $(TESTSUITE_COMMIT)

WITHOUT := build/tools/without-openat2
$(WITHOUT): tests/native/without-openat2.c
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=gnu11 $(WARN) -O1 -o $@ $<

wasi-testsuite: all $(WITHOUT) ## the public WASI suite in WASI_TESTSUITE; T=substring
	@WASMRT='$(RUNNER) $(abspath $(CLI))' WITHOUT=$(abspath $(WITHOUT)) \
	  sh tests/wasi/testsuite.sh $(T)

.PHONY: c-api-examples
c-api-examples: all ## the example programs of the standard C API in C_API=DIR
	@WASMRT=$(abspath $(CLI)) sh tools/c-api-examples.sh '$(C_API)' $(LIB_A) '$(LINK)'

.PHONY: oom-sweep hammer
oom-sweep: $(B)/tests/oom.bin $(B)/oom-dynamic ## every allocation fails in turn, with numbers; V=asan, or under valgrind
	@$(TEST_ENV) TEST_TIMEOUT=3600 $(RUNNER) $< -v -j 1
	@sh tools/oom-valgrind.sh $(B)/oom-dynamic

# What valgrind understands: the C library as it knows it, and no tables of ours.
$(B)/oom-dynamic: $(call suite_obj,oom) $(LIB_A)
	$(Q)$(LINK) -pie -s $(LDFLAGS_oom) -o $@ $^ $(LDLIBS)

hammer: $(B)/tests/api.bin ## 8 threads share a module, N instances each, in both engines; V=tsan sees races
	@for e in interp $(if $(HAS_JIT),jit); do ENGINE=$$e \
	  HAMMER_ROUNDS=$(if $(filter file,$(origin N)),10000,$(strip $(N))) \
	  VARIANT=$(V) BOUNDS=$(if $(filter tsan,$(V)),check,$(BOUNDS)) TEST_TIMEOUT=3600 \
	  $(RUNNER) $< -v -j 1 hammer_threads_share || exit 1; done

.PHONY: race real-programs real-serve
race: $(B)/tests/wasi.bin ## attack paths while others exchange directories; N=attempts per resolver
	@$(TEST_ENV) RACE_ATTEMPTS=$(if $(filter file,$(origin N)),10000000,$(strip $(N))) \
	  TEST_TIMEOUT=36000 $(RUNNER) $< -v -j 1 hammer_wasi_race_by

real-programs: all ## programs of others (Lua, SQLite, ...) beside native; needs apt; T=name
	@WASMRT='$(RUNNER) $(abspath $(CLI))' HOST_CC='$(HOST_CC)' \
	  WASM_CC='$(WASM_CC)' bash tests/real/run.sh $(T)

real-serve: all ## Lua as CGI behind `wasmrt serve` and natively under lighttpd; needs apt
	@WASMRT='$(RUNNER) $(abspath $(CLI))' bash tests/real/serve.sh

bench: all ## time the programs of bench/ beside native and other runtimes
	@WASMRT='$(or $(WASMRT),$(abspath $(CLI)))' sh bench/run

demo: all ## a C program in the sandbox: what it may do and what it may not
	@WASMRT=$(CLI) WASM_CC=$(WASM_CC) sh examples/demo/demo.sh

latency: test-build ## how long it takes to stop a guest, as a table; R=rounds
	@LATENCY_ROUNDS='$(or $(R),20)' BOUNDS=$(BOUNDS) RUNNER='$(RUNNER)' \
	  WASMRT=$(abspath $(CLI)) sh tools/latency.sh $(B)/tests/latency.bin

.PHONY: serve-stress
serve-stress: $(B)/tests/serve.bin cli build/wasm/tests/programs/cgi.wasm ## N requests to the server, many of them bad; V=asan
	@$(TEST_ENV) SERVE_STRESS=$(if $(filter file,$(origin N)),100000,$(strip $(N))) \
	  TEST_TIMEOUT=36000 $(RUNNER) $< -v -j 1 hammer_serve

fuzz: ## run the fuzz targets for N seconds each; F=name for one
	@N=$(strip $(N)) sh tools/fuzz.sh $(F)

# Differential testing: this build and the one whose interpreter is a loop.
.PHONY: diff diff-node diff-proof diff-tool
DIFF_TOOL := $(B)/tests/diff.bin
# Its quicker compiler, Liftoff, loses a local in one of our modules (node 20).
NODE_FLAGS ?= --no-liftoff
DIFF_NODE = $(or $(NODE),$(shell command -v node))
$(DIFF_TOOL): $(call obj,$(wildcard tests/diff/*.c)) $(LIB_A)
	$(call SAY,LD,$@)
	$(Q)$(LINK) $(EXE_LDFLAGS) -o $@ $^ $(LDLIBS)

diff-tool: $(DIFF_TOOL)

diff: diff-tool ## random modules in all modes; N=modules T=seconds SEED=first
	@$(MAKE) --no-print-directory QUIET=1 V=loop diff-tool
	@$(DIFF_ENV) sh tools/diff.sh $(DIFF_TOOL) \
	  -p '$(RUNNER) $(patsubst build/$(V)-%,build/loop-%,$(DIFF_TOOL)) --peer'

diff-node: diff-tool ## the same modules here and in NODE, another engine altogether
	@[ -n '$(DIFF_NODE)' ] || { echo "skipped: diff-node: no node"; exit 0; }; \
	  $(DIFF_ENV) sh tools/diff.sh $(DIFF_TOOL) \
	  -f '$(DIFF_NODE) $(NODE_FLAGS) tests/diff/node-peer.mjs'

diff-proof: diff-tool ## differential testing finds planted bugs
	@sh tools/diff-proof.sh $(DIFF_TOOL)

DIFF_ENV = MODULES=$(if $(filter file default,$(origin N)),,$(N)) \
  SECONDS_MAX=$(T) SEED=$(SEED) RUNNER='$(RUNNER)'

# The parsers of the server need nothing else of it.
$(B)/fuzz_serve_%: $(B)/tests/fuzz/fuzz_serve_%.o $(call obj,tests/fuzz/reach.c \
  serve/http.c serve/chunked.c serve/cgi_head.c)
	$(call SAY,LD,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

FUZZ_REACH = $(call obj,$(wildcard tests/fuzz/reach.c tests/fuzz/mutate.c))
$(B)/fuzz_shim_%: $(B)/tests/fuzz/fuzz_shim_%.o $(FUZZ_REACH) $(SHIM_A) $(LIB_A)
	$(call SAY,LD,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(SHIM_LIBS) $(LDLIBS)

# Two guests with a resolver each: the suite's guest and its link.
$(B)/fuzz_wasi_%: $(B)/tests/fuzz/fuzz_wasi_%.o $(FUZZ_REACH) $(call obj,$(wildcard \
  tests/fuzz/check.c tests/fuzz/hostile.c tests/wasi/guest.c tests/wasi/resolver.c)) $(LIB_A)
	$(call SAY,LD,$@)
	$(Q)$(LINK) -fsanitize=fuzzer $(filter-out %alloc,$(LDFLAGS_wasi)) -o $@ $^ $(LDLIBS)

$(B)/fuzz_lines: $(B)/tests/fuzz/fuzz_lines.o $(FUZZ_REACH) $(CLI_A) $(LIB_A)
	$(call SAY,LD,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

$(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(call obj,$(wildcard tests/fuzz/reach.c \
  tests/fuzz/mutate.c tests/fuzz/trip.c tests/fuzz/listing.c)) $(LIB_A)
	$(call SAY,LD,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

fuzz-target: $(F:%=$(B)/fuzz_%) \
  $(patsubst %.c,build/wasm/%.wasm,$(wildcard tests/fuzz/seeds/*.c))

ci: ## all variants, both compilers, the other ISAs, clang-tidy, short fuzzing
	@bash tools/ci.sh

ci-long: ## programs of others, and the proofs that tests find bugs
	@LONG=1 bash tools/ci.sh

# -- Checks -------------------------------------------------------------------

.PHONY: install-test fuzz-target check layers symbols tailcalls headers docs-check names wasi-table metrics plants selftest lint format \
        format-check size
check: ## the quick checks below, all of them
	@$(MAKE) --no-print-directory -k $(CHECKS)
CHECKS := layers format-check metrics docs-check names wasi-table headers symbols tailcalls plants install-test selftest


layers: ## includes point downward, system headers stay in the os files
	@sh tools/check-layers.sh

symbols: lib ## exported and global names carry our prefixes
	@sh tools/check-symbols.sh $(LIB_A) $(LIB_SO)

tailcalls: lib ## the interpreter's handlers end in jumps
	@[ -z '$(filter release pgo,$(V))' ] || sh tools/check-tailcalls.sh $(B)/runtime/interp/run_*.o

headers: ## each public header compiles alone, as C11 and as C++17
	@sh tools/check-headers.sh $(CC)

install-test: all ## install, build against it with its .pc file, uninstall
	@sh tools/test-install.sh $(CC)

docs-check: ## each public declaration is documented
	@sh tools/check-docs.sh

names: ## files, links and targets that the documentation names are there
	@sh tools/check-names.sh

wasi-table: ## each WASI function is in its table, with a test that exists
	@sh tools/check-wasi-table.sh

plants: ## each bug of the proofs still has its line to break
	@for p in tools/*-proof.sh; do LINES_ONLY=1 sh $$p || exit 1; done

metrics: ## size of functions and files, preprocessor and comment density
	@sh tools/metrics.sh

selftest: $(CASE_TOOL) ## each check finds a planted violation
	@CC="$(HOST_CC)" CASE_TOOL=$(abspath $(CASE_TOOL)) sh tools/selftest.sh

lint: compile_commands.json $(if $(SHIM_OK),$(PB_C:.c=.h)) ## clang-tidy; F=file
	@sh tools/lint.sh $(or $(F),$(filter-out tests/%,$(ALL_SRC)))

format: ## rewrite the sources with clang-format-19
	@sh tools/format.sh fix

format-check: ## report what `make format` would change
	@sh tools/format.sh check

size: all ## text and data per object
	@size -t $(LIB_A) | sort -n; size $(CLI)

# -- Installing and the rest --------------------------------------------------

.PHONY: install uninstall dist clean help
D := $(DESTDIR)$(PREFIX)
L := $(DESTDIR)$(LIBDIR)

# The manual page and the completion scripts, as the command line tool writes
# them; paths below share/.
SHARE := man/man1/wasmrt.1 bash-completion/completions/wasmrt \
         zsh/site-functions/_wasmrt fish/vendor_completions.d/wasmrt.fish
SHARE_FILES := $(if $(CLI_SRC),$(SHARE:%=$(B)/share/%))

$(B)/share/man/%:      WORDS = help --man
$(B)/share/bash%:      WORDS = completion bash
$(B)/share/zsh/%:      WORDS = completion zsh
$(B)/share/fish/%:     WORDS = completion fish
$(SHARE:%=$(B)/share/%): $(CLI)
	@mkdir -p $(@D)
	$(Q)$(RUNNER) $(CLI) $(WORDS) >$@

CMAKE_FILES := wasmrt-config.cmake wasmrt-config-version.cmake

install: all $(B)/wasmrt.pc $(CMAKE_FILES:%=$(B)/%) $(SHARE_FILES) ## into DESTDIR/PREFIX: CLI, headers, libraries, pkg-config file, manual page
	@install -d $(D)/bin $(D)/include/wasmrt $(L)/pkgconfig
	$(if $(CLI_SRC),install -m 755 $(CLI) $(D)/bin/wasmrt)
	install -m 644 include/*.h $(D)/include/
	install -m 644 include/wasmrt/* $(D)/include/wasmrt/
	install -m 644 $(LIB_A) $(L)/libwasmrt.a
	install -m 755 $(LIB_SO) $(L)/libwasmrt.so.$(VERSION)
	ln -sf libwasmrt.so.$(VERSION) $(L)/libwasmrt.so.$(SOVERSION)
	ln -sf libwasmrt.so.$(SOVERSION) $(L)/libwasmrt.so
	install -m 644 $(B)/wasmrt.pc $(L)/pkgconfig/wasmrt.pc
	install -d $(L)/cmake/wasmrt
	install -m 644 $(CMAKE_FILES:%=$(B)/%) $(L)/cmake/wasmrt/
	for f in $(if $(CLI_SRC),$(SHARE)); do \
	  install -D -m 644 $(B)/share/$$f $(D)/share/$$f || exit 1; done

$(B)/wasmrt.pc: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' 'prefix=$(PREFIX)' \
	  'libdir=$(patsubst $(PREFIX)/%,$${prefix}/%,$(LIBDIR))' \
	  'includedir=$${prefix}/include' '' 'Name: wasmrt' \
	  'Description: WebAssembly runtime' 'Version: $(VERSION)' \
	  'Libs: -L$${libdir} -lwasmrt' 'Libs.private: $(LDLIBS)' \
	  'Cflags: -I$${includedir}' >$@

# From the folder of the libraries to that of the headers.
INCLUDE_FROM_LIB = $(shell realpath -m --relative-to='$(LIBDIR)' '$(PREFIX)/include')
$(CMAKE_FILES:%=$(B)/%): $(B)/%: tools/%.in FORCE
	@mkdir -p $(@D)
	@sed -e 's|@VERSION@|$(VERSION)|' -e 's|@SOVERSION@|$(SOVERSION)|' \
	  -e 's|@MAJOR_MINOR@|$(basename $(VERSION))|' \
	  -e "s|@STATIC_LIBS@|$$(echo $(LDLIBS) | tr ' ' ';')|" \
	  -e 's|@INCLUDE_FROM_LIB@|$(INCLUDE_FROM_LIB)|' $< >$@

uninstall: ## remove what install put there
	rm -f $(D)/bin/wasmrt $(L)/libwasmrt.* $(L)/pkgconfig/wasmrt.pc
	rm -f $(CMAKE_FILES:%=$(L)/cmake/wasmrt/%)
	rm -f $(patsubst include/%,$(D)/include/%,$(wildcard include/*.h include/wasmrt/*))
	rm -f $(SHARE:%=$(D)/share/%)
	-rmdir $(D)/include/wasmrt $(L)/cmake/wasmrt

dist: ## build/wasmrt-VERSION.tar.gz from the committed files
	@mkdir -p build
	git archive --prefix=wasmrt-$(VERSION)/ -o build/wasmrt-$(VERSION).tar.gz HEAD

compile_commands.json: Makefile FORCE ## for clangd and clang-tidy
	@{ echo '['; sep=; for f in $(ALL_SRC); do extra=; \
	  case $$f in *shim*) extra=' $(SHIM_CFLAGS)' ;; \
	  serve/*|tests/serve/*) extra=' $(SERVE_CFLAGS)' ;; esac; \
	  echo "$$sep{\"directory\": \"$(CURDIR)\", \"file\": \"$$f\","; \
	  echo '"command": "$(COMPILE)'"$$extra"' -c '$$f'"}'; sep=,; done; echo ']'; } >$@.tmp
	@if cmp -s $@.tmp $@; then rm -f $@.tmp; else mv -f $@.tmp $@; fi

tags: FORCE ## for editors
	@. tools/folders.sh; ctags -R --languages=C --langmap=C:+.inc.def $$product tests

clean: ## remove everything that was built
	rm -rf build compile_commands.json tags

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z0-9_. -]*:.*## /{printf "  %-22s %s\n",$$1,$$2}' $(MAKEFILE_LIST)
