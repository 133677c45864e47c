
#include "policy/rt_rowfilter.h"
#include "text/rt_complain.h"
#include "text/rt_utf8.h"


/* "{{user}}" in the place of a claim's path */
static const rt_str_t  rowfilter_user = rt_string("user");


/* a clause that is read, and how far */

typedef struct {
    const rt_str_t  *clause;
    size_t           i;
    size_t           text;      /* where text begins that is no part yet */
    unsigned         depth;     /* of parentheses */
    unsigned char    quote;     /* that ends what we are in; 0: nothing */
    rt_rowpart_t   **last;
} scan_t;


static rt_rowfilter_t *
find(const rt_rowfilters_t *set, const rt_str_t *name)
{
    rt_rowfilter_t  *f;

    for (f = set->filters; f; f = f->next) {
        if (rt_str_eq(&f->name, name)) {
            break;
        }
    }

    return f;
}


static int
is_word(unsigned char c)
{
    return (rt_lower(c) >= 'a' && rt_lower(c) <= 'z') || (c >= '0' && c <= '9')
           || c == '_' || c >= 0x80;
}


/* the name of a variable, in small letters */

static int
is_name(const rt_str_t *name)
{
    size_t  i;

    for (i = 0; i < name->len; i++) {
        if (!is_word(name->data[i]) || name->data[i] >= 0x80
            || rt_lower(name->data[i]) != name->data[i])
        {
            return 0;
        }
    }

    return name->len > 0 && name->len <= RT_ROWFILTER_MAX_NAME;
}


/* the word that ends before i, and where it begins; blanks are skipped */

static rt_str_t
word_before(const rt_str_t *s, size_t i, size_t *begins)
{
    size_t    end;
    rt_str_t  word;

    while (i && s->data[i - 1] == ' ') {
        i--;
    }

    end = i;

    while (i && is_word(s->data[i - 1])) {
        i--;
    }

    word.data = s->data + i;
    word.len = end - i;
    *begins = i;

    return word;
}


/* of "IN ({{claim:PATH}})" and nothing else: an array's elements may stand */

static int
is_list(const rt_str_t *s, size_t begin, size_t end)
{
    rt_str_t  word;

    static const rt_str_t  in = rt_string("in");

    word = word_before(s, begin, &begin);

    if (word.len || begin == 0 || s->data[begin - 1] != '(') {
        return 0;
    }

    word = word_before(s, begin - 1, &begin);

    while (end < s->len && s->data[end] == ' ') {
        end++;
    }

    return rt_str_ieq(&word, &in) && end < s->len && s->data[end] == ')';
}


static int
is_one_of(const rt_str_t *word, const rt_str_t *words)
{
    for ( /* void */ ; words->len; words++) {
        if (rt_str_ieq(word, words)) {
            return 1;
        }
    }

    return 0;
}


/* where the text in quotes or brackets begins that ends before i */

static size_t
quoted_before(const rt_str_t *s, size_t i)
{
    unsigned char  c = s->data[--i];

    c = (c == ']') ? '[' : c;

    while (i && s->data[--i] != c) {
        /* void */
    }

    return i;
}


/* how long "->", "->>" or "=>" is that ends before i: they compare nothing */

static size_t
arrow_before(const rt_str_t *s, size_t i)
{
    const unsigned char  *p = s->data + i;

    return (i < 2 || p[-1] != '>') ? 0
           : (p[-2] == '-' || p[-2] == '=') ? 2
           : (i > 2 && p[-2] == '>' && p[-3] == '-') ? 3 : 0;
}


/*
 * Whether what stands at i is a part of a pattern, as in "a LIKE CONCAT('%', ":
 * from there to the left, out of parentheses, never into others, up to where
 * another expression begins.  Of a function's other arguments, and of the other
 * branches of CASE, none says what this one is for.
 */

