/*
 * What the demo prints while it is up: addresses, users, and lines to try.
 * The first address is the one that a person opens in a browser; a step of
 * the proof does so.
 */

import * as path from 'node:path';
import { CURL_CLIENT, PASSWORD, USERS } from './provider.mjs';


export function welcome(demo) {
    const { issuer } = demo;
    const here = (file) => path.relative(process.cwd(), file);
    const audit = here(demo.audit);
    const users = Object.entries(USERS).map(([email, user]) =>
        `    ${email}  password ${PASSWORD}  groups ${user.groups}`);

    return `
It stays up until Ctrl-C.

Open ${demo.origin}/ in a browser, and sign in as

${users.join('\n')}

What is running

    nginx, with the three modules      ${demo.origin}/
    OpenID provider                    ${issuer}/.well-known/openid-configuration
    sample app, behind nginx           http://127.0.0.1:${demo.appPort}/
    configuration                      ${here(demo.prefix)}/nginx.conf
    audit file                         ${audit}

With curl: a token (another user: username=builder@example.com), then

    TOKEN=$(curl -s ${issuer}/token -d grant_type=password -d client_id=${CURL_CLIENT} -d username=support@example.com -d password=${PASSWORD} | jq -r .access_token)

    curl -i ${demo.origin}/api/me
    curl -i ${demo.origin}/api/me -H "Authorization: Bearer $TOKEN"
    curl -i ${demo.origin}/api/me -H "Authorization: Bearer $TOKEN" -H 'X-Email: boss@example.com'
    curl -i ${demo.origin}/ -H "Authorization: Bearer $TOKEN"
    curl -i ${demo.origin}/admin/ -H "Authorization: Bearer $TOKEN"
    curl -s ${demo.origin}/apps/support/password -H "Authorization: Bearer $TOKEN" -d customer=42 -d password=secret -o /dev/null; tail -n 1 ${audit} | jq '{user: .user.email, actionType, parameters}'
    curl -i ${demo.origin}/apps/support -H "Authorization: Bearer $TOKEN"
`;
}


/* the address that is printed first */

export function firstAddress(demo) {
    return welcome(demo).match(/https?:\/\/\S+/)[0];
}
