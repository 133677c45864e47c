
/*
 * Redaction: which names are secret, and the record of what was taken out.
 *
 * Rules work on decoded values before anything is encoded, never on a line.
 * They add up: the strictest of all that match wins (drop over mask over
 * hmac).  A name is matched whole and by each of its segments, so that
 * "password" also covers user[password], password[], password[0],
 * user.password, form:password and form$password; a match covers everything
 * below it.
 *
 * What is masked whatever the rules say is in rt_redact_builtin.c and
 * rt_redact_key.c, of names in rt_redact_names.h, of headers in
 * rt_redact_head.h.
 */


#ifndef RT_REDACT_H_INCLUDED
#define RT_REDACT_H_INCLUDED


#include "rt_base.h"
#include "text/rt_glob.h"
#include "text/rt_regex.h"
#include "json/rt_json.h"
#include "json/rt_jsonw.h"
#include "redact/rt_pseudonym.h"


#pragma GCC visibility push(hidden)


#define RT_REDACT_NOTES    64       /* records kept of one event */
#define RT_REDACT_PTR      256      /* bytes of a record's pointer */
#define RT_REDACT_NESTED   4        /* JSON in strings in JSON ... */
#define RT_REDACT_DEPTH    64       /* nesting of one JSON text */
#define RT_REDACT_NODES    16384    /* values of one JSON text */
#define RT_REDACT_STEPS                                                       \
    ((RT_REDACT_NESTED + 1) * RT_REDACT_DEPTH + 16)     /* of a pointer */
#define RT_REDACT_JUDGED   32768    /* names and parts of names looked at in
                                       one event; all later ones are masked */

#define RT_REDACT_LOOKED   (64 << 20)   /* bytes of text looked at in one
                                           event; all later ones are masked */
#define RT_REDACT_WORK     (16 << 20)   /* steps that regular expressions may
                                           take in one event; later values are
                                           masked */

#define RT_REDACT_VARIABLES 32      /* of GraphQL that are kept of one event;
                                       with more, all names are masked */

#define RT_REDACT_TIMES    3        /* percent-decodings something may hide
                                       behind */

#define RT_REDACT_MASKED   "[REDACTED]"


/* in order of strictness */

typedef enum {
    RT_REDACT_NONE = 0,
    RT_REDACT_HMAC,
    RT_REDACT_MASK,
    RT_REDACT_DROP
} rt_redact_act_e;


typedef enum {
    RT_REDACT_NAME = 0,             /* name:GLOB */
    RT_REDACT_JSON,                 /* json:/GLOB/... */
    RT_REDACT_URI,                  /* uri:/GLOB/... */
    RT_REDACT_USER,                 /* user:MEMBER */
    RT_REDACT_SHAPE,                /* shape:NAME */
    RT_REDACT_REGEX                 /* regex:PATTERN */
} rt_redact_kind_e;


typedef struct {
    rt_redact_kind_e         kind;
    rt_redact_act_e          act;
    rt_str_t                 text;  /* the selector as configured */
    rt_glob_t                glob;  /* of NAME; of others no name matches it */
    rt_glob_t               *step;  /* of JSON, URI and USER, nsteps */
    unsigned                 nsteps;
    int                      shape; /* rt_shape_named() */
    void                    *regex[2];  /* for short texts, for all */
    const rt_regex_t        *engine;
} rt_redact_rule_t;


/* the rules of one location, inherited ones included */

typedef struct {
    const rt_redact_rule_t  *rule;
    unsigned                 n;
} rt_redact_set_t;


typedef struct {
    rt_str_t                 ptr;   /* "/parameters/password" */
    const char              *act;   /* "drop", "mask", "unparsed" */
    rt_str_t                 rule;  /* "name:password", "builtin", ... */
    unsigned                 n;     /* how often in a row */
} rt_redact_note_t;


/*
 * A path as far as it was walked, by rt_redact_walk(): segments decoded,
 * without "." and "..", and the sets whose rules hold for it.
 */

#define RT_REDACT_PATH     32

typedef struct {
    const rt_redact_set_t *const  *sets;
    unsigned                       nsets;
    unsigned                       n;
    rt_str_t                       segment[RT_REDACT_PATH];
} rt_redact_path_t;


/* 1 if it is "*", which any name matches */