static int
is_in_pattern(const rt_str_t *s, size_t i)
{
    rt_str_t       word;
    unsigned       depth, cases;
    unsigned char  c;

    static const rt_str_t  patterns[] = {
        rt_string("like"), rt_string("ilike"), rt_string("rlike"),
        rt_string("regexp"), rt_string("glob"), rt_string("match"),
        rt_string("to"), rt_null_string
    };
    static const rt_str_t  borders[] = {
        rt_string("and"), rt_string("or"), rt_string("in"),
        rt_string("between"), rt_string("when"), rt_string("where"),
        rt_null_string
    };
    static const rt_str_t  branches[] = {
        rt_string("then"), rt_string("else"), rt_string("end"), rt_null_string
    };

    for (depth = 0, cases = 0; i; /* void */ ) {
        c = s->data[i - 1];

        if (is_word(c)) {
            word = word_before(s, i, &i);

            if (depth) {
                continue;
            }

            if (cases) {
                cases += rt_str_ilit(&word, "end");
                cases -= rt_str_ilit(&word, "case");

            } else if (is_one_of(&word, branches)) {
                cases = (i == 0 || s->data[i - 1] != '.');

            } else if (is_one_of(&word, borders)) {
                return 0;

            } else if (is_one_of(&word, patterns)
                       || rt_str_ibegins(&word, "regexp_"))
            {
                return 1;
            }

        } else if (strchr("'\"`]", c)) {
            i = quoted_before(s, i);

        } else if (arrow_before(s, i)) {
            i -= arrow_before(s, i);

        } else if (depth == 0 && cases == 0 && strchr("~=<>", c)) {
            return c == '~';

        } else {
            depth += (c == ')' || (c == ',' && depth == 0));
            depth -= (c == '(' && depth);
            i--;
        }
    }

    return cases != 0;
}


/* NULL, or why a value may not stand between begin and end */

static const char *
misplaced(const rt_str_t *s, size_t begin, size_t end)
{
    size_t    at;
    rt_str_t  word;

    static const rt_str_t  in = rt_string("in");

    if ((begin && strchr(" (,=<>", s->data[begin - 1]) == NULL)
        || (end < s->len && strchr(" ),=<>", s->data[end]) == NULL))
    {
        return "has {{...}} beside a character that could join it, put blanks "
               "around it";
    }

    word = word_before(s, begin, &at);

    if (rt_str_ieq(&word, &in)) {
        return "has {{...}} behind IN, write IN ({{...}})";
    }

    return is_in_pattern(s, begin)
           ? "has {{...}} in a pattern, in which a user's \"%\" would be a "
             "wildcard: compare it by =" : NULL;
}


static rt_status_e
add_part(rt_mem_t *mem, scan_t *s, size_t end, rt_rowpart_t **part)
{
    rt_rowpart_t  *p;

    p = rt_alloc(mem, sizeof(rt_rowpart_t));
    if (p == NULL) {
        return RT_ERROR;
    }

    memset(p, 0, sizeof(rt_rowpart_t));
    p->text.data = s->clause->data + s->text;
    p->text.len = end - s->text;

    *s->last = p;
    s->last = &p->next;
    *part = p;

    return RT_OK;
}


/* at "{{": claim:PATH or user, up to "}}" */

static rt_status_e
add_literal(rt_mem_t *mem, scan_t *s, const char **why)
{
    size_t           begin, end;
    rt_str_t         where;
    rt_rowpart_t    *p;
    const rt_str_t  *c = s->clause;

    begin = s->i;

    for (end = begin + 2; end + 1 < c->len; end++) {
        if (c->data[end] == '}' && c->data[end + 1] == '}') {
            break;
        }
    }

    *why = "has {{ without }}";

    if (end + 1 >= c->len) {
        return RT_INVALID;
    }

    *why = misplaced(c, begin, end + 2);

    if (*why) {
        return RT_INVALID;
    }

    if (add_part(mem, s, begin, &p) != RT_OK) {
        return RT_ERROR;
    }

    s->text = begin + 2;

    if (add_part(mem, s, end, &p) != RT_OK) {
        return RT_ERROR;
    }

    p->literal = 1;
    p->list = is_list(c, begin, end + 2);

    s->text = end + 2;
    s->i = end + 1;

    if (rt_str_eq(&p->text, &rowfilter_user)) {
        return RT_OK;
    }

    *why = "has {{...}} that is neither {{user}} nor {{claim:PATH}}";

    if (!rt_str_cut(&p->text, ':', &where, &p->path)
        || !rt_str_lit(&where, "claim")
        || rt_json_path_check(&p->path) != RT_OK)
    {
        return RT_INVALID;
    }

    return RT_OK;
}


