# One table of ratios from one run; about three minutes, loopback only.
#
# BENCH_SECONDS  of each measurement                        (1)
# BENCH_ROUNDS   how often each is repeated                 (9)
# BENCH_ONLY     part of a variant's name, e.g. rtaudit     (all)

BENCH_DIR := $(BUILD)/bench

.PHONY: bench

bench:          ## measure against nginx's own means; one table of ratios
	@util/deps.sh build bench
	@$(MAKE) --no-print-directory -s modules $(BENCH_DIR)/verify \
	    $(BENCH_DIR)/tokenizer
	@BENCH_SECONDS=$(BENCH_SECONDS) BENCH_ROUNDS=$(BENCH_ROUNDS) \
	    BENCH_ONLY="$(BENCH_ONLY)" node bench/bench.mjs

$(BENCH_DIR)/verify: bench/verify.c
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_LIB) -O2 -o $@ $< -lcrypto

$(BENCH_DIR)/tokenizer: bench/tokenizer.c $(BUILD)/lib-plain/librt.a
	@mkdir -p $(@D)
	@$(CC) $(LIB_CFLAGS) -O2 -o $@ $< $(BUILD)/lib-plain/librt.a $(LIB_LIBS)