static inline int
rt_redact_any(const rt_glob_t *g)
{
    return g->min == 0;
}


/* a variable of GraphQL that is the value of a covered name, see
   rt_redact_graphql.h; its name folded as names are that are judged */

typedef struct {
    rt_str_t                 name;
    rt_redact_act_e          act;
    rt_str_t                 rule;
} rt_redact_variable_t;


/* arguments of a request, and what became of each: see rt_redact_url.h */

typedef struct rt_redact_kept_s  rt_redact_kept_t;


/* the redactor of one event; begin with rt_redact_init */

typedef struct {
    rt_mem_t                      *mem;

    /* all sets count; the caller adds the set of each location passed */
    const rt_redact_set_t *const  *sets;
    unsigned                       nsets;

    /* uri: rules for addresses with a host, which lead to any location;
       NULL: those of the sets */
    const rt_redact_set_t         *elsewhere;

    rt_redact_note_t               note[RT_REDACT_NOTES];
    unsigned                       nnotes;
    unsigned                       overflow;  /* notes that found no room */

    unsigned                       acts;      /* times something was done */
    unsigned                       cuts;      /* values that did not fit */
    unsigned                       nested;    /* JSON in strings: depth now */
    unsigned                       judged;    /* names looked at */
    size_t                         looked;    /* bytes of text looked at */
    size_t                         work;      /* of RT_REDACT_WORK, at most */
    unsigned                       ruled;     /* there are rules */
    unsigned                       kinds;     /* a bit for each kind of them
                                                 but NAME */
    size_t                         root;      /* steps above the JSON's */
    const rt_pseudonym_key_t      *key;       /* of HMAC; NULL: it masks */
    size_t                         nsteps;
    rt_str_t                       step[RT_REDACT_STEPS];   /* the pointer */

    rt_redact_kept_t              *kept;

    rt_redact_variable_t          *variable;    /* RT_REDACT_VARIABLES */
    unsigned                       nvariables;  /* found; may be more */

    /* told of each value left out for want of room; may be NULL */
    void                         (*cut)(void *ctx, const rt_str_t *ptr);
    void                          *cut_ctx;
} rt_redact_t;


void rt_redact_init(rt_redact_t *rd, rt_mem_t *mem,
    const rt_redact_set_t *const *sets, unsigned nsets);

/*
 * The arguments of one rtaudit_redact line: selectors and action=.
 *
 * in:   args; rules has room for nargs rules; engine, of regex:, may be NULL,
 *       else it outlives the rules
 * out:  rules, *nrules; text and globs in the arena, args may go away
 * ret:  RT_OK; RT_INVALID with *err a sentence that names the argument and says
 *       what to write instead; RT_ERROR (memory)
 */
rt_status_e rt_redact_parse(rt_mem_t *mem, const rt_str_t *args,
    unsigned nargs, const rt_regex_t *engine, rt_redact_rule_t *rules,
    unsigned *nrules, rt_str_t *err);

/*
 * What becomes of the value under this (decoded) name; *rule is the rule
 * that decided, for the record.  Out of memory answers RT_REDACT_DROP.
 */
rt_redact_act_e rt_redact_name(rt_redact_t *rd, const rt_str_t *name,
    rt_str_t *rule);

/* the same for a name that is known, and none of those that are built in */

static inline rt_redact_act_e
rt_redact_known(rt_redact_t *rd, const rt_str_t *name, rt_str_t *rule)
{
    return rd->ruled ? rt_redact_name(rd, name, rule) : RT_REDACT_NONE;
}

/*
 * What a decoded text hides: it may be JSON, or hold arguments of its own
 * ("https://host/?token=...", lines of KEY=value, "--password=x"), or be an
 * object in some other notation ("{password: '...'}", GraphQL).
 *
 * CLEAN:   nothing, to be shown as it is
 * EDITED:  JSON with something taken out: *out is shown instead
 * HIDDEN:  it cannot be taken apart safely, or holds a token or the user of
 *          an address: to be masked as a whole, *rule says why
 */

typedef enum {
    RT_REDACT_CLEAN = 0,
    RT_REDACT_EDITED,
    RT_REDACT_HIDDEN
} rt_redact_look_e;

