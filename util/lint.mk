# The build's own checks.

.PHONY: lint style funclen purity headers symbols directives

lint:           ## form, function length, purity, symbols, directives = docs
lint: style funclen purity headers symbols directives

style:
	@util/style.py

funclen:
	@util/funclen.py

purity: $(BUILD)/lib-plain/librt.a
	@util/purity.sh $<

headers: modules
	@util/headers.py $(CC)

symbols: modules
	@util/symbols.sh $(patsubst %,$(BUILD)/modules/ngx_http_%_module.so,\
	    $(RT_MODULES))

directives:
	@util/directives.py
