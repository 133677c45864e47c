# Tests: unit, fuzz, drivers, Test::Nginx.
#
# T             the .t files of "make check"        (all)
# FUZZ_SECONDS  how long each fuzz target runs       (60)
# SOAK_SECONDS  how long "make soak" runs           (600)
# SANITIZE      sanitizers of unit tests             (address,undefined)
# NGINX_FULL_SRC  whole nginx sources of "make asan" (Debian's, fetched)

# what takes longest is not begun last
T            ?= $(shell LC_ALL=C ls -r t/*/*.t)
FUZZ_SECONDS ?= 60
SANITIZE     ?= address,undefined
CLANG        ?= clang

LIB_SRCS   := $(sort $(wildcard src/lib/*.c src/lib/*/*.c))
LIB_HDRS   := $(wildcard src/lib/*.h src/lib/*/*.h test/unit/*.h)
UNIT_TESTS := $(patsubst test/unit/%.c,%,$(sort $(wildcard test/unit/test_*.c)))
FUZZERS    := $(patsubst test/fuzz/%.c,%,$(sort $(wildcard test/fuzz/fuzz_*.c)))

# by name: each is a contract with outside suites, none is lost in silence
DRIVERS    := claims csp event html jws nonce place redact schema scim uri

JWT_CFLAGS := $(if $(wildcard $(RT_DEPS)/lib/libjwt.a),-I$(RT_DEPS)/include,\
                $(shell pkg-config --cflags libjwt 2>/dev/null))
JWT_LIBS   := $(if $(wildcard $(RT_DEPS)/lib/libjwt.a),$(RT_DEPS)/lib/libjwt.a,\
                $(shell pkg-config --libs libjwt 2>/dev/null))

LIB_CFLAGS := $(CFLAGS_LIB) -Isrc/lib -Itest/unit $(JWT_CFLAGS)
LIB_LIBS   := $(JWT_LIBS) -ljansson -lcrypto -lm

SAN_FLAGS  := $(if $(SANITIZE),-fsanitize=$(SANITIZE) \
                -fno-sanitize-recover=all -fno-omit-frame-pointer)

.PHONY: unit fuzz drivers check test shared


test:           ## install what is missing, build, run every test
	@util/deps.sh build test demo instructions
	@util/test.sh


# one archive a flavour: san (unit tests), fuzz, plain (drivers)

.PHONY: libs

libs:
	@util/libs.sh libcrypto jansson libjwt $(LIBS_MORE)

define lib_flavour
$$(BUILD)/lib-$(1)/%.o: src/lib/%.c $$(LIB_HDRS) | libs
	@mkdir -p $$(@D)
	@$(2) $$(LIB_CFLAGS) $(3) -c -o $$@ $$<

$$(BUILD)/lib-$(1)/librt.a: \
		$$(patsubst src/lib/%.c,$$(BUILD)/lib-$(1)/%.o,$$(LIB_SRCS))
	@rm -f $$@ && ar rcs $$@ $$^
endef

$(eval $(call lib_flavour,san,$(CC),-O1 $(SAN_FLAGS)))
$(eval $(call lib_flavour,fuzz,$(CLANG),-O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all))
$(eval $(call lib_flavour,plain,$(CC),-O2))


$(BUILD)/unit/%: test/unit/%.c $(BUILD)/lib-san/librt.a
	@mkdir -p $(@D)
	@$(CC) $(LIB_CFLAGS) -O1 $(SAN_FLAGS) -o $@ $< \
	    $(BUILD)/lib-san/librt.a -lcmocka $(LIB_LIBS)

unit:           ## unit tests of src/lib, under ASan and UBSan
unit: LIBS_MORE := cmocka
unit: $(addprefix $(BUILD)/unit/,$(UNIT_TESTS))
	@util/unit.sh $^


$(BUILD)/fuzz/%: test/fuzz/%.c $(wildcard test/fuzz/*.h) \
		$(BUILD)/lib-fuzz/librt.a
	@mkdir -p $(@D)
	@$(CLANG) $(LIB_CFLAGS) -O1 -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=all -o $@ $< \
	    $(BUILD)/lib-fuzz/librt.a $(LIB_LIBS)

fuzz:           ## each libFuzzer target for FUZZ_SECONDS
fuzz: $(addprefix $(BUILD)/fuzz/,$(FUZZERS))
	@FUZZ_SECONDS=$(FUZZ_SECONDS) util/fuzz.sh $^


$(BUILD)/drivers/%: test/drivers/%.c $(wildcard test/drivers/*.h) \
		$(BUILD)/lib-plain/librt.a
	@mkdir -p $(@D)
	@$(CC) $(LIB_CFLAGS) -O2 -o $@ $< $(BUILD)/lib-plain/librt.a $(LIB_LIBS)

# without the whole of src/lib: each test of rtaudit needs it
$(BUILD)/drivers/schema: test/drivers/schema.c test/unit/rt_schema.h
	@mkdir -p $(@D)
	@$(CC) $(LIB_CFLAGS) -O2 -o $@ $< src/lib/text/rt_utf8.c -ljansson

drivers:        ## line-oriented programs over src/lib in $(BUILD)/drivers/
drivers: $(addprefix $(BUILD)/drivers/,$(DRIVERS))
	@util/drivers.sh $(addprefix $(BUILD)/drivers/,$(DRIVERS))


check shared: export RT_TEST_MODULES := rttest rttest_session zstd_filter

# what the stages of "make test" have in common
shared: modules tools npm

check:          ## Test::Nginx suites; T=t/rtauth/x.t for one file
check: modules tools $(BUILD)/drivers/schema
	@util/check.sh $(T)


day:            ## sinks of all kinds for DAY_SECONDS (240), while all can happen
day: modules tools
	@VERBOSE=1 util/check.sh test/day/day.pl


soak:           ## all modules for SOAK_SECONDS (600), each answer held to a model
soak: modules tools $(BUILD)/drivers/schema
	@node test/day/soak.mjs


asan:           ## build nginx with ASan and UBSan, run the same suites on it
asan: tools $(BUILD)/drivers/schema
	@util/deps.sh build test $(if $(NGINX_FULL_SRC),,asan)
	@util/asan.sh $(T)

.PHONY: asan day soak
