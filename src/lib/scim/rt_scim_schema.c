
#include "scim/rt_scim_schema.h"


#define END                      { rt_null_string, RT_SCIM_STRING, 0, NULL }
#define ATTR(name, type, flags)  { rt_string(name), RT_SCIM_ ## type, flags,  \
                                   NULL }
#define WITH(name, flags, sub)   { rt_string(name), RT_SCIM_COMPLEX, flags,   \
                                   sub }


/* sub-attributes that most multi-valued attributes have (RFC 7643, 2.4) */

static const rt_scim_attr_t  plural[] = {
    ATTR("value", STRING, 0),
    ATTR("display", STRING, 0),
    ATTR("type", STRING, 0),
    ATTR("primary", BOOLEAN, 0),
    END
};


static const rt_scim_attr_t  email[] = {
    ATTR("value", STRING, RT_SCIM_PLAIN),
    ATTR("display", STRING, 0),
    ATTR("type", STRING, 0),
    ATTR("primary", BOOLEAN, 0),
    END
};


static const rt_scim_attr_t  address[] = {
    ATTR("formatted", STRING, 0),
    ATTR("streetAddress", STRING, 0),
    ATTR("locality", STRING, 0),
    ATTR("region", STRING, 0),
    ATTR("postalCode", STRING, 0),
    ATTR("country", STRING, 0),
    ATTR("type", STRING, 0),
    ATTR("primary", BOOLEAN, 0),
    END
};


static const rt_scim_attr_t  name[] = {
    ATTR("formatted", STRING, 0),
    ATTR("familyName", STRING, 0),
    ATTR("givenName", STRING, 0),
    ATTR("middleName", STRING, 0),
    ATTR("honorificPrefix", STRING, 0),
    ATTR("honorificSuffix", STRING, 0),
    END
};


static const rt_scim_attr_t  group[] = {
    ATTR("value", STRING, RT_SCIM_EXACT|RT_SCIM_READONLY),
    ATTR("$ref", REFERENCE, RT_SCIM_EXACT|RT_SCIM_READONLY),
    ATTR("display", STRING, RT_SCIM_READONLY),
    END
};


static const rt_scim_attr_t  member[] = {
    ATTR("value", STRING, RT_SCIM_EXACT|RT_SCIM_IMMUTABLE),
    ATTR("$ref", REFERENCE, RT_SCIM_EXACT|RT_SCIM_READONLY),
    ATTR("display", STRING, RT_SCIM_READONLY),
    END
};


static const rt_scim_attr_t  meta[] = {
    ATTR("resourceType", STRING, RT_SCIM_EXACT|RT_SCIM_READONLY),
    ATTR("created", DATETIME, RT_SCIM_READONLY),
    ATTR("lastModified", DATETIME, RT_SCIM_READONLY),
    ATTR("location", REFERENCE, RT_SCIM_EXACT|RT_SCIM_READONLY),
    ATTR("version", STRING, RT_SCIM_EXACT|RT_SCIM_READONLY),
    END
};


static const rt_scim_attr_t  manager[] = {
    ATTR("value", STRING, RT_SCIM_EXACT),
    ATTR("$ref", REFERENCE, RT_SCIM_EXACT),
    ATTR("displayName", STRING, RT_SCIM_READONLY),
    END
};


static const rt_scim_attr_t  enterprise[] = {
    ATTR("employeeNumber", STRING, 0),
    ATTR("costCenter", STRING, 0),
    ATTR("organization", STRING, 0),
    ATTR("division", STRING, 0),
    ATTR("department", STRING, 0),
    WITH("manager", 0, manager),
    END
};


#define COMMON                                                                \
    ATTR("schemas", REFERENCE, RT_SCIM_COMMON|RT_SCIM_MULTI|RT_SCIM_EXACT     \
                               |RT_SCIM_READONLY|RT_SCIM_ALWAYS),             \
    ATTR("id", STRING, RT_SCIM_COMMON|RT_SCIM_EXACT|RT_SCIM_READONLY          \
                       |RT_SCIM_ALWAYS),                                      \
    ATTR("externalId", STRING, RT_SCIM_COMMON|RT_SCIM_EXACT|RT_SCIM_PLAIN)

#define META  WITH("meta", RT_SCIM_COMMON|RT_SCIM_READONLY, meta)


