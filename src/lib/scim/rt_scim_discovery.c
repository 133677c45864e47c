
#include "scim/rt_scim_discovery.h"


#define URN_CORE  "urn:ietf:params:scim:schemas:core:2.0:"


/* The schemas; the first two are those of resources, which have an address. */

static const struct {
    const char      *urn;
    const char      *name;
    const char      *endpoint;
} schemas[] = {
    { RT_SCIM_URN_USER, "User", "/Users" },
    { RT_SCIM_URN_GROUP, "Group", "/Groups" },
    { RT_SCIM_URN_ENTERPRISE, "EnterpriseUser", NULL },
};

#define SCHEMAS  (sizeof(schemas) / sizeof(schemas[0]))
#define TYPES    RT_SCIM_KINDS


static void show_attrs(rt_jsonw_t *w, const rt_scim_attr_t *attr);


/* How a resource of discovery begins; its "meta" has no dates. */

static void
open_one(rt_jsonw_t *w, const rt_str_t *base, const char *type,
    const char *path, const char *id)
{
    rt_str_t  parts[4];

    parts[0] = *base;
    parts[1] = rt_str_of(path);
    parts[2] = rt_str_of(*id ? "/" : "");
    parts[3] = rt_str_of(id);

    rt_jsonw_open(w, '{');
    rt_jsonw_lit(w, "meta");
    rt_jsonw_open(w, '{');
    rt_scim_say(w, "resourceType", type);
    rt_jsonw_lit(w, "location");
    rt_jsonw_str_open(w);
    rt_jsonw_str_text(w, &parts[0]);
    rt_jsonw_str_text(w, &parts[1]);
    rt_jsonw_str_text(w, &parts[2]);
    rt_jsonw_str_text(w, &parts[3]);
    rt_jsonw_str_close(w);
    rt_jsonw_close(w, '}');
}


void
rt_scim_config(rt_jsonw_t *w, const rt_str_t *base, size_t max)
{
    open_one(w, base, "ServiceProviderConfig", "/ServiceProviderConfig", "");

    rt_jsonw_json(w, "\"schemas\":[\"" URN_CORE "ServiceProviderConfig\"],"
                     "\"patch\":{\"supported\":true},"
                     "\"bulk\":{\"supported\":false,\"maxOperations\":0,"
                     "\"maxPayloadSize\":0},"
                     "\"changePassword\":{\"supported\":false},"
                     "\"sort\":{\"supported\":false},"
                     "\"etag\":{\"supported\":true},"
                     "\"authenticationSchemes\":[{"
                     "\"type\":\"oauthbearertoken\","
                     "\"name\":\"Bearer token\","
                     "\"description\":\"The key of rtauth_scim in the header "
                     "Authorization (RFC 6750, 2.1)\","
                     "\"specUri\":\"https://www.rfc-editor.org/info/rfc6750\","
                     "\"primary\":true}]");
    rt_jsonw_lit(w, "filter");
    rt_jsonw_open(w, '{');
    rt_jsonw_json(w, "\"supported\":true");
    rt_jsonw_lit(w, "maxResults");
    rt_jsonw_uint(w, max);
    rt_jsonw_close(w, '}');
    rt_jsonw_close(w, '}');
}


static void
show_attr(rt_jsonw_t *w, const rt_scim_attr_t *attr)
{
    unsigned  flags = attr->flags;
    rt_str_t  name = attr->name;

    static const char  *types[] = {
        "string", "boolean", "dateTime", "reference", "complex"
    };

    rt_jsonw_open(w, '{');
    rt_jsonw_lit(w, "name");
    rt_jsonw_str(w, &name);
    rt_scim_say(w, "type", types[attr->type]);
    rt_jsonw_lit(w, "multiValued");
    rt_jsonw_bool(w, flags & RT_SCIM_MULTI);
    rt_jsonw_lit(w, "required");
    rt_jsonw_bool(w, flags & RT_SCIM_REQUIRED);
    rt_jsonw_lit(w, "caseExact");
    rt_jsonw_bool(w, flags & RT_SCIM_EXACT);
    rt_scim_say(w, "mutability", flags & RT_SCIM_READONLY ? "readOnly"
                                 : flags & RT_SCIM_IMMUTABLE ? "immutable"
                                 : flags & RT_SCIM_WRITEONLY ? "writeOnly"
                                 : "readWrite");
    rt_scim_say(w, "returned", flags & RT_SCIM_WRITEONLY ? "never"
                                                         : "default");
    rt_scim_say(w, "uniqueness", flags & RT_SCIM_UNIQUE ? "server" : "none");

    if (attr->type == RT_SCIM_REFERENCE) {
        rt_jsonw_lit(w, "referenceTypes");
        rt_jsonw_json(w, "[\"uri\"]");
    }

    if (attr->sub) {
        rt_jsonw_lit(w, "subAttributes");
        show_attrs(w, attr->sub);
    }

    rt_jsonw_close(w, '}');
}


