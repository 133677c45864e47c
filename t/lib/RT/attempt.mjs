/*
 * What a sign-in that began some time ago looks like: its cookie, and what it
 * asked the provider for.  It is made here as docs say it is made, not by the
 * code under test.
 *
 *   node attempt.mjs KEY ORIGIN ISSUER CLIENT_ID SECONDS_AGO TO
 *
 * prints JSON: { cookie, state, nonce, code_challenge }.
 */

import crypto from 'node:crypto';

const [key, origin, issuer, clientId, ago, to] = process.argv.slice(2);


function seal(sealing, aad, plain) {
  const iv = crypto.randomBytes(12);
  const cipher = crypto.createCipheriv('aes-256-gcm', sealing, iv);

  cipher.setAAD(Buffer.from(aad));

  return Buffer.concat([Buffer.from([1]), iv, cipher.update(plain),
                        cipher.final(), cipher.getAuthTag()])
    .toString('base64url');
}


const secret = crypto.randomBytes(32);
const hmac = label => crypto.createHmac('sha256', secret).update(label)
  .digest();
const sha256 = text => crypto.createHash('sha256').update(text).digest();

const rest = Buffer.alloc(13);

rest.writeBigInt64BE(BigInt(Math.floor(Date.now() / 1000) - Number(ago)), 0);
sha256(`${issuer}\0${clientId}`).copy(rest, 8, 0, 4);

const verifier = hmac('rtauth code verifier').toString('base64url');

console.log(JSON.stringify({
  cookie: seal(Buffer.from(crypto.hkdfSync('sha256', key, '', 'rtauth login',
                                           32)),
               `rtauth login\n${origin}`, Buffer.concat([secret, rest])),
  state: hmac('rtauth state').subarray(0, 16).toString('base64url') + '.'
    + seal(hmac('rtauth return address'), 'rtauth return address',
           Buffer.from(to)),
  nonce: hmac('rtauth nonce').toString('base64url'),
  code_challenge: sha256(verifier).toString('base64url'),
}));