static const rt_scim_attr_t  user_attrs[] = {
    COMMON,
    ATTR("userName", STRING, RT_SCIM_REQUIRED|RT_SCIM_UNIQUE|RT_SCIM_PLAIN),
    WITH("name", 0, name),
    ATTR("displayName", STRING, 0),
    ATTR("nickName", STRING, 0),
    ATTR("profileUrl", REFERENCE, RT_SCIM_EXACT),
    ATTR("title", STRING, 0),
    ATTR("userType", STRING, 0),
    ATTR("preferredLanguage", STRING, 0),
    ATTR("locale", STRING, 0),
    ATTR("timezone", STRING, 0),
    ATTR("active", BOOLEAN, RT_SCIM_ASSIGNED),
    ATTR("password", STRING, RT_SCIM_WRITEONLY),
    WITH("emails", RT_SCIM_MULTI, email),
    WITH("phoneNumbers", RT_SCIM_MULTI, plural),
    WITH("addresses", RT_SCIM_MULTI, address),
    WITH("groups", RT_SCIM_MULTI|RT_SCIM_READONLY|RT_SCIM_REFS, group),
    WITH("entitlements", RT_SCIM_MULTI, plural),
    WITH("roles", RT_SCIM_MULTI, plural),
    WITH(RT_SCIM_URN_ENTERPRISE, RT_SCIM_EXTENSION, enterprise),
    META,
    END
};


static const rt_scim_attr_t  group_attrs[] = {
    COMMON,
    ATTR("displayName", STRING, RT_SCIM_REQUIRED|RT_SCIM_PLAIN),
    WITH("members", RT_SCIM_MULTI|RT_SCIM_REFS, member),
    META,
    END
};


static const rt_scim_attr_t  schemas[] = {
    WITH(RT_SCIM_URN_USER, RT_SCIM_EXTENSION, user_attrs),
    WITH(RT_SCIM_URN_GROUP, RT_SCIM_EXTENSION, group_attrs),
};


const rt_scim_attr_t *
rt_scim_schema(rt_scim_type_e type)
{
    return &schemas[type];
}


static int
well_formed(const rt_str_t *text)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < text->len; i++) {
        c = rt_lower(text->data[i]);

        if ((c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9')
            && c != '$' && (i == 0 || (c != '-' && c != '_' && c != '.'
                                       && c != ':')))
        {
            return 0;
        }
    }

    return text->len > 0 && text->data[text->len - 1] != '.'
           && text->data[text->len - 1] != ':';
}


/*
 * ret:  RT_OK, the text began with that URN and a colon, which are taken off;
 *       RT_DONE, it is that URN; RT_DECLINED, neither
 */

static rt_status_e
behind_urn(rt_str_t *text, const rt_scim_attr_t *schema)
{
    rt_str_t  head;

    head.data = text->data;
    head.len = schema->name.len;

    if (!(schema->flags & RT_SCIM_EXTENSION) || text->len < head.len
        || !rt_str_ieq(&head, &schema->name))
    {
        return RT_DECLINED;
    }

    if (text->len == head.len) {
        return RT_DONE;
    }

    if (text->data[head.len] != ':') {
        return RT_DECLINED;
    }

    text->data += head.len + 1;
    text->len -= head.len + 1;

    return RT_OK;
}


/*
 * Goes one name further.  An attribute of an extension may stand without the
 * extension's URN: Entra ID sends "manager".
 *
 * ret:  NULL, there is no such attribute
 */

static const rt_scim_attr_t *
step(rt_scim_path_t *path, const rt_scim_attr_t *of, const rt_str_t *name)
{
    const rt_scim_attr_t  *attr, *found;

    for (attr = of->sub; attr->name.len; attr++) {

        if (rt_str_ieq(&attr->name, name)) {
            path->step[path->n++] = attr;
            return attr;
        }
    }

    for (attr = of->sub; attr->name.len; attr++) {

        if (attr->flags & RT_SCIM_EXTENSION) {
            path->step[path->n++] = attr;
            found = step(path, attr, name);

            if (found) {
                return found;
            }

            path->n--;
        }
    }

    return NULL;
}


rt_status_e
rt_scim_path(const rt_scim_attr_t *of, const rt_str_t *text,
    rt_scim_path_t *path)
{
    rt_str_t               rest, head;
    const rt_scim_attr_t  *attr;

    path->n = 0;

    if (!well_formed(text)) {
        return RT_INVALID;
    }

    rest = *text;
    (void) behind_urn(&rest, of);

    for (attr = of->sub; attr && attr->name.len; attr++) {

        switch (behind_urn(&rest, attr)) {

        case RT_DONE:
            path->step[path->n++] = attr;
            return RT_OK;

        case RT_OK:
            path->step[path->n++] = attr;
            of = attr;
            break;

        default:
            continue;
        }

        break;
    }

    if (memchr(rest.data, ':', rest.len)) {
        return RT_DECLINED;
    }

    for (attr = of; rest.len && attr; attr = step(path, attr, &head)) {
        (void) rt_str_cut(&rest, '.', &head, &rest);

        if (head.len == 0) {
            return RT_INVALID;
        }

        if (attr->sub == NULL) {
            return RT_DECLINED;
        }
    }

    return attr ? RT_OK : RT_DECLINED;
}
