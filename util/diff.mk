# Differential tests against other implementations (parse5, csp_evaluator,
# jose, scim-patch, scim2-parse-filter).
#
# DIFF_PAGES  how many generated pages   (20000)

DIFF_PAGES ?= 20000

.PHONY: test-diff

test-diff:      ## beside parse5, csp_evaluator, jose and scim-patch
test-diff: modules tools drivers $(BUILD)/drivers/html-guards
	@util/diff.sh $(BUILD)/drivers $(DIFF_PAGES)

# the scanner with guards that can be taken away
$(BUILD)/drivers/html-guards: test/drivers/html.c $(wildcard test/drivers/*.h) \
		$(LIB_SRCS) $(LIB_HDRS) $(BUILD)/lib-plain/librt.a
	@$(CC) $(LIB_CFLAGS) -O2 -DRT_HTREE_GUARDS -o $@ $< \
	    $(wildcard src/lib/html/*.c) $(BUILD)/lib-plain/librt.a $(LIB_LIBS)