/* some databases know no quotes ` ` and [ ]: nothing there may need them */

static const char *
within(scan_t *s, unsigned char ch, unsigned char next)
{
    if (ch == '{' && next == '{') {
        return "has {{...}} within quotes or brackets: it brings its own "
               "quotes";
    }

    if (ch == s->quote) {
        s->quote = 0;
        return NULL;
    }

    if (s->quote != '\'' && s->quote != '"'
        && !is_word(ch) && strchr(" ,.", ch) == NULL)
    {
        return "has more than words, commas and points within ` ` or [ ]";
    }

    return NULL;
}


/* what would end the clause's parentheses, or what databases read otherwise */

static const char *
step(scan_t *s)
{
    const rt_str_t  *c = s->clause;
    unsigned char    ch = c->data[s->i];
    unsigned char    next = (s->i + 1 < c->len) ? c->data[s->i + 1] : 0;

    if (ch == '\\' || ch == '$') {
        return "has a backslash or \"$\": a claim is {{claim:PATH}}";
    }

    if (s->quote) {
        return within(s, ch, next);
    }

    switch (ch) {

    case '\'':
    case '"':
    case '`':
        s->quote = ch;
        return NULL;

    case '[':
        s->quote = ']';
        return NULL;

    case '(':
        s->depth++;
        return NULL;

    case ')':
        return s->depth-- ? NULL : "has a \")\" too many";

    case ';':
    case '#':
        return "has \";\" or \"#\", which ends it for some databases";

    case '-':
    case '/':
        return next == (ch == '-' ? '-' : '*') ? "has a comment" : NULL;

    default:
        return NULL;
    }
}


static rt_status_e
compile(rt_mem_t *mem, const rt_str_t *clause, rt_rowpart_t **parts,
    const char **why)
{
    scan_t         s;
    rt_status_e    rc;
    rt_rowpart_t  *p;

    memset(&s, 0, sizeof(scan_t));
    s.clause = clause;
    s.last = parts;

    if (clause->len == 0 || clause->len > RT_ROWFILTER_MAX_CLAUSE
        || !rt_utf8_valid(clause) || rt_utf8_has_control(clause))
    {
        *why = "is empty, longer than 1024 bytes, not UTF-8, or has a control "
               "character";
        return RT_INVALID;
    }

    for ( /* void */ ; s.i < clause->len; s.i++) {

        if (s.quote == 0 && clause->len - s.i > 1
            && memcmp(clause->data + s.i, "{{", 2) == 0)
        {
            rc = add_literal(mem, &s, why);
            if (rc != RT_OK) {
                return rc;
            }

            continue;
        }

        *why = step(&s);
        if (*why) {
            return RT_INVALID;
        }
    }

    if (s.quote || s.depth) {
        *why = "has a quote, bracket or parenthesis that does not end";
        return RT_INVALID;
    }

    return add_part(mem, &s, clause->len, &p);
}


/* key=KEY of a group's line; except=GROUP, any number, of a base line */

