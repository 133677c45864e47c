# The running example: real provider, sample app, nginx with all three.
#
# ONCE=1      ends after the proof
# DEMO_PORT   where nginx listens, or the next free one; the provider and the
#             app 10 and 11 above it                   (8080)

NPM_STAMP := demo/node_modules/.package-lock.json

.PHONY: demo npm

demo:           ## the running example, proved and left up; ONCE=1 ends it
	@util/deps.sh build demo
	@$(MAKE) --no-print-directory -s modules npm
	@ONCE=$(ONCE) DEMO_PORT=$(DEMO_PORT) node demo/demo.mjs


# what the demo and the browser tests need from npm, as locked

npm: $(NPM_STAMP)

$(NPM_STAMP): demo/package-lock.json
	@echo "npm ci in demo/"
	@cd demo && ../util/alive.sh npm npm ci --no-audit --no-fund --ignore-scripts --silent
	@touch $@
