
/*
 * Pairs of a name and a value inside a text that is no JSON: what a rule
 * covers is found by the sign between them.
 */

#include "redact/rt_redact.h"
#include "text/rt_char.h"


#define WORDS  3                /* of one name: "my api key" */
#define CELL   2                /* words of a heading: "api key" */


/* no name goes on before one of these */

static int
border(unsigned char c)
{
    return (rt_char[c] & RT_CHAR_BORDER) != 0;
}


static int
quote(unsigned char c)
{
    return c == '"' || c == '\'' || c == '`';
}


/* the bytes of the blank that ends at p; of a form it may be '+' */

static size_t
blank(const unsigned char *start, const unsigned char *p)
{
    return (p > start && p[-1] == '+') ? 1 : rt_glob_blank(start, p);
}


/* the bytes of a mark of no width (U+FEFF, U+200B ...) that ends at p */

static size_t
nothing(const unsigned char *start, const unsigned char *p)
{
    size_t         n;
    rt_str_t       s;
    unsigned char  c[3];

    for (n = 2; n <= 3 && n <= (size_t) (p - start); n++) {
        s.data = (unsigned char *) p - n;
        s.len = n;

        if (s.data[0] >= 0xc2 && rt_glob_plain(c, &s) == 0) {
            return n;
        }
    }

    return 0;
}


/* to the end of the name, over what may stand between it and its sign */

static const unsigned char *
name_end(const unsigned char *start, const unsigned char *p)
{
    size_t                n;
    const unsigned char  *line;

    for ( ;; ) {
        n = blank(start, p);

        if (n == 0 && p > start && p[-1] >= 0x80) {
            n = nothing(start, p);
        }

        if (n == 0 && p > start
            && (quote(p[-1]) || memchr(",\\])?!", p[-1], 6)))
        {
            n = 1;
        }

        if (n == 0) {
            return p;
        }

        p -= n;

        if (n > 1 || (*p != '\n' && *p != '\r')) {
            continue;
        }

        /* a line of GraphQL ends with a comment, which does not count */

        for (line = p; line > start && line[-1] != '\n' && line[-1] != '\r';
             line--)
        {
            if (line[-1] == '#') {
                p = line - 1;
            }
        }
    }
}


/* the last words before the sign, and each with those in front of it */

static int
covered(rt_redact_t *rd, const unsigned char *start,
    const unsigned char *sign, rt_str_t *rule)
{
    size_t                n;
    unsigned              i;
    rt_str_t              name;
    const unsigned char  *p, *end, *word;

    if (*sign == '=' && sign > start && sign[-1] == ':') {
        sign--;
    }

    end = name_end(start, sign);
    p = end;

    for (i = 0; i < WORDS; i++) {

        while ((n = blank(start, p)) != 0 && !border(p[-1])) {
            p -= n;
        }

        for (word = p;
             p > start && !border(p[-1]) && blank(start, p) == 0;
             p--)
        {
            /* void */
        }

        if (p == word) {
            break;
        }

        name.data = (unsigned char *) p;
        name.len = (size_t) (end - p);

        if (rt_redact_name(rd, &name, rule) != RT_REDACT_NONE) {
            return 1;
        }

        /* -Dname=value: the letter is an option, not the name's */

        if (name.len > 2 && *p == '-' && rt_lower(p[1]) >= 'a'
            && rt_lower(p[1]) <= 'z')
        {
            name.data += 2;
            name.len -= 2;

            if (rt_redact_name(rd, &name, rule) != RT_REDACT_NONE) {
                return 1;
            }
        }
    }

    return 0;
}


/* PHP's serialize(): does this ';' part "name"; and s:5:"value"; ? */

static int
serialized(const unsigned char *start, const unsigned char *p,
    const unsigned char *end)
{
    return *p == ';' && p > start && p[-1] == '"' && end - p > 2
           && memchr("abdiorsCEORS", p[1], 12) != NULL && p[2] == ':';
}


static const unsigned char *
word_end(const unsigned char *p, const unsigned char *end)
{
    while (p < end && *p > ' ' && !quote(*p)) {
        p++;
    }

    return p;
}


/* over the blank between a scheme of HTTP, which ends at p, and what it has */

static const unsigned char *
scheme_end(const rt_str_t *s, const unsigned char *p)
{
    size_t                i;
    rt_str_t              word;
    const unsigned char  *end;

    static const rt_str_t  schemes[] = {
        rt_string("basic"), rt_string("bearer"), rt_string("digest"),
        rt_string("token"), rt_string("apikey"), rt_string("negotiate"),
        rt_string("ntlm")
    };

    end = s->data + s->len;

    for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        word.len = schemes[i].len;

        if ((size_t) (p - s->data) <= word.len || p == end || *p != ' ') {
            continue;
        }

        word.data = (unsigned char *) p - word.len;

        if (rt_str_ieq(&word, &schemes[i])
            && (word.data[-1] <= ' ' || border(word.data[-1])))
        {
            return p + 1;
        }
    }

    return p;
}


