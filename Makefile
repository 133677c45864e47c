# nginx rt modules; "make help" lists the targets.
#
# BUILD       where everything is built             (build)
# NGINX       the nginx to build for                (nginx)
# NGINX_SRC   its sources, configured like it       (Debian's nginx-dev)
# RT_MODULES  which modules to build                (rtauth rtaudit rtcsp)
# RT_DEPS     where libjwt is, or will be, built    ($(BUILD)/deps)
# LIBJWT_ARCHIVE  its source, a file, instead of a fetched one (see util/deps.sh)

SHELL      := /bin/bash
BUILD      ?= build
NGINX      ?= nginx
NGINX_SRC  ?= /usr/share/nginx/src
RT_MODULES ?= rtauth rtaudit rtcsp
RT_DEPS    ?= $(BUILD)/deps

override BUILD   := $(abspath $(BUILD))
override RT_DEPS := $(abspath $(RT_DEPS))
export BUILD NGINX NGINX_SRC RT_MODULES RT_DEPS

# nginx is in there, and not every user's PATH has it
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin

CC         ?= cc
CFLAGS_LIB := -std=c11 -D_GNU_SOURCE -W -Wall -Wpointer-arith -Werror -g

.DEFAULT_GOAL := all
.PHONY: help all modules deps

help:           ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | \
	    sed -E 's/^([a-z0-9-]+):[^#]*## /\1\t/' | expand -t 14

deps:           ## install what is missing on this Debian machine, build libjwt
	@util/deps.sh build

all:            ## what "make" alone builds: modules and tools
all: modules tools

modules:        ## build $(BUILD)/modules/ngx_http_rt*_module.so
	@util/alive.sh modules util/modules.sh

.PHONY: install uninstall clean

install:        ## copy modules and rt; on Debian, modules-available snippets
	@util/install.sh

uninstall:      ## take away what install put there
	@util/install.sh uninstall

clean:          ## remove $(BUILD), but for libjwt in $(RT_DEPS)
	@[ ! -d "$(BUILD)" ] || find "$(BUILD)" -mindepth 1 -maxdepth 1 \
	    ! -path "$(RT_DEPS)" -exec rm -rf {} +

-include util/*.mk
