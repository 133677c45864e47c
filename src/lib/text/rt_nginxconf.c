
#include <fnmatch.h>

#include "text/rt_nginxconf.h"
#include "text/rt_complain.h"


typedef enum {
    WORD,
    OPEN,
    CLOSE,
    SEMICOLON,
    COMMENT,
    END,
    BAD                             /* in.why says what is wrong */
} token_e;


/* a file, or what is left of it */

typedef struct in_s  in_t;

struct in_s {
    const unsigned char  *p;
    const unsigned char  *last;
    unsigned              line;         /* of p */
    unsigned              from;         /* the line of the last token */
    rt_str_t              name;
    const char           *why;
    in_t                 *next;
};


/*
 * The text is read twice.  The first time no include is followed, and headers
 * say where a file ends; the second time all files are known.
 */

typedef struct {
    rt_mem_t             *mem;
    rt_str_t             *err;
    in_t                 *files;        /* the first one is nginx.conf */
    const unsigned char  *start;
    rt_str_t              header;       /* the last one */
    unsigned              split;        /* this is the first time */
    unsigned              dump;         /* the text has headers */
    unsigned              includes;
    unsigned              directives;
    rt_str_t             *word;         /* of the directive being read */
    unsigned              nwords;
} parser_t;


static const char  header_begin[] = "# configuration file ";


static rt_status_e read_directives(parser_t *ps, in_t *in,
    rt_nginxconf_t *parent, token_e end, unsigned depth);


static int
is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


static int
begins(const in_t *in, const char *with)
{
    size_t  len;

    len = strlen(with);

    return (size_t) (in->last - in->p) >= len && memcmp(in->p, with, len) == 0;
}


static int
ends(const rt_str_t *s, const char *with)
{
    size_t  len;

    len = strlen(with);

    return s->len >= len && memcmp(s->data + s->len - len, with, len) == 0;
}


/* to p, and counts the lines on the way */

static void
advance(in_t *in, const unsigned char *p)
{
    for ( /* void */ ; in->p < p; in->p++) {
        in->line += (*in->p == '\n');
    }
}


static token_e
bad(in_t *in, const char *why)
{
    in->why = why;

    return BAD;
}


static token_e
take(in_t *in, rt_str_t *word, const unsigned char *end)
{
    word->data = (unsigned char *) in->p;
    word->len = (size_t) (end - in->p);

    advance(in, end);

    return word->len < RT_NGINXCONF_WORD ? WORD : bad(in, "a word is too long");
}


static token_e
quoted_word(in_t *in, rt_str_t *word)
{
    unsigned char         quote;
    const unsigned char  *p;

    quote = *in->p++;

    for (p = in->p; p < in->last && *p != quote; p++) {
        p += (*p == '\\' && p + 1 < in->last);
    }

    if (p >= in->last) {
        return bad(in, "a quote is not closed");
    }

    if (take(in, word, p) == BAD) {
        return BAD;
    }

    in->p++;

    if (in->p < in->last && !is_blank(*in->p) && *in->p != ';'
        && *in->p != '{' && *in->p != ')')
    {
        return bad(in, "something follows a quote without a blank");
    }

    return WORD;
}


/* a "{" behind a "$" belongs to the word */

static token_e
bare_word(in_t *in, rt_str_t *word)
{
    int                   variable;
    const unsigned char  *p;

    variable = 0;

    for (p = in->p; p < in->last; p++) {

        if (*p == '{' && variable) {
            continue;
        }

        if (is_blank(*p) || *p == ';' || *p == '{') {
            break;
        }

        variable = (*p == '$');
        p += (*p == '\\' && p + 1 < in->last);
    }

    return take(in, word, p);
}


static token_e
comment(in_t *in, rt_str_t *word)
{
    const unsigned char  *end;

    end = memchr(in->p, '\n', (size_t) (in->last - in->p));

    word->data = (unsigned char *) in->p;
    word->len = (size_t) ((end ? end : in->last) - in->p);
    in->p += word->len;

    return COMMENT;
}


static token_e
next(in_t *in, rt_str_t *word)
{
    while (in->p < in->last && is_blank(*in->p)) {
        advance(in, in->p + 1);
    }

    in->from = in->line;

    if (in->p == in->last) {
        return END;
    }

    switch (*in->p) {

    case ';':
        in->p++;
        return SEMICOLON;

    case '{':
        in->p++;
        return OPEN;

    case '}':
        in->p++;
        return CLOSE;

    case '#':
        return comment(in, word);

    case '"':
    case '\'':
        return quoted_word(in, word);

    default:
        return bare_word(in, word);
    }
}


