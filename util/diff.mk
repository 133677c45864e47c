# Differential tests of src/lib against other implementations (parse5,
# csp_evaluator).
#
# DIFF_PAGES  how many generated pages   (20000)
# DIFF_SEED   of their generator         (1)

DIFF_PAGES ?= 20000
DIFF_SEED  ?= 1

.PHONY: test-diff

test-diff:      ## src/lib beside parse5 and csp_evaluator
test-diff: drivers
	@util/diff.sh $(BUILD)/drivers $(DIFF_PAGES) $(DIFF_SEED)
