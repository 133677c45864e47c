/* njs in the place of rtauth and of rtcsp, as short as it can be */

import fs from 'fs';

let key;

async function verify(r) {
    const token = (r.variables.http_authorization || ' ').split(' ')[1];

    if (!token) {
        r.return(401);
        return;
    }

    const dot = token.lastIndexOf('.');
    const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

    if (key === undefined) {
        const pem = fs.readFileSync(r.variables.key, 'utf8');
        const der = Buffer.from(pem.replace(/-----.*?-----|\n/g, ''), 'base64');

        key = await crypto.subtle.importKey('spki', der, rsa, false,
            ['verify']);
    }

    const good = await crypto.subtle.verify(rsa, key,
        Buffer.from(token.slice(dot + 1), 'base64url'), token.slice(0, dot));
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

    r.return(good && claims.exp > Date.now() / 1000
        && claims.groups.includes('support') ? 204 : 401);
}


/* a placeholder that two buffers share would stay */

function nonce(r, data, flags) {
    r.sendBuffer(data.split(r.variables.placeholder)
        .join(r.variables.request_id), flags);
}


function longer(r) {
    delete r.headersOut['Content-Length'];
}

export default { verify, nonce, longer };
