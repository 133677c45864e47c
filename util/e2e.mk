# The browser tests: Chromium, nginx with the three modules, OpenID providers.

.PHONY: e2e signin

e2e:            ## pages in headless Chromium, through all three modules
e2e: modules npm
	@node test/e2e/e2e.mjs

signin:         ## signing in and out in headless Chromium; build/signin/*.png
signin: modules npm
	@node test/e2e/signin.mjs
