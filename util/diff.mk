# Differential tests of src/lib against other implementations (parse5,
# csp_evaluator).
#
# DIFF_PAGES  how many generated pages   (20000)

DIFF_PAGES ?= 20000

.PHONY: test-diff

test-diff:      ## src/lib beside parse5 and csp_evaluator
test-diff: drivers
	@util/diff.sh $(BUILD)/drivers $(DIFF_PAGES)
