/* njs in the place of rtauth and of rtcsp, as short as it can be */

import fs from 'fs';

const keys = {};

const ALGORITHMS = {
    key: { import: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
        verify: { name: 'RSASSA-PKCS1-v1_5' } },
    key_es256: { import: { name: 'ECDSA', namedCurve: 'P-256' },
        verify: { name: 'ECDSA', hash: 'SHA-256' } },
};

/* by the key in the file that the variable of that name says */

async function verifyBy(r, name) {
    const token = (r.variables.http_authorization || ' ').split(' ')[1];

    if (!token) {
        r.return(401);
        return;
    }

    const dot = token.lastIndexOf('.');
    const how = ALGORITHMS[name];

    if (keys[name] === undefined) {
        const pem = fs.readFileSync(r.variables[name], 'utf8');
        const der = Buffer.from(pem.replace(/-----.*?-----|\n/g, ''), 'base64');

        keys[name] = await crypto.subtle.importKey('spki', der, how.import,
            false, ['verify']);
    }

    const good = await crypto.subtle.verify(how.verify, keys[name],
        Buffer.from(token.slice(dot + 1), 'base64url'), token.slice(0, dot));
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

    r.return(good && claims.exp > Date.now() / 1000
        && claims.groups.includes('support') ? 204 : 401);
}


async function verify(r) {
    await verifyBy(r, 'key');
}


async function verifyES256(r) {
    await verifyBy(r, 'key_es256');
}


/* a placeholder that two buffers share would stay */

function nonce(r, data, flags) {
    r.sendBuffer(data.split(r.variables.placeholder)
        .join(r.variables.request_id), flags);
}


function longer(r) {
    delete r.headersOut['Content-Length'];
}

export default { verify, verifyES256, nonce, longer };
