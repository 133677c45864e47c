# Debian packages.
#
# SUITES      which releases "make deb-check" tries      (bookworm trixie)
# DEB_MIRROR  where it takes them from                   (the machine's own)

SUITES ?= bookworm trixie

.PHONY: deb deb-check

deb:            ## Debian packages of the modules and rt, in $(BUILD)/deb
	@util/deb.sh

deb-check:      ## as root: those packages in fresh Debian systems of SUITES
	@util/deb_check.sh $(SUITES)

.PHONY: sbom

sbom:           ## what the built modules and rt consist of, as SPDX
sbom: modules tools
	@RT_VERSION=$$(sed -n 's/^## \([0-9.]*\).*/\1/p' CHANGES.md | head -n 1) \
	LIBJWT_VERSION=$$(cat "$(RT_DEPS)/version" 2>/dev/null) \
	    util/sbom.sh $(RT_MODULES:%=$(BUILD)/modules/ngx_http_%_module.so) \
	    $(BUILD)/rt > $(BUILD)/sbom.spdx.json
	@echo "built $(BUILD)/sbom.spdx.json"