/* Lua: behind a long bracket, "[[ ]]" or "[==[ ]==]"; p, if there is none */

static const unsigned char *
long_bracket(const unsigned char *p, const unsigned char *last)
{
    size_t                n, level;
    const unsigned char  *q;

    if (p == last || *p != '[') {
        return p;
    }

    for (q = p + 1; q < last && *q == '='; q++) {
        /* void */
    }

    if (q == last || *q != '[') {
        return p;
    }

    level = (size_t) (q - p) - 1;

    for (q++; q < last; q++) {

        if (*q != ']') {
            continue;
        }

        for (n = 0; q + 1 < last && q[1] == '='; n++) {
            q++;
        }

        if (n == level && q + 1 < last && q[1] == ']') {
            return q + 2;
        }
    }

    return last;
}


/* Lua: behind a comment or string that begins at p; p, if none does */

static const unsigned char *
lua_text(const unsigned char *p, const unsigned char *last)
{
    unsigned char         quote;
    const unsigned char  *q;

    if (last - p > 1 && p[0] == '-' && p[1] == '-') {
        q = long_bracket(p + 2, last);

        if (q == p + 2) {
            q = memchr(p, '\n', (size_t) (last - p));
        }

        return q ? q : last;
    }

    if (*p != '"' && *p != '\'') {
        return long_bracket(p, last);
    }

    quote = *p;

    for (q = p + 1; q < last && *q != quote; q++) {
        q += (*q == '\\' && q + 1 < last);
    }

    return q < last ? q + 1 : last;
}


/* behind the brace that closes a block of Lua */

static token_e
skip_lua(in_t *in)
{
    unsigned              depth;
    const unsigned char  *p, *q;

    for (p = in->p, depth = 1; p < in->last; p = q) {
        q = lua_text(p, in->last);

        if (q != p) {
            continue;
        }

        q = p + 1;
        depth += (*p == '{');
        depth -= (*p == '}');

        if (depth == 0) {
            advance(in, q);
            return CLOSE;
        }
    }

    return bad(in, "a block of Lua is not closed");
}


static rt_status_e
wrong(parser_t *ps, const in_t *in, const char *why)
{
    return rt_complain(ps->mem, ps->err, "%s in %.*s:%u", why,
                       rt_str_args(&in->name), in->from);
}


static rt_status_e
too_big(parser_t *ps, const in_t *in, const char *why)
{
    rt_status_e  rc;

    rc = wrong(ps, in, why);

    return rc == RT_INVALID ? RT_TOO_BIG : rc;
}


static rt_status_e
unescape(rt_mem_t *mem, const rt_str_t *raw, rt_str_t *word)
{
    size_t         i;
    const char    *c;
    unsigned char  to;

    static const char  from[] = "\"'\\trn", into[] = "\"'\\\t\r\n";

    word->len = 0;
    word->data = rt_alloc(mem, raw->len + 1);

    if (word->data == NULL) {
        return RT_ERROR;
    }

    for (i = 0; i < raw->len; i++) {
        to = raw->data[i];

        if (to == '\\' && i + 1 < raw->len && raw->data[i + 1]) {
            c = strchr(from, raw->data[i + 1]);

            if (c) {
                to = (unsigned char) into[c - from];
                i++;
            }
        }

        word->data[word->len++] = to;
    }

    word->data[word->len] = '\0';

    return RT_OK;
}


static rt_status_e
add_word(parser_t *ps, const in_t *in, const rt_str_t *raw)
{
    if (ps->nwords == RT_NGINXCONF_WORDS) {
        return too_big(ps, in, "a directive has too many words");
    }

    return unescape(ps->mem, raw, &ps->word[ps->nwords++]);
}


/* the words read so far become a directive of the parent's */

static rt_status_e
add_directive(parser_t *ps, const in_t *in, rt_nginxconf_t *parent,
    unsigned line)
{
    rt_nginxconf_t  *d;

    if (ps->directives++ == RT_NGINXCONF_DIRECTIVES) {
        return too_big(ps, in, "there are too many directives");
    }

    d = rt_alloc(ps->mem, sizeof(rt_nginxconf_t));
    if (d == NULL) {
        return RT_ERROR;
    }

    memset(d, 0, sizeof(rt_nginxconf_t));

    d->word = rt_alloc(ps->mem, ps->nwords * sizeof(rt_str_t));
    if (d->word == NULL) {
        return RT_ERROR;
    }

    memcpy(d->word, ps->word, ps->nwords * sizeof(rt_str_t));
    d->nwords = ps->nwords;
    d->file = in->name;
    d->line = line;
    d->parent = parent;

    *(parent->last ? &parent->last->next : &parent->child) = d;
    parent->last = d;
    ps->nwords = 0;

    return RT_OK;
}


