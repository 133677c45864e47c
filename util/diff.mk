# Differential tests of src/lib against other implementations (parse5,
# csp_evaluator).
#
# DIFF_PAGES  how many generated pages   (20000)

DIFF_PAGES ?= 20000

.PHONY: test-diff

test-diff:      ## src/lib beside parse5 and csp_evaluator
test-diff: drivers $(BUILD)/drivers/html-guards
	@util/diff.sh $(BUILD)/drivers $(DIFF_PAGES)

# the scanner with guards that can be taken away
$(BUILD)/drivers/html-guards: test/drivers/html.c $(wildcard test/drivers/*.h) \
		$(LIB_SRCS) $(LIB_HDRS) $(BUILD)/lib-plain/librt.a
	@$(CC) $(LIB_CFLAGS) -O2 -DRT_HTREE_GUARDS -o $@ $< \
	    $(wildcard src/lib/html/*.c) $(BUILD)/lib-plain/librt.a $(LIB_LIBS)
