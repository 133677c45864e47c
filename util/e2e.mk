# The browser tests: Chromium, nginx with the three modules, OpenID providers.

.PHONY: e2e signin asan-e2e

e2e:            ## pages in headless Chromium, through all three modules
e2e: modules npm $(BUILD)/drivers/nonce
	@node test/e2e/e2e.mjs

signin:         ## signing in and out in headless Chromium; build/signin/*.png
signin: modules npm
	@node test/e2e/signin.mjs

asan-e2e:       ## both of them on an nginx under ASan and UBSan
asan-e2e: npm
	@util/deps.sh build test demo $(if $(NGINX_FULL_SRC),,asan)
	@util/asan.sh test/e2e/e2e.mjs test/e2e/signin.mjs