/* "# rt check ..." between directives: a directive "#" of these words */

static rt_status_e
add_note(parser_t *ps, const in_t *in, rt_nginxconf_t *parent,
    const rt_str_t *text)
{
    in_t         note;
    token_e      token;
    rt_str_t     word;
    rt_status_e  rc;

    note = *in;
    note.p = text->data;
    note.last = text->data + text->len;

    if (!begins(&note, RT_NGINXCONF_NOTE)) {
        return RT_OK;
    }

    word.data = text->data;
    word.len = 1;
    rc = add_word(ps, in, &word);

    note.p += sizeof(RT_NGINXCONF_NOTE) - 1;
    token = next(&note, &word);

    while (rc == RT_OK && token == WORD) {
        rc = add_word(ps, in, &word);
        token = next(&note, &word);
    }

    return rc == RT_OK ? add_directive(ps, in, parent, in->from) : rc;
}


/* the name of an included file, as nginx -T prints it */

static rt_status_e
full_name(parser_t *ps, const rt_str_t *name, rt_str_t *full)
{
    size_t           len;
    const rt_str_t  *conf;

    conf = &ps->files->name;
    len = 0;

    if (name->len == 0 || name->data[0] != '/') {
        for (len = conf->len; len && conf->data[len - 1] != '/'; len--) {
            /* void */
        }
    }

    full->len = len + name->len;
    full->data = rt_alloc(ps->mem, full->len + 1);

    if (full->data == NULL) {
        return RT_ERROR;
    }

    memcpy(full->data, conf->data, len);
    memcpy(full->data + len, name->data, name->len);
    full->data[full->len] = '\0';

    return RT_OK;
}


static rt_status_e
include(parser_t *ps, const in_t *in, rt_nginxconf_t *parent, unsigned depth)
{
    int          many, found;
    in_t        *f, file;
    rt_str_t     name;
    rt_status_e  rc;

    rc = full_name(ps, &ps->word[1], &name);
    ps->nwords = 0;

    if (rc != RT_OK) {
        return rc;
    }

    many = (strpbrk((char *) name.data, "*?[") != NULL);
    found = (many && ps->dump);

    for (f = ps->files; f && rc == RT_OK; f = f->next) {

        if (many ? fnmatch((char *) name.data, (char *) f->name.data,
                           FNM_PATHNAME|FNM_PERIOD) != 0
                 : !rt_str_eq(&f->name, &name))
        {
            continue;
        }

        if (ps->includes++ == RT_NGINXCONF_INCLUDES) {
            return too_big(ps, in, "there are too many includes");
        }

        found = 1;
        file = *f;
        rc = read_directives(ps, &file, parent, END, depth + 1);
    }

    return found || rc != RT_OK ? rc
           : wrong(ps, in, "\"include\" names a file that is not here (nginx "
                           "-T prints all of them)");
}


/* what follows the words of a directive */

static rt_status_e
finish(parser_t *ps, in_t *in, rt_nginxconf_t *parent, unsigned line,
    token_e token, unsigned depth)
{
    rt_str_t     name;
    rt_status_e  rc;

    if (ps->nwords == 0) {
        return wrong(ps, in, "a \";\" or \"{\" has no name before it");
    }

    name = ps->word[0];

    if (token == SEMICOLON && ps->nwords == 2 && !ps->split
        && rt_str_lit(&name, "include")
        && (parent->nwords == 0
            || !rt_str_lit(&parent->word[0], "rtauth_group")))
    {
        return include(ps, in, parent, depth);
    }

    rc = add_directive(ps, in, parent, line);

    if (rc != RT_OK || token == SEMICOLON) {
        return rc;
    }

    parent->last->block = 1;

    if (!ends(&name, "_by_lua_block")) {
        return read_directives(ps, in, parent->last, CLOSE, depth + 1);
    }

    return skip_lua(in) == BAD ? wrong(ps, in, in->why) : RT_OK;
}


/* a comment between directives */