static rt_status_e
add_option(rt_mem_t *mem, const rt_policy_t *policy, rt_rowline_t *line,
    const rt_str_t *arg, rt_str_t *err)
{
    rt_str_t           name, value;
    const rt_group_t  *group;

    (void) rt_str_cut(arg, '=', &name, &value);

    if (value.len && line->group && line->key.len == 0
        && rt_str_lit(&name, "key"))
    {
        line->key = value;
        return RT_OK;
    }

    if (value.len == 0 || line->group || !rt_str_lit(&name, "except")) {
        return rt_complain(mem, err, "\"%.*s\": write %s, or nothing",
                           rt_str_args(arg), line->group
                           ? "\"key=KEY\" once" : "\"except=GROUP\"");
    }

    group = rt_policy_find(policy, &value);

    if (group == NULL) {
        return rt_complain(mem, err, "\"%.*s\": there is no such group",
                           rt_str_args(arg));
    }

    rt_groups_set(&line->except, group->index);

    return RT_OK;
}


/* base clauses first, those of one key together */

static void
insert(rt_rowfilter_t *filter, rt_rowline_t *line)
{
    rt_rowline_t  **at, **last;

    last = NULL;

    for (at = &filter->lines; *at; at = &(*at)->next) {

        if (line->group == NULL && (*at)->group) {
            break;
        }

        if (line->key.len && rt_str_eq(&line->key, &(*at)->key)) {
            last = &(*at)->next;
        }
    }

    at = last ? last : at;

    line->next = *at;
    *at = line;

    filter->nlines++;
    filter->base |= (line->group == NULL);
}


static rt_status_e
take_filter(rt_rowfilters_t *set, const rt_str_t *name,
    rt_rowfilter_t **filter, rt_str_t *err)
{
    rt_rowfilter_t  *f, **last;

    f = find(set, name);

    if (f && f->nlines == RT_ROWFILTER_MAX_LINES) {
        return rt_complain(set->mem, err, "\"%.*s\" has more than %d clauses, "
                           "let one have a claim", rt_str_args(name),
                           RT_ROWFILTER_MAX_LINES);
    }

    *filter = f;

    if (f) {
        return RT_OK;
    }

    if (!is_name(name)) {
        return rt_complain(set->mem, err, "name \"%.*s\": write small letters, "
                           "digits and \"_\", at most %d", rt_str_args(name),
                           RT_ROWFILTER_MAX_NAME);
    }

    if (set->n == RT_ROWFILTER_MAX_NAMES) {
        return rt_complain(set->mem, err, "more than %d row filters, let "
                           "tables share one", RT_ROWFILTER_MAX_NAMES);
    }

    f = rt_alloc(set->mem, sizeof(rt_rowfilter_t));
    if (f == NULL) {
        return RT_ERROR;
    }

    memset(f, 0, sizeof(rt_rowfilter_t));
    f->name = *name;

    for (last = &set->filters; *last; last = &(*last)->next) {
        /* void */
    }

    *last = f;
    set->n++;
    *filter = f;

    return RT_OK;
}


rt_status_e
rt_rowfilter_add(rt_rowfilters_t *set, const rt_policy_t *policy,
    const rt_group_t *group, const rt_str_t *args, size_t nargs,
    rt_str_t *err)
{
    size_t           i;
    const char      *why;
    rt_status_e      rc;
    rt_rowline_t    *line;
    rt_rowfilter_t  *filter;

    if (nargs < 2) {
        return rt_complain(set->mem, err, "it has no clause, write NAME "
                           "\"CLAUSE\"");
    }

    rc = take_filter(set, &args[0], &filter, err);
    if (rc != RT_OK) {
        return rc;
    }

    line = rt_alloc(set->mem, sizeof(rt_rowline_t));
    if (line == NULL) {
        return RT_ERROR;
    }

    memset(line, 0, sizeof(rt_rowline_t));
    line->group = group;

    why = "";
    rc = compile(set->mem, &args[1], &line->parts, &why);

    if (rc == RT_INVALID) {
        return rt_complain(set->mem, err, "clause \"%.*s\" %s",
                           rt_str_args(&args[1]), why);
    }

    for (i = 2; rc == RT_OK && i < nargs; i++) {
        rc = add_option(set->mem, policy, line, &args[i], err);
    }

    if (rc == RT_OK) {
        insert(filter, line);
    }

    return rc;
}