/* Leaves out the attributes that every resource has (RFC 7643, 3.1). */

static void
show_attrs(rt_jsonw_t *w, const rt_scim_attr_t *attr)
{
    rt_jsonw_open(w, '[');

    for ( /* void */ ; attr->name.len; attr++) {
        if (!(attr->flags & (RT_SCIM_COMMON|RT_SCIM_EXTENSION))) {
            show_attr(w, attr);
        }
    }

    rt_jsonw_close(w, ']');
}


static void
show_schema(rt_jsonw_t *w, const rt_str_t *base, size_t i)
{
    rt_str_t               urn;
    rt_scim_path_t         path;
    const rt_scim_attr_t  *schema;

    open_one(w, base, "Schema", "/Schemas", schemas[i].urn);

    rt_jsonw_json(w, "\"schemas\":[\"" URN_CORE "Schema\"]");
    rt_scim_say(w, "id", schemas[i].urn);
    rt_scim_say(w, "name", schemas[i].name);

    schema = NULL;
    urn = rt_str_of(schemas[i].urn);

    if (i < TYPES) {
        schema = rt_scim_schema((rt_scim_type_e) i);

    } else if (rt_scim_path(rt_scim_schema(RT_SCIM_USER), &urn, &path)
               == RT_OK)
    {
        schema = path.step[0];
    }

    rt_jsonw_lit(w, "attributes");
    show_attrs(w, schema->sub);
    rt_jsonw_close(w, '}');
}


static void
show_type(rt_jsonw_t *w, const rt_str_t *base, size_t i)
{
    open_one(w, base, "ResourceType", "/ResourceTypes", schemas[i].name);

    rt_jsonw_json(w, "\"schemas\":[\"" URN_CORE "ResourceType\"]");
    rt_scim_say(w, "id", schemas[i].name);
    rt_scim_say(w, "name", schemas[i].name);
    rt_scim_say(w, "endpoint", schemas[i].endpoint);
    rt_scim_say(w, "schema", schemas[i].urn);

    if (i == RT_SCIM_USER) {
        rt_jsonw_json(w, "\"schemaExtensions\":[{\"schema\":\""
                         RT_SCIM_URN_ENTERPRISE "\",\"required\":false}]");
    }

    rt_jsonw_close(w, '}');
}


/* Writes all of them, or the one that the end of the address names. */

static rt_status_e
list(rt_jsonw_t *w, const rt_str_t *base, const rt_str_t *id, size_t n,
    void (*show)(rt_jsonw_t *w, const rt_str_t *base, size_t i))
{
    size_t    i;
    rt_str_t  name;

    if (id->len == 0) {
        rt_scim_list_open(w);

        for (i = 0; i < n; i++) {
            show(w, base, i);
        }

        rt_scim_list_close(w, n, 1, n);

        return RT_OK;
    }

    for (i = 0; i < n; i++) {
        name = rt_str_of(show == show_schema ? schemas[i].urn
                                             : schemas[i].name);

        if (rt_str_ieq(id, &name)) {
            show(w, base, i);
            return RT_OK;
        }
    }

    return RT_DECLINED;
}


rt_status_e
rt_scim_schemas(rt_jsonw_t *w, const rt_str_t *base, const rt_str_t *id)
{
    return list(w, base, id, SCHEMAS, show_schema);
}


rt_status_e
rt_scim_resource_types(rt_jsonw_t *w, const rt_str_t *base, const rt_str_t *id)
{
    return list(w, base, id, TYPES, show_type);
}
