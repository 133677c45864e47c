# Differential tests of src/lib against other implementations (parse5).
#
# DIFF_PAGES  how many generated pages   (20000)
# DIFF_SEED   of their generator         (1)

DIFF_PAGES ?= 20000
DIFF_SEED  ?= 1

.PHONY: test-diff

test-diff:      ## HTML tokenizer and nonce rewriter beside parse5
test-diff: drivers
	@util/diff.sh $(BUILD)/drivers $(DIFF_PAGES) $(DIFF_SEED)
