# Times and instructions, all on loopback; each target ends by itself.
#
# BENCH_SECONDS  of each measurement                        (1)
# BENCH_ROUNDS   how often each is repeated                 (9)
# BENCH_ONLY     part of a variant's name, e.g. rtaudit     (all)
# BENCH_BEFORE   where older modules are, measured in the same rounds
# BENCH_MODULES  other modules than those built here
# BENCH_TOP      functions that "make instructions" names   (0)
# BENCH_BOUNDS   write: what it counts are the new bounds
# MEMORY_REQUESTS, MEMORY_RELOADS  of "make memory"         (20000, 20)
# MEMORY_SECONDS   for which it keeps connections open      (5)

BENCH_DIR := $(BUILD)/bench

.PHONY: bench instructions growth memory performance

# what is measured is what is shipped: util/modules.sh
bench instructions: export RT_LTO :=

bench:          ## times beside nginx's own means and Debian's modules
	@util/deps.sh build bench
	@$(MAKE) --no-print-directory -s modules $(BENCH_DIR)/verify \
	    $(BENCH_DIR)/alone
	@BENCH_SECONDS=$(BENCH_SECONDS) BENCH_ROUNDS=$(BENCH_ROUNDS) \
	    BENCH_ONLY="$(BENCH_ONLY)" node bench/bench.mjs
	@node bench/picture.mjs $(BENCH_DIR)/result.json > $(BENCH_DIR)/bench.svg
	@$(if $(BENCH_ONLY),,$(MAKE) --no-print-directory -s growth)

instructions:   ## instructions a request, held to bench/bounds.json
	@util/deps.sh build instructions
	@$(MAKE) --no-print-directory -s modules $(BENCH_DIR)/steady.so
	@CC="$(CC)" BENCH_ONLY="$(BENCH_ONLY)" BENCH_TOP=$(BENCH_TOP) \
	    BENCH_BOUNDS=$(BENCH_BOUNDS) node bench/instructions.mjs

growth:         ## nothing costs more than in proportion to its size
	@util/deps.sh build instructions
	@$(MAKE) --no-print-directory -s modules $(BENCH_DIR)/steady.so
	@BENCH_ONLY="$(BENCH_ONLY)" node bench/growth.mjs

memory:         ## stays flat over requests, long connections, reloads
	@util/deps.sh build instructions
	@$(MAKE) --no-print-directory -s modules
	@node bench/memory.mjs

performance:    ## all three, and what they found into docs/performance.md
	@$(MAKE) --no-print-directory -s bench instructions
	@node bench/performance.mjs docs/performance.md
	@cp $(BENCH_DIR)/bench.svg docs/performance.svg

$(BENCH_DIR)/verify: bench/verify.c bench/bench.h
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_LIB) -O2 -o $@ $< -lcrypto

$(BENCH_DIR)/alone: bench/alone.c bench/bench.h $(BUILD)/lib-plain/librt.a
	@mkdir -p $(@D)
	@$(CC) $(LIB_CFLAGS) -O2 -o $@ $< $(BUILD)/lib-plain/librt.a $(LIB_LIBS)

$(BENCH_DIR)/steady.so: bench/steady.c
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_LIB) -O2 -fno-builtin -fPIC -ftls-model=initial-exec \
	    -shared -o $@ $<