/*
 * One word, a ':' and one word on a line, maybe of a list, or between quotes:
 * "Name: value", "- Name: value".
 */

static int
alone(const rt_str_t *s, const unsigned char *start,
    const unsigned char *colon)
{
    size_t                n;
    const unsigned char  *p, *end;

    for (p = colon; p > start && !border(p[-1]) && blank(start, p) == 0;
         p--)
    {
        /* void */
    }

    while (((n = blank(start, p)) != 0 && !border(p[-1]))
           || (p > start && p[-1] == '-'))
    {
        p -= n ? n : 1;
    }

    if (p > s->data && !quote(p[-1]) && p[-1] != '\n' && p[-1] != '\r') {
        return 0;
    }

    end = s->data + s->len;

    for (p = colon + 1; p < end && (*p == ' ' || *p == '\t'); p++) {
        /* void */
    }

    if (p == end || *p <= ' ') {
        return 0;
    }

    p = word_end(p, end);
    p = word_end(scheme_end(s, p), end);

    while (p < end && (*p == ' ' || *p == '\t')) {
        p++;
    }

    return p == end || *p == '\n' || *p == '\r' || quote(*p);
}


/* is this ':' the sign of a pair? */

static int
signs(const rt_str_t *s, const unsigned char *start,
    const unsigned char *colon, int object)
{
    const unsigned char  *p;

    if (object) {
        return 1;
    }

    for (p = colon; p > start && (p[-1] == ' ' || p[-1] == '\\'); p--) {
        /* void */
    }

    return (p > start && quote(p[-1])) || alone(s, start, colon);
}


int
rt_redact_pair_value(const rt_str_t *name)
{
    return rt_str_ieq(name, &(rt_str_t) rt_string("value"));
}


int
rt_redact_pair_name(const rt_str_t *name)
{
    return rt_str_ieq(name, &(rt_str_t) rt_string("name"))
           || rt_str_ieq(name, &(rt_str_t) rt_string("key"))
           || rt_str_ieq(name, &(rt_str_t) rt_string("path"))
           || rt_str_ieq(name, &(rt_str_t) rt_string("field"));
}


/* name="password" in the tag that ends at end, whose value stands elsewhere */

static int
names_another(rt_redact_t *rd, const unsigned char *p,
    const unsigned char *end, rt_str_t *rule)
{
    rt_str_t              name, value;
    const unsigned char  *from, *to, *open;

    for ( /* void */ ; p < end; p++) {

        if (*p != '=') {
            continue;
        }

        for (open = p + 1; open < end && *open <= ' '; open++) { /* void */ }

        if (open == end || !quote(*open)) {
            continue;
        }

        to = memchr(open + 1, *open, (size_t) (end - open - 1));

        if (to == NULL) {
            return 0;
        }

        for ( /* void */ ; p[-1] <= ' '; p--) { /* void */ }

        for (from = p; !border(from[-1]) && from[-1] > ' '; from--) {
            /* void */
        }

        name.data = (unsigned char *) from;
        name.len = (size_t) (p - from);
        value.data = (unsigned char *) open + 1;
        value.len = (size_t) (to - open - 1);

        if (rt_redact_pair_name(&name)
            && rt_redact_name(rd, &value, rule) != RT_REDACT_NONE)
        {
            return 1;
        }

        p = to;
    }

    return 0;
}


/* <key>password</key>: the name is the text behind the tag that ends at p */

static int
names_next(rt_redact_t *rd, const rt_str_t *name, const unsigned char *p,
    const unsigned char *end, rt_str_t *rule)
{
    rt_str_t  text;

    if (!rt_redact_pair_name(name) || p == end || *p != '>') {
        return 0;
    }

    text.data = (unsigned char *) ++p;

    while (p < end && *p != '<') {
        p++;
    }

    text.len = (size_t) (p - text.data);

    return text.len <= RT_GLOB_MAX
           && rt_redact_name(rd, &text, rule) != RT_REDACT_NONE;
}


/*
 * XML: <password>x</password>, <entry name="password">x</entry>, and
 * <key>password</key>, whose value is the next element.  What stands in angle
 * brackets behind the last end of an element is only a word.
 */

