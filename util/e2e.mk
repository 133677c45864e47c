# The browser test: Chromium, nginx with the three modules, OpenID provider.

.PHONY: e2e

e2e:            ## pages in headless Chromium, through all three modules
e2e: modules npm
	@node test/e2e/e2e.mjs
