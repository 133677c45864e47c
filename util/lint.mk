# The build's own checks.
#
# A  the files of "make analyze"  (all)

.PHONY: lint style tables funclen purity rooms headers symbols directives \
        deps-check analyze

lint:           ## form, lengths, purity, rooms, symbols, directives = docs
lint: style tables funclen purity rooms headers symbols directives deps-check

style:
	@util/style.py

tables:
	@util/tables.py

funclen:
	@util/funclen.py

purity: $(BUILD)/lib-plain/librt.a
	@util/purity.sh $<

rooms: modules
	@util/rooms.py $(BUILD)/nginx/objs/addon

headers: modules
	@util/headers.py $(CC)

symbols: modules
	@util/symbols.sh $(patsubst %,$(BUILD)/modules/ngx_http_%_module.so,\
	    $(RT_MODULES))

directives:
	@util/directives.py

deps-check:
	@util/deps_check.sh

analyze:        ## gcc's static analyzer: no finding that util/analyze.txt has not
analyze: modules
	@util/analyze.py $(BUILD)/nginx/objs $(A)
