
#include "event/rt_event.h"


/*
 * Reason phrases: RFC 9110, the IANA registry, and numbers of the server's own.
 */

typedef struct {
    unsigned     status;
    const char  *text;
} reason_t;


static const reason_t  reasons[] = {
    { 200, "OK" },
    { 302, "Found" },
    { 304, "Not Modified" },
    { 404, "Not Found" },
    { 100, "Continue" },
    { 101, "Switching Protocols" },
    { 102, "Processing" },
    { 103, "Early Hints" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 203, "Non-Authoritative Information" },
    { 204, "No Content" },
    { 205, "Reset Content" },
    { 206, "Partial Content" },
    { 207, "Multi-Status" },
    { 208, "Already Reported" },
    { 226, "IM Used" },
    { 300, "Multiple Choices" },
    { 301, "Moved Permanently" },
    { 303, "See Other" },
    { 305, "Use Proxy" },
    { 307, "Temporary Redirect" },
    { 308, "Permanent Redirect" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 402, "Payment Required" },
    { 403, "Forbidden" },
    { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { 407, "Proxy Authentication Required" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 411, "Length Required" },
    { 412, "Precondition Failed" },
    { 413, "Content Too Large" },
    { 414, "URI Too Long" },
    { 415, "Unsupported Media Type" },
    { 416, "Range Not Satisfiable" },
    { 417, "Expectation Failed" },
    { 421, "Misdirected Request" },
    { 422, "Unprocessable Content" },
    { 423, "Locked" },
    { 424, "Failed Dependency" },
    { 425, "Too Early" },
    { 426, "Upgrade Required" },
    { 428, "Precondition Required" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 444, "Connection Closed Without Response" },
    { 451, "Unavailable For Legal Reasons" },
    { 494, "Request Header Too Large" },
    { 495, "SSL Certificate Error" },
    { 496, "SSL Certificate Required" },
    { 497, "HTTP Request Sent to HTTPS Port" },
    { 499, "Client Closed Request" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 502, "Bad Gateway" },
    { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" },
    { 505, "HTTP Version Not Supported" },
    { 506, "Variant Also Negotiates" },
    { 507, "Insufficient Storage" },
    { 508, "Loop Detected" },
    { 511, "Network Authentication Required" }
};


void
rt_event_init(rt_event_t *ev)
{
    memset(ev, 0, sizeof(*ev));

    ev->upstream_connect_ms = -1;
    ev->upstream_header_ms = -1;
    ev->upstream_response_ms = -1;
}


const char *
rt_event_status_text(unsigned status)
{
    size_t  i;

    for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status) {
            return reasons[i].text;
        }
    }

    return "";
}


const char *
rt_event_drop_name(rt_event_drop_e drop)
{
    static const char *const  names[RT_EVENT_DROPS] = {
        [RT_EVENT_DROP_FULL] = "full",
        [RT_EVENT_DROP_DISK] = "disk",
        [RT_EVENT_DROP_SIZE] = "size",
        [RT_EVENT_DROP_MEMORY] = "memory",
        [RT_EVENT_DROP_CRASH] = "crash",
        [RT_EVENT_DROP_SHUTDOWN] = "shutdown",
        [RT_EVENT_DROP_UNLINKED] = "unlinked"
    };

    return names[drop];
}


int
rt_event_action_valid(const rt_str_t *s)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < s->len; i++) {
        c = s->data[i];

        if (!(c >= 'A' && c <= 'Z')
            && (i == 0 || !((c >= '0' && c <= '9') || c == '_')))
        {
            return 0;
        }
    }

    return s->len >= 1 && s->len <= 64;
}
