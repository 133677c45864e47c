
/*
 * Content Security Policy Level 3: parse, change, check and serialise a
 * policy, at configuration time; put a nonce in, at run time.
 *
 * A policy is a list of directives, a directive a name and its values as
 * written.  Serialisation is that of Flask-Talisman 1.1 for a policy given as
 * dict: "name value value; name value", a directive without values is its
 * name alone (Talisman leaves a blank after it).
 */


#ifndef RT_CSP_H_INCLUDED
#define RT_CSP_H_INCLUDED


#include "rt_base.h"
#include "csp/rt_csp_find.h"


#pragma GCC visibility push(hidden)


#define RT_CSP_DIRECTIVES_MAX  64
#define RT_CSP_VALUES_MAX      256      /* in one directive */
#define RT_CSP_TEXT_MAX        16384    /* bytes of a policy */
#define RT_CSP_NONCE_LEN       32       /* bytes of a nonce in a template */


typedef struct rt_csp_directive_s  rt_csp_directive_t;

struct rt_csp_directive_s {
    rt_str_t             name;          /* lower case */
    rt_str_t            *values;
    unsigned             n;
    rt_csp_directive_t  *next;
};


typedef struct {
    rt_mem_t            *mem;
    rt_csp_directive_t  *first;
    unsigned             n;
} rt_csp_t;


void rt_csp_init(rt_csp_t *p, rt_mem_t *mem);


/*
 * A policy from its text.  Bare keywords (self, none, strict-dynamic,
 * nonce-..., sha256-..., ...) get their quotes, with a finding.  A second
 * directive of the same name is a finding and, as in browsers, dropped.
 * Empty directives are dropped.  Bytes that cannot stand in a policy (',',
 * CR, LF, controls, non-ASCII) are findings and end the parse.
 *
 * in:   text, copied to mem
 * ret:  RT_OK (there may be findings), RT_INVALID (see the findings),
 *       RT_TOO_BIG, RT_ERROR (memory)
 */
rt_status_e rt_csp_parse(rt_csp_t *p, const rt_str_t *text,
    rt_csp_findings_t *f);


/* talisman, google, superset, superset-dev, strict, api; RT_DECLINED: none
   of these; *nonce_in: what the preset puts a nonce in, an array of *n */
rt_status_e rt_csp_preset(rt_csp_t *p, const rt_str_t *name,
    const rt_str_t **nonce_in, unsigned *n);


/* a deep copy, for a location that changes what it inherits */
rt_status_e rt_csp_copy(rt_csp_t *to, rt_mem_t *mem, const rt_csp_t *from);


/*
 * Changes.  values are source expressions or tokens, one each; bare keywords
 * get their quotes; a value that holds a blank is split.  set replaces the
 * directive in its place or appends it, off removes it.  add appends the
 * values that are not there yet (a lone 'none' gives way); an absent directive
 * has the values of the one it falls back to (CSP3, 6.8.3), if that is there.
 *
 * ret:  RT_OK; RT_INVALID (a byte that cannot stand there, or a name that is
 *       no token); RT_DECLINED (off: there was none); RT_TOO_BIG; RT_ERROR
 */
rt_status_e rt_csp_set(rt_csp_t *p, const rt_str_t *name,
    const rt_str_t *values, unsigned n);
rt_status_e rt_csp_add(rt_csp_t *p, const rt_str_t *name,
    const rt_str_t *values, unsigned n);
rt_status_e rt_csp_off(rt_csp_t *p, const rt_str_t *name);

/* case folded; NULL when absent */
rt_csp_directive_t *rt_csp_get(const rt_csp_t *p, const rt_str_t *name);


/* ret: 1 if name is that of a directive in which a nonce has an effect */
int rt_csp_nonce_name(const rt_str_t *name);

/*
 * ret: 1 if a nonce has something to do in the directive of that name, or in
 *      the one it falls back to: it is there, and not 'none'
 */
int rt_csp_nonce_open(const rt_csp_t *p, const rt_str_t *name);


/*
 * Makes sure that each directive of nonce_in is there: an absent
 * script-src-elem, script-src, style-src-elem or style-src gets the values
 * of the one it falls back to (script-src-elem -> script-src ->
 * default-src).  A directive that is 'none' keeps only what nonces add.
 *
 * ret:  RT_OK; RT_DECLINED (*bad is a name that takes no nonce, or that has
 *       nothing to fall back to: a policy without default-src restricts
 *       nothing there, so that a nonce would not have any effect but to
 *       block); RT_TOO_BIG; RT_ERROR
 */
rt_status_e rt_csp_nonce_in(rt_csp_t *p, const rt_str_t *nonce_in, unsigned n,
    const rt_str_t **bad);


typedef struct {
    unsigned             report_only:1; /* the policy is not enforced */
    unsigned             preset:1;      /* nobody wrote it: what it lacks
                                           is a note, no warning */
    unsigned             nonce_way:1;   /* pages can have a nonce */
    unsigned             nonce:1;       /* nonces will be added ... */
    const rt_str_t      *nonce_in;      /* ... to these */
    unsigned             n;
} rt_csp_lint_t;

/* looks for what rt_csp_parse() cannot see; adds findings */
rt_status_e rt_csp_lint(const rt_csp_t *p, const rt_csp_lint_t *opts,
    rt_csp_findings_t *f);


/*
 * Serialises.  nonce: text that follows "'nonce-" in the directives of
 * nonce_in, or NULL: no nonces are added.  A lone 'none' is left out where a
 * nonce is added.
 */
rt_status_e rt_csp_build(const rt_csp_t *p, rt_mem_t *mem,
    const rt_str_t *nonce_in, unsigned n, const rt_str_t *nonce,
    rt_str_t *out);


/*
 * A policy ready for requests: with_nonce has RT_CSP_NONCE_LEN bytes of room
 * at each of the offsets; without is what goes out when there is no nonce.
 */

typedef struct {
    rt_str_t             with_nonce;
    rt_str_t             without;
    unsigned            *offsets;
    unsigned             n;
    void                *values;        /* the caller's: of variables in it */
} rt_csp_template_t;

rt_status_e rt_csp_compile(const rt_csp_t *p, rt_mem_t *mem,
    const rt_str_t *nonce_in, unsigned n, rt_csp_template_t *t);

/*
 * out: with_nonce.len bytes; nonce: RT_CSP_NONCE_LEN bytes.
 * ret: one after the last byte written
 */
unsigned char *rt_csp_render(const rt_csp_template_t *t,
    const unsigned char *nonce, unsigned char *out);


#pragma GCC visibility pop


#endif /* RT_CSP_H_INCLUDED */
