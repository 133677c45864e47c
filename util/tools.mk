# The operator's command-line tool.

.PHONY: tools

TOOL_SRCS := $(sort $(wildcard tools/rt/*.c src/lib/json/*.c \
                              src/lib/redact/*.c src/lib/text/*.c \
                              src/lib/html/*.c src/lib/csp/*.c)) \
    $(filter-out %/rt_sign.c,$(wildcard src/lib/jose/*.c)) \
    src/lib/oidc/rt_origin.c \
    $(addprefix src/lib/event/rt_,chain.c query.c query_line.c query_time.c)

TOOL_FLAGS := -O2 -fPIE -pie -fstack-protector-strong -U_FORTIFY_SOURCE \
    -D_FORTIFY_SOURCE=2 -Wl,-z,relro -Wl,-z,now

tools:          ## build $(BUILD)/rt, the operator's tool
tools: $(BUILD)/rt

$(BUILD)/rt: $(TOOL_SRCS) $(wildcard tools/rt/*.h src/lib/*.h src/lib/*/*.h)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_LIB) $(TOOL_FLAGS) -Isrc/lib -Itools/rt -o $@ \
	    $(TOOL_SRCS) -lssl -lcrypto -lz -lcurl -lm
	@echo "built $@"
