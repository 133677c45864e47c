# Tests beside real software: Chromium, Firefox, npm's OpenID provider and
# jose, nginx with the three modules.
#
# APPS  which applications "make apps" looks at  (all four)

.PHONY: e2e browsers apps signin view parties asan-e2e

e2e:            ## pages in headless Chromium, through all three modules
e2e: modules npm $(BUILD)/drivers/nonce
	@node test/e2e/e2e.mjs

browsers:       ## each way to a nonce in headless Chromium and Firefox
browsers: modules npm $(BUILD)/rt
	@node test/e2e/browsers.mjs

apps:           ## applications of Debian in both browsers; build/apps/seen/*.png
apps: modules tools npm
	@util/deps.sh build test
	@util/apps.sh adminer mediawiki netdata-core netdata-web \
	    jupyter-notebook php-cli php-sqlite3
	@APPS="$(APPS)" node test/apps/apps.mjs

signin:         ## signing in and out in headless Chromium; build/signin/*.png
signin: modules npm
	@node test/e2e/signin.mjs

view:           ## the audit page in headless Chromium; build/view/*.png
view: modules npm
	@node test/e2e/view.mjs

parties:        ## tokens and proofs that npm's oidc-provider and jose make
parties: modules npm
	@node test/e2e/parties.mjs

asan-e2e:       ## all of them on an nginx under ASan and UBSan
asan-e2e: npm $(BUILD)/drivers/nonce $(BUILD)/rt
	@util/deps.sh build test demo $(if $(NGINX_FULL_SRC),,asan)
	@util/asan.sh test/e2e/e2e.mjs test/e2e/browsers.mjs \
	    test/e2e/signin.mjs test/e2e/view.mjs test/e2e/parties.mjs
