-- What wrk asks and tells, for bench.mjs.
--
-- args: a body, or ""; a file of tokens, a line each, with a proof of DPoP
-- behind it or none, and the share of a thread: every request takes the next one
-- of its thread's share, so that none is sent twice.  The last line is a JSON
-- object.

local threads = {}


function setup(thread)
    table.insert(threads, thread)
    thread:set("number", #threads)
    thread:set("used", 0)
end


function init(args)
    local share = tonumber(args[3] or 0)

    if args[1] and args[1] ~= "" then
        wrk.method = "POST"
        wrk.body = args[1]
    end

    if not args[2] then
        return
    end

    local tokens = {}
    local line = 0
    local first = (number - 1) * share

    for token in io.lines(args[2]) do
        line = line + 1
        if line > first and line <= first + share then
            tokens[#tokens + 1] = token
        end
    end

    function request()
        used = used + 1
        local line = tokens[(used - 1) % #tokens + 1]
        local token, proof = line:match("^(%S+) (%S+)$")

        if proof then
            return wrk.format("GET", nil, { ["Authorization"] =
                "DPoP " .. token, ["DPoP"] = proof,
                ["Host"] = wrk.headers["Host"] })
        end

        return wrk.format("GET", nil, { ["Authorization"] =
            "Bearer " .. line, ["Host"] = wrk.headers["Host"] })
    end
end


function done(summary, latency, requests)
    local most = 0

    for _, thread in ipairs(threads) do
        most = math.max(most, thread:get("used"))
    end

    io.write(string.format('{"requests":%d,"microseconds":%d,"bytes":%d,'
        .. '"refused":%d,"broken":%d,"p50":%d,'
        .. '"p99":%d,"most":%d}\n',
        summary.requests, summary.duration, summary.bytes,
        summary.errors.status,
        summary.errors.connect + summary.errors.read
        + summary.errors.write + summary.errors.timeout,
        latency:percentile(50), latency:percentile(99), most))
end
