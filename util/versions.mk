# Several versions of nginx.
#
# NGINX_SRCS  source trees of nginx to build for    ($(NGINX_SRC))

NGINX_SRCS ?= $(NGINX_SRC)

.PHONY: versions

versions:       ## the modules for each nginx tree of NGINX_SRCS, with and without SSL
	@util/versions.sh $(NGINX_SRCS)
