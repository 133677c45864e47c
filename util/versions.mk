# Several versions of nginx.
#
# MATRIX      rows of "make matrix", SUITE:COMPILER:FLAVOUR  (see matrix.sh)
# SUBSET      files of its rows with clang or without SSL   (below)
# NGINX_SRCS  source trees of nginx to build for    ($(NGINX_SRC))

NGINX_SRCS ?= $(NGINX_SRC)

# what rests on the compiler, and on SSL; not in place of files that T names
SUBSET ?= $(if $(filter file,$(origin T)),$(addprefix t/, \
    rtauth/attacks.t rtauth/login.t rtauth/model.t \
    rtauth/redis.t rtauth/scim.t rtauth/session_store.t rtauth/tls.t \
    rtaudit/chain.t rtaudit/crash.t rtaudit/https.t rtaudit/reload.t \
    rtaudit/whole.t rtcsp/body.t rtcsp/config.t rtcsp/force_https.t \
    rtcsp/gated.t suite/once.t suite/silence.t suite/whole_pages.t))

.PHONY: matrix versions

matrix:         ## the suites on each nginx of Debian, with clang, without SSL
	@util/deps.sh build test
	@SUBSET="$(SUBSET)" util/matrix.sh $(T)

versions:       ## the modules for each nginx tree of NGINX_SRCS, with and without SSL
	@util/versions.sh $(NGINX_SRCS)