static int
element(rt_redact_t *rd, const unsigned char *p, const unsigned char *end,
    rt_str_t *rule)
{
    rt_str_t              name;
    unsigned char         c;
    const unsigned char  *last;

    p += (end - p > 1 && p[1] == '/') ? 2 : 1;
    name.data = (unsigned char *) p;

    while (p < end && *p > ' ' && *p != '/' && (!border(*p) || *p == ':')) {
        p++;
    }

    name.len = (size_t) (p - name.data);

    if (name.len && rt_redact_name(rd, &name, rule) != RT_REDACT_NONE) {
        return 1;
    }

    for (last = p, c = 0; last < end && (c || (*last != '<' && *last != '>'));
         last++)
    {
        c = c ? (*last == c ? 0 : c) : quote(*last) ? *last : 0;
    }

    return names_another(rd, p, last, rule)
           || names_next(rd, &name, last, end, rule);
}


/* a tag, or its begin: "<a>", "<a/", "<a b=", and not "<somebody's name>" */

static int
begins_tag(const unsigned char *p, const unsigned char *end)
{
    if (p == end || *p != '<') {
        return 0;
    }

    while (p < end && *p > ' ' && *p != '>' && *p != '/') { p++; }
    while (p < end && *p <= ' ') { p++; }

    if (p == end || *p == '>' || *p == '/') {
        return 1;
    }

    while (p < end && *p > ' ' && *p != '=') { p++; }
    while (p < end && *p <= ' ') { p++; }

    return p < end && *p == '=';
}


/*
 * The end of the last tag that ends an element: behind it is no XML.  A text
 * that begins as XML does may have lost its end.
 */

static const unsigned char *
xml_end(const rt_str_t *s)
{
    const unsigned char  *p, *end;

    end = s->data + s->len;

    for (p = s->data; p < end && *p <= ' '; p++) { /* void */ }

    if (begins_tag(p, end)) {
        return end;
    }

    for (p = end; p - s->data > 2; p--) {

        if (p[-2] == '/' && p[-1] == '>') {
            return p;
        }

        if (p[-2] == '<' && p[-1] == '/') {
            while (p < end && p[-1] != '>') {
                p++;
            }

            return p;
        }
    }

    return p;
}


static int
hides_element(rt_redact_t *rd, const rt_str_t *s, rt_str_t *rule)
{
    const unsigned char  *p, *end;

    end = xml_end(s);

    for (p = s->data; end - p > 2; p++) {
        p = memchr(p, '<', (size_t) (end - p));

        if (p == NULL) {
            break;
        }

        if (element(rd, p, end, rule)) {
            return 1;
        }
    }

    return 0;
}


int
rt_redact_hides_pair(rt_redact_t *rd, const rt_str_t *s, int object,
    rt_str_t *rule)
{
    int                   comment;
    const unsigned char  *p, *start, *end;

    if (s->len == 0) {
        return 0;
    }

    if (memchr(s->data, '<', s->len) != NULL) {
        rd->looked += s->len;

        if (hides_element(rd, s, rule)) {
            return 1;
        }
    }

    if (rt_redact_hides_filter(rd, s, rule)) {
        return 1;
    }

    if (memchr(s->data, '=', s->len) == NULL
        && memchr(s->data, ':', s->len) == NULL)
    {
        return 0;
    }

    rd->looked += s->len;

    object |= (memchr(s->data, '{', s->len) != NULL);
    end = s->data + s->len;
    comment = 0;

    for (p = s->data, start = p; p < end; p++) {

        /* signs in a comment do not part a name from its own sign behind it */

        if (*p == '#' || *p == '\n' || *p == '\r') {
            comment = (object && *p == '#');
        }

        if (serialized(start, p, end) && covered(rd, start, p, rule)) {
            return 1;
        }

        if (*p != '=' && (*p != ':' || (end - p > 1 && p[1] == '='))) {
            continue;
        }

        if ((*p == '=' || signs(s, start, p, object))
            && covered(rd, start, p, rule))
        {
            return 1;
        }

        if (!comment) {
            start = p + 1;
        }
    }

    return 0;
}


/* is what stands here, without blanks and quotes around it, a covered name? */

static int
tells(rt_redact_t *rd, const unsigned char *p, const unsigned char *end,
    unsigned words, rt_str_t *rule)
{
    unsigned              n;
    rt_str_t              name;
    const unsigned char  *q;

    while (p < end && (*p <= ' ' || quote(*p))) { p++; }
    while (end > p && (end[-1] <= ' ' || quote(end[-1]))) { end--; }

    if (end - p > RT_GLOB_MAX) {
        return 0;
    }

    for (q = p, n = 1; q < end; q++) {

        if (*q <= ' ') {
            n += (q[-1] == ':') ? words : 1;

        } else if (*q == '/' && end - q > 1 && q[1] == '/') {
            return 0;
        }
    }

    name.data = (unsigned char *) p;
    name.len = (size_t) (end - p);

    return n <= words && rt_redact_name(rd, &name, rule) != RT_REDACT_NONE;
}