rt_redact_look_e rt_redact_look(rt_redact_t *rd, const rt_str_t *s,
    rt_str_t *out, rt_str_t *rule);

/*
 * Where in s a token begins: a compact JWS or JWE (RFC 7515, RFC 7516), by
 * itself, behind "Bearer ", in an address, in prose; in base64url or the
 * standard alphabet, with padding or without.  Its first part has to decode
 * to the start of a JSON object, so that words are none.  Masked always.
 *
 * ret: the offset, s->len when there is none
 */
size_t rt_redact_token(const rt_str_t *s);

/* 1 if s has credentials behind "Basic" (RFC 7617): "mary:secret" in base64 */
int rt_redact_basic(const rt_str_t *s);

/* 1 if an address in s has a user, and maybe a password, before its host */
int rt_redact_userinfo(const rt_str_t *s);

/*
 * Where in s a key begins that tells by its looks what it is: a private key in
 * PEM (RFC 7468), or one of those that a cloud or a forge gives out, which
 * begin with letters of their own.  Masked always.
 *
 * ret: the offset, s->len when there is none
 */
size_t rt_redact_key(const rt_str_t *s);

/*
 * 1 if s, as it is or percent-decoded up to RT_REDACT_TIMES times, holds a
 * token, a key, or a user before a host; also when there is no memory to look.
 */
int rt_redact_builtin(rt_redact_t *rd, const rt_str_t *s);

/*
 * 1 if a name that a rule covers stands in s with a value: before '=' in any
 * text; before ':' in an object (said by the flag, or by a '{'), between
 * quotes, or alone on its line; in a filter.  *rule is the one that decided.
 */
int rt_redact_hides_pair(rt_redact_t *rd, const rt_str_t *s, int object,
    rt_str_t *rule);

/*
 * The same before an operator of a SCIM filter: where the text has a value in
 * quotes, whichever they are, or is called "filter" or "path".
 */
int rt_redact_hides_filter(rt_redact_t *rd, const rt_str_t *s, rt_str_t *rule);

/*
 * The same of a body that is a text, in which a name may also stand apart from
 * its value: as the text of an element, an attribute's value, a heading in the
 * first line, behind "name:", or as "--name value".
 */
int rt_redact_hides_body(rt_redact_t *rd, const rt_str_t *s, rt_str_t *rule);

/*
 * 1 if a name holds more than a name, and must not be shown even in a note:
 * a token, JSON, arguments, or a value behind a covered name ("password:x").
 */
int rt_redact_telling(rt_redact_t *rd, const rt_str_t *name, rt_str_t *rule);


/*
 * The pointer under which notes are made; enter returns what leave takes.
 * The segment's bytes stay where they are until then.
 */

static inline size_t
rt_redact_enter(rt_redact_t *rd, const rt_str_t *segment)
{
    size_t  saved;

    saved = rd->nsteps;

    if (saved < RT_REDACT_STEPS) {
        rd->step[rd->nsteps++] = *segment;
    }

    return saved;
}


static inline void
rt_redact_leave(rt_redact_t *rd, size_t saved)
{
    rd->nsteps = saved;
}


#define rt_redact_into(rd, lit)                                               \
    rt_redact_enter(rd, &(rt_str_t) rt_string(lit))

/* are there rules of this kind? */
#define rt_redact_has(rd, kind)  ((rd)->kinds & (1u << (kind)))

/* of those that look into texts? */
#define rt_redact_looks(rd)                                                   \
    ((rd)->kinds & ((1u << RT_REDACT_SHAPE) | (1u << RT_REDACT_REGEX)))

/*
 * What rules other than those by name say of a value: json: by the current
 * pointer, shape: and regex: by its text.  It is the stricter of that and act,
 * and *rule changes with it.
 */
rt_redact_act_e rt_redact_value(rt_redact_t *rd, const rt_str_t *s,
    rt_redact_act_e act, rt_str_t *rule);

/* the same of a member or element, and of those that have the same name */
rt_redact_act_e rt_redact_node(rt_redact_t *rd, const rt_json_t *v,
    rt_redact_act_e act, rt_str_t *rule);

/* what shape: and regex: say of a text that stands anywhere */
rt_redact_act_e rt_redact_shaped(rt_redact_t *rd, const rt_str_t *s,
    rt_redact_act_e act, rt_str_t *rule);

