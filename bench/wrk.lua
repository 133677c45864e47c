-- What wrk asks and tells, for bench.mjs.
--
-- args: METHOD-less GETs with the header in wrk -H; or, after "--", a file
-- of tokens, a line each: every request takes the next one of its thread's
-- share, so that none is sent twice.  The last line is a JSON object.

local threads = {}


function setup(thread)
    table.insert(threads, thread)
    thread:set("number", #threads)
    thread:set("used", 0)
end


function init(args)
    local share = tonumber(args[2] or 0)

    if not args[1] then
        return
    end

    local tokens = {}
    local line = 0
    local first = (number - 1) * share

    for token in io.lines(args[1]) do
        line = line + 1
        if line > first and line <= first + share then
            tokens[#tokens + 1] = token
        end
    end

    function request()
        used = used + 1
        local token = tokens[(used - 1) % #tokens + 1]
        return wrk.format("GET", nil, { ["Authorization"] =
            "Bearer " .. token, ["Host"] = "bench" })
    end
end


function done(summary, latency, requests)
    local most = 0

    for _, thread in ipairs(threads) do
        most = math.max(most, thread:get("used"))
    end

    io.write(string.format('{"requests":%d,"microseconds":%d,"bytes":%d,'
        .. '"refused":%d,"broken":%d,"p99":%d,"most":%d}\n',
        summary.requests, summary.duration, summary.bytes,
        summary.errors.status,
        summary.errors.connect + summary.errors.read
        + summary.errors.write + summary.errors.timeout,
        latency:percentile(99), most))
end
