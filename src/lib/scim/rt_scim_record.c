
#include "scim/rt_scim_record.h"
#include "text/rt_b64.h"


/* bytes of all words but keys, ids and JSON */
#define WORDS  (16 + 3 * (RT_DECIMAL + 1) + 24)


static const char  ops[] = " PLD";      /* rt_scim_edit_e */
static const char  kinds[] = "UG";      /* rt_scim_type_e */


/* -- writing: each of these returns where the next byte goes */

static unsigned char *
put_number(unsigned char *p, uint64_t n)
{
    *p++ = ' ';

    return p + rt_decimal(p, n);
}


static unsigned char *
put_b64(unsigned char *p, unsigned char before, const void *data, size_t len)
{
    *p++ = before;

    return len ? p + rt_b64_encode_to(data, len, p) : p;
}


static unsigned char *
put_edit(unsigned char *p, const rt_scim_edit_t *edit)
{
    const rt_scim_item_t  *item = &edit->item;

    *p++ = (unsigned char) ops[edit->op];
    p = put_number(p, item->version);
    *p++ = ' ';
    *p++ = (unsigned char) kinds[item->kind];
    *p++ = ' ';
    *p++ = item->gone ? 'g' : item->active ? 'a' : 'i';
    p = put_b64(p, ' ', item->id.data, RT_SCIM_ID);
    p = put_number(p, item->created);
    p = put_number(p, item->modified);

    p = put_b64(p, ' ', item->key[0].data, item->key[0].len);
    p = put_b64(p, '.', item->key[1].data, item->key[1].len);
    p = put_b64(p, '.', item->key[2].data, item->key[2].len);

    if (edit->all) {
        *p++ = ' ';
        *p++ = '*';
    } else {
        p = put_b64(p, ' ', edit->remove, edit->nremove * RT_SCIM_ID);
    }

    p = put_b64(p, ' ', edit->add, edit->nadd * RT_SCIM_ID);
    *p++ = ' ';

    if (item->json.len) {
        memcpy(p, item->json.data, item->json.len);
    }

    return p + item->json.len;
}


size_t
rt_scim_record_size(const rt_scim_record_t *record)
{
    size_t                 size;
    unsigned               i;
    const rt_scim_edit_t  *edit = &record->edit;

    size = WORDS;

    if (record->is == RT_SCIM_RECORD_EDIT) {
        size += rt_b64_encoded_len((size_t) edit->nadd * RT_SCIM_ID)
                + rt_b64_encoded_len((size_t) edit->nremove * RT_SCIM_ID)
                + edit->item.json.len;

        for (i = 0; i < RT_SCIM_KEYS; i++) {
            size += rt_b64_encoded_len(edit->item.key[i].len);
        }
    }

    return size;
}


size_t
rt_scim_record_write(const rt_scim_record_t *record, unsigned char *dst)
{
    unsigned char  *p = dst;

    switch (record->is) {

    case RT_SCIM_RECORD_HEAD:
        *p++ = 'S';
        p = put_number(p, record->file);
        p = put_number(p, record->version);
        break;

    case RT_SCIM_RECORD_END:
        *p++ = 'E';
        p = put_number(p, record->version);
        break;

    default:
        p = put_edit(p, &record->edit);
    }

    return (size_t) (p - dst);
}


/* -- reading: each of these takes what it reads from *rest; ret: 1, 0 */

static int
get_word(rt_str_t *rest, rt_str_t *word)
{
    return rt_str_cut(rest, ' ', word, rest);
}


/* A word that a blank or the end of the record follows. */

static int
get_number(rt_str_t *rest, uint64_t *n)
{
    size_t    i;
    rt_str_t  word;

    (void) get_word(rest, &word);

    *n = 0;

    for (i = 0; i < word.len; i++) {
        if (word.data[i] < '0' || word.data[i] > '9'
            || *n > (UINT64_MAX - 9) / 10)
        {
            return 0;
        }

        *n = *n * 10 + (uint64_t) (word.data[i] - '0');
    }

    return word.len != 0;
}


/* A word that is one of these letters. */

static int
get_letter(rt_str_t *rest, const char *letters, unsigned *n)
{
    rt_str_t     word;
    const char  *at;

    if (!get_word(rest, &word) || word.len != 1) {
        return 0;
    }

    at = memchr(letters, word.data[0], strlen(letters));
    *n = at ? (unsigned) (at - letters) : 0;

    return at != NULL;
}


