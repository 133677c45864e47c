# The operator's command-line tool.

.PHONY: tools

TOOL_SRCS := $(sort $(wildcard tools/rt/*.c)) \
    $(addprefix src/lib/,text/rt_nginxconf.c text/rt_complain.c \
                         text/rt_utf8.c text/rt_b64.c text/rt_char.c \
                         text/rt_time.c \
                         json/rt_jsonw.c json/rt_json.c json/rt_jsonpath.c \
                         json/rt_jsonscan.c event/rt_chain.c \
                         event/rt_query.c event/rt_query_line.c \
                         event/rt_query_time.c)

TOOL_FLAGS := -O2 -fPIE -pie -fstack-protector-strong -U_FORTIFY_SOURCE \
    -D_FORTIFY_SOURCE=2 -Wl,-z,relro -Wl,-z,now

tools:          ## build $(BUILD)/rt, the operator's tool
tools: $(BUILD)/rt

$(BUILD)/rt: $(TOOL_SRCS) $(wildcard tools/rt/*.h src/lib/*.h src/lib/*/*.h)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_LIB) $(TOOL_FLAGS) -Isrc/lib -Itools/rt -o $@ \
	    $(TOOL_SRCS) -lcrypto -lz
	@echo "built $@"
