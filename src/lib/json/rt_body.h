
/*
 * A captured request body: what kind it is, and its parsed form.
 *
 * Only complete, unencoded UTF-8 JSON and urlencoded bodies are parsed.  What
 * cannot be read exactly as the application reads it is never shown: a body
 * is then "unparsed" and leaves nothing but its size and type.
 */


#ifndef RT_BODY_H_INCLUDED
#define RT_BODY_H_INCLUDED


#include "rt_base.h"
#include "text/rt_form.h"
#include "json/rt_json.h"


#pragma GCC visibility push(hidden)


/* of a body that is parsed; one with more is RT_BODY_UNPARSED */

#define RT_BODY_FIELDS  256     /* form fields */
#define RT_BODY_DEPTH   64      /* nesting of JSON */
#define RT_BODY_NODES   16384   /* values of JSON */


typedef enum {
    RT_BODY_NONE = 0,           /* there is none */
    RT_BODY_JSON,
    RT_BODY_FORM,
    RT_BODY_MULTIPART,          /* looked into by rt_body_show() alone */
    RT_BODY_OPAQUE,             /* another type */
    RT_BODY_UNPARSED,           /* a type we read, but not this one */
    RT_BODY_UNREAD,             /* the server never read it */
    RT_BODY_TEXT                /* plain or XML; of rt_body_show() alone */
} rt_body_kind_e;


typedef struct {
    /* in */
    rt_str_t         type;      /* Content-Type */
    rt_str_t         charset;   /* of it, where it is kept beside it */
    rt_str_t         encoding;  /* Content-Encoding */
    rt_str_t         data;      /* what was captured, contiguous */
    uint64_t         bytes;     /* seen; more than data.len: over the cap */
    unsigned         unread:1;  /* announced, but not or not wholly read */

    /* out */
    rt_body_kind_e   kind;
    const char      *why;       /* of UNPARSED: "json", "encoding", ... */
    rt_json_t       *json;      /* of JSON */
    rt_form_t        form;      /* of FORM; of MULTIPART the parts */
    rt_json_t       *file;      /* of MULTIPART, one for each part: an OBJECT
                                   is shown in place of its value */
} rt_body_t;


/*
 * Fills the "out" members.
 *
 * ret: RT_OK whatever the bytes are; RT_ERROR (memory), kind UNPARSED
 */
rt_status_e rt_body_parse(rt_mem_t *mem, rt_body_t *body);

/*
 * Bodies that only an event looks into: the parts of one that is MULTIPART,
 * and OPAQUE ones that are TEXT.
 *
 * A part whose value is no text (a file, other types than text and JSON, bytes
 * that are not UTF-8) has an object with its file name, type and size.  Where
 * applications may read other parts than we do, see rt_multipart.h, the body is
 * UNPARSED: "multipart", or a reason as of other bodies.
 *
 * A text is XML by its type, or plain.  In XML a name can be hidden (by
 * entities, a document type, CDATA, comments, other encodings): what has one
 * of these is UNPARSED, "xml".
 *
 * ret: as above
 */
rt_status_e rt_body_show(rt_mem_t *mem, rt_body_t *body);

/*
 * Why a JSON or form body could not be parsed, by its headers and its size
 * alone: "encoding", "charset", "size"; NULL if there is no such reason.
 */
const char *rt_body_hindrance(const rt_body_t *body);

/* the kind by Content-Type alone: could a body of this type be parsed? */
rt_body_kind_e rt_body_kind(const rt_str_t *type);

/* 1 if rt_body_parse() or rt_body_show() look into bodies of this type */
int rt_body_readable(const rt_str_t *type);

/* "none", "json", "form", ... */
const char *rt_body_kind_name(rt_body_kind_e kind);


#pragma GCC visibility pop


#endif /* RT_BODY_H_INCLUDED */