/* what user: says of a member of the user, where there are such rules */
rt_redact_act_e rt_redact_user(rt_redact_t *rd, const rt_str_t *name,
    rt_str_t *rule);

/*
 * Begins a path, behind a host or of this request.
 *
 * ret: 1 if there are rules uri: for it
 */
static inline int
rt_redact_walk(const rt_redact_t *rd, rt_redact_path_t *path, int host)
{
    path->n = 0;

    if (host && rd->elsewhere) {
        path->sets = &rd->elsewhere;
        path->nsets = 1;

    } else {
        path->sets = rd->sets;
        path->nsets = rt_redact_has(rd, RT_REDACT_URI) ? rd->nsets : 0;
    }

    return path->nsets != 0;
}

/*
 * What uri: says of the next segment of a path.  The strictest counts where
 * one holds several in an encoding.
 */
rt_redact_act_e rt_redact_segment(rt_redact_t *rd, rt_redact_path_t *path,
    const rt_str_t *segment, rt_str_t *rule);

/* s percent-decoded as often as something may hide behind it, a copy */
rt_str_t rt_redact_decoded(rt_redact_t *rd, const rt_str_t *s);

/* 1 if a text is an address, or a path, of which uri: takes something out */
int rt_redact_leads(rt_redact_t *rd, const rt_str_t *s, rt_str_t *rule);

/*
 * What stands in place of a value: "[REDACTED]", or of HMAC its pseudonym,
 * when there is a key and the value is a text.
 */
rt_str_t rt_redact_instead(rt_redact_t *rd, rt_redact_act_e act,
    const rt_str_t *value);

/* records that something at the current pointer was taken out */
void rt_redact_note(rt_redact_t *rd, const char *act, const rt_str_t *rule);

/* the act's name for notes */
const char *rt_redact_act_name(rt_redact_act_e act);

/* writes the notes as an array, as many as fit; counts the rest */
void rt_redact_write_notes(rt_redact_t *rd, rt_jsonw_t *w);

/*
 * Writes a JSON tree, redacted.  Members that do not fit are left out on
 * their border and told to cut().  Strings that are JSON objects or arrays
 * themselves are redacted inside.
 *
 * after: w->full only if not even a placeholder for v fitted; the caller
 *        restores its mark
 */
void rt_redact_json(rt_redact_t *rd, rt_jsonw_t *w, const rt_json_t *v);

/*
 * What the name in a pair says of its value: an object with a member "value"
 * and a string "name", "key" or "field", such as {"name":"password",
 * "value":"x"} (jQuery's serializeArray(), forms of GraphQL).
 */
rt_redact_act_e rt_redact_pair(rt_redact_t *rd, const rt_json_t *object,
    rt_str_t *rule);

/* 1 for the member of a pair that has the value, and for one with the name */
int rt_redact_pair_value(const rt_str_t *name);
int rt_redact_pair_name(const rt_str_t *name);

/* writes a decoded string value after a look at it */
void rt_redact_text(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *s);

/*
 * The same of a body that is a text, after hides_body() unless it is JSON.
 * What does not fit into max bytes is cut.
 */
rt_status_e rt_redact_text_body(rt_redact_t *rd, rt_jsonw_t *w,
    const rt_str_t *s, size_t max);

/* the same, cut to max bytes; ret: RT_OK, RT_TOO_BIG (cut) */
rt_status_e rt_redact_text_cut(rt_redact_t *rd, rt_jsonw_t *w,
    const rt_str_t *s, size_t max);

/* writes what stands for a masked value, and notes it */
void rt_redact_mask(rt_redact_t *rd, rt_jsonw_t *w, const rt_str_t *rule);

/* the same of MASK or HMAC, and of a value that may be NULL */
void rt_redact_put(rt_redact_t *rd, rt_jsonw_t *w, rt_redact_act_e act,
    const rt_str_t *value, const rt_str_t *rule);

/* of what a pseudonym may be made; NULL: the value has no text */
const rt_str_t *rt_redact_text_of(const rt_json_t *v);

/* tells cut() that the value at the current pointer did not fit */
void rt_redact_cut(rt_redact_t *rd);


#pragma GCC visibility pop


#endif /* RT_REDACT_H_INCLUDED */