/* to the end of a word, which is not sought for further than a name is long */

static const unsigned char *
cell_end(const unsigned char *p, const unsigned char *end, const char *stops)
{
    const unsigned char  *from;

    for (from = p; p < end && p - from <= RT_GLOB_MAX; p++) {
        if (*p && strchr(stops, *p) != NULL) {
            break;
        }
    }

    return p;
}


/*
 * XML of whatever kind: the text of an element, or the value of an attribute,
 * that is a covered name says what stands in another place.  Values of XML-RPC
 * have no names.
 */

static int
tells_in_xml(rt_redact_t *rd, const rt_str_t *s, rt_str_t *rule)
{
    const unsigned char  *p, *to, *end;

    static const rt_str_t  builtin = rt_string("builtin");
    static const rt_str_t  call = rt_string("<methodCall");

    end = s->data + s->len;

    for (p = s->data; p < end; p++) {

        if (*p == '<' && (size_t) (end - p) >= call.len
            && memcmp(p, call.data, call.len) == 0)
        {
            *rule = builtin;
            return 1;
        }

        if (*p == '>') {

            for (to = p + 1; to < end && *to != '<' && *to != '>'; to++) {
                /* void */
            }

            if (tells(rd, p + 1, to, 1, rule)) {
                return 1;
            }

            continue;
        }

        if (*p != '=') {
            continue;
        }

        for (to = p + 1; to < end && *to <= ' '; to++) { /* void */ }

        if (to < end && quote(*to)
            && tells(rd, to + 1, cell_end(to + 1, end, *to == '"' ? "\"" : "'"),
                     1, rule))
        {
            return 1;
        }
    }

    return 0;
}


/* a heading of a table: "user;password" */

static int
tells_in_head(rt_redact_t *rd, const rt_str_t *s, rt_str_t *rule)
{
    const unsigned char  *p, *from, *end;

    end = s->data + s->len;

    for (p = s->data; p < end && *p <= ' '; p++) { /* void */ }

    if (p < end && *p == '<') {
        return 0;
    }

    for (from = p; /* void */ ; p++) {

        if (p < end && *p != '\n' && *p != '\r'
            && memchr(",;|\t", *p, 4) == NULL)
        {
            continue;
        }

        if (tells(rd, from, p, CELL, rule)) {
            return 1;
        }

        if (p == end || *p == '\n' || *p == '\r') {
            return 0;
        }

        from = p + 1;
    }
}


/* "name: password": the sign at p stands behind the name of a name */

static int
tells_pair(rt_redact_t *rd, const unsigned char *start,
    const unsigned char *p, const unsigned char *end, rt_str_t *rule)
{
    rt_str_t              name;
    const unsigned char  *q;

    for (q = p; q > start && (q[-1] == ' ' || quote(q[-1])); q--) {
        /* void */
    }

    name.len = 0;

    while (q > start && name.len < 8 && rt_lower(q[-1]) >= 'a'
           && rt_lower(q[-1]) <= 'z')
    {
        q--;
        name.len++;
    }

    name.data = (unsigned char *) q;

    if (!rt_redact_pair_name(&name)
        || (q > start && q[-1] > ' ' && !quote(q[-1]) && !border(q[-1])))
    {
        return 0;
    }

    for (p++; p < end && (*p == ' ' || *p == '\t' || quote(*p)); p++) {
        /* void */
    }

    return tells(rd, p, cell_end(p, end, " \t\r\n\"'`,;&<})]"), 1, rule);
}


int
rt_redact_hides_body(rt_redact_t *rd, const rt_str_t *s, rt_str_t *rule)
{
    const unsigned char  *p, *to, *end;

    if (s->len == 0) {
        return 0;
    }

    rd->looked += s->len;

    if (rt_redact_hides_pair(rd, s, 1, rule) || tells_in_head(rd, s, rule)
        || (memchr(s->data, '<', s->len) != NULL
            && tells_in_xml(rd, s, rule)))
    {
        return 1;
    }

    end = s->data + s->len;

    for (p = s->data; p < end; p++) {

        if ((*p == '=' || *p == ':')
            && tells_pair(rd, s->data, p, end, rule))
        {
            return 1;
        }

        /* "--password x" */

        if (*p != '-' || end - p < 3 || p[1] != '-'
            || (p > s->data && p[-1] > ' '))
        {
            continue;
        }

        to = cell_end(p, end, " \t");

        if (to < end && tells(rd, p + 2, to, 1, rule)) {
            return 1;
        }
    }

    return 0;
}