static rt_status_e
between(parser_t *ps, const in_t *in, rt_nginxconf_t *parent,
    const rt_str_t *text)
{
    if (ps->split && parent->nwords == 0
        && (text->data == ps->start || text->data[-1] == '\n')
        && text->len > sizeof(header_begin) && ends(text, ":")
        && memcmp(text->data, header_begin, sizeof(header_begin) - 1) == 0)
    {
        ps->header = *text;
        return RT_DONE;
    }

    return add_note(ps, in, parent, text);
}


/*
 * To the end of a block, which is CLOSE, or of a file, which is END.
 *
 * ret: RT_DONE, the first time, at the header of the next file
 */

static rt_status_e
read_directives(parser_t *ps, in_t *in, rt_nginxconf_t *parent, token_e end,
    unsigned depth)
{
    token_e      token;
    unsigned     line;
    rt_str_t     word;
    rt_status_e  rc;

    if (depth > RT_NGINXCONF_DEPTH) {
        return too_big(ps, in, "blocks and includes are nested too deep");
    }

    for (line = 0, rc = RT_OK; rc == RT_OK; /* void */) {
        token = next(in, &word);

        if (ps->nwords == 0) {
            line = in->from;
        }

        switch (token) {

        case WORD:
            rc = add_word(ps, in, &word);
            break;

        case COMMENT:
            rc = ps->nwords ? RT_OK : between(ps, in, parent, &word);
            break;

        case OPEN:
        case SEMICOLON:
            rc = finish(ps, in, parent, line, token, depth);
            break;

        case BAD:
            return wrong(ps, in, in->why);

        default:
            return token == end && ps->nwords == 0 ? RT_OK
                   : wrong(ps, in, token == END ? "the file ends too early"
                                                : "unexpected \"}\"");
        }
    }

    return rc;
}


/* fnmatch() wants a zero behind the name */

static rt_status_e
add_file(parser_t *ps, in_t ***tail, const in_t *in)
{
    in_t  *file;

    file = rt_alloc(ps->mem, sizeof(in_t) + in->name.len + 1);
    if (file == NULL) {
        return RT_ERROR;
    }

    *file = *in;
    file->name.data = (unsigned char *) (file + 1);
    memcpy(file->name.data, in->name.data, in->name.len);
    file->name.data[in->name.len] = '\0';

    **tail = file;
    *tail = &file->next;

    return RT_OK;
}


/* what stands before the first header is a file, if anything does */

static rt_status_e
split(parser_t *ps, in_t *in)
{
    in_t             file, **tail;
    rt_status_e      rc;
    rt_nginxconf_t   root;

    tail = &ps->files;
    ps->split = 1;

    do {
        memset(&root, 0, sizeof(rt_nginxconf_t));

        file = *in;
        rc = read_directives(ps, in, &root, END, 0);

        if (rc != RT_OK && rc != RT_DONE) {
            return rc;
        }

        file.last = rc == RT_DONE ? ps->header.data : in->last;

        if ((rc == RT_OK || ps->dump || root.child)
            && add_file(ps, &tail, &file) != RT_OK)
        {
            return RT_ERROR;
        }

        if (rc == RT_DONE) {
            in->name.data = ps->header.data + sizeof(header_begin) - 1;
            in->name.len = ps->header.len - sizeof(header_begin);
            in->p += (in->p < in->last);
            in->line = 1;
            ps->dump = 1;
        }

    } while (rc == RT_DONE);

    ps->split = 0;

    return rc;
}


rt_status_e
rt_nginxconf_parse(rt_mem_t *mem, const rt_str_t *name, const rt_str_t *text,
    rt_nginxconf_t **root, rt_str_t *err)
{
    in_t         in;
    parser_t     ps;
    rt_status_e  rc;

    memset(&ps, 0, sizeof(parser_t));
    ps.mem = mem;
    ps.err = err;
    ps.start = text->data;

    memset(&in, 0, sizeof(in_t));
    in.p = text->data;
    in.last = text->data + text->len;
    in.line = 1;
    in.name = *name;

    ps.word = rt_alloc(mem, RT_NGINXCONF_WORDS * sizeof(rt_str_t));
    *root = rt_alloc(mem, sizeof(rt_nginxconf_t));

    if (ps.word == NULL || *root == NULL) {
        return RT_ERROR;
    }

    memset(*root, 0, sizeof(rt_nginxconf_t));

    while (begins(&in, "nginx: ")) {
        (void) comment(&in, ps.word);
        in.p += (in.p < in.last);
    }

    rc = split(&ps, &in);

    if (rc != RT_OK) {
        return rc;
    }

    in = *ps.files;

    return read_directives(&ps, &in, *root, END, 0);
}