static int
get_id(rt_str_t *rest, rt_scim_id_t *id)
{
    size_t    len;
    rt_str_t  word;

    return get_word(rest, &word)
           && rt_b64_decoded_len(word.len) == RT_SCIM_ID
           && rt_b64_decode_to(&word, id->data, &len) == RT_OK;
}


static rt_status_e
get_ids(rt_mem_t *mem, rt_str_t *rest, rt_scim_id_t **ids, uint32_t *n)
{
    rt_str_t     word, bytes;
    rt_status_e  rc;

    if (!get_word(rest, &word)) {
        return RT_INVALID;
    }

    *n = 0;

    if (word.len == 0) {
        return RT_OK;
    }

    rc = rt_b64_decode(mem, &word, &bytes);

    if (rc != RT_OK) {
        return rc;
    }

    *ids = (rt_scim_id_t *) bytes.data;
    *n = (uint32_t) (bytes.len / RT_SCIM_ID);

    return bytes.len % RT_SCIM_ID ? RT_INVALID : RT_OK;
}


static rt_status_e
get_keys(rt_mem_t *mem, rt_str_t *rest, rt_scim_item_t *item)
{
    unsigned     i;
    rt_str_t     word, one;
    rt_status_e  rc;

    if (!get_word(rest, &word)) {
        return RT_INVALID;
    }

    for (i = 0; i < RT_SCIM_KEYS; i++) {
        if (rt_str_cut(&word, '.', &one, &word) != (i + 1 < RT_SCIM_KEYS)) {
            return RT_INVALID;
        }

        rc = rt_b64_decode(mem, &one, &item->key[i]);

        if (rc != RT_OK) {
            return rc;
        }
    }

    return RT_OK;
}


static rt_status_e
get_edit(rt_mem_t *mem, rt_str_t *rest, rt_scim_edit_t *edit)
{
    unsigned         kind, state;
    rt_status_e      rc;
    rt_scim_item_t  *item = &edit->item;

    if (!get_number(rest, &item->version)
        || !get_letter(rest, kinds, &kind)
        || !get_letter(rest, "aig", &state)
        || !get_id(rest, &item->id)
        || !get_number(rest, &item->created)
        || !get_number(rest, &item->modified)
        || item->modified > RT_SCIM_MAX_TIME)
    {
        return RT_INVALID;
    }

    item->kind = kind;
    item->active = (state == 0);
    item->gone = (state == 2);

    rc = get_keys(mem, rest, item);

    if (rc != RT_OK) {
        return rc;
    }

    if (rest->len > 1 && rest->data[0] == '*' && rest->data[1] == ' ') {
        edit->all = 1;
        rest->data += 2;
        rest->len -= 2;

    } else {
        rc = get_ids(mem, rest, &edit->remove, &edit->nremove);
    }

    if (rc == RT_OK) {
        rc = get_ids(mem, rest, &edit->add, &edit->nadd);
    }

    item->json = *rest;

    /* who is gone is in no group; a group leaves nothing behind, and the list
       of those who are gone has room for users only */

    if (rc == RT_OK && item->gone
        && (item->kind != RT_SCIM_USER || edit->all || edit->nadd
            || edit->nremove))
    {
        return RT_INVALID;
    }

    return rc;
}


rt_status_e
rt_scim_record_read(rt_mem_t *mem, const rt_str_t *text,
    rt_scim_record_t *record)
{
    unsigned  op;
    rt_str_t  rest = *text;

    memset(record, 0, sizeof(rt_scim_record_t));

    if (!get_letter(&rest, "SEPLD", &op)) {
        return RT_INVALID;
    }

    switch (op) {

    case 0:
        return get_number(&rest, &record->file)
               && get_number(&rest, &record->version) ? RT_OK : RT_INVALID;

    case 1:
        record->is = RT_SCIM_RECORD_END;
        return get_number(&rest, &record->version) ? RT_OK : RT_INVALID;

    default:
        record->is = RT_SCIM_RECORD_EDIT;
        record->edit.op = op - 1;
        return get_edit(mem, &rest, &record->edit);
    }
}
