// Signs DPoP proofs for RT::Proof, with keys that it makes: first a line with
// these, then for each line {"key","header","claims"} a compact JWS.

import crypto from 'node:crypto';
import readline from 'node:readline';

const b64 = (value) => Buffer.from(value).toString('base64url');
const sha256 = (value) => crypto.createHash('sha256').update(value).digest();

const made = {
  ec: ['ES256', crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  other: ['ES256', crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  p384: ['ES384', crypto.generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ed: ['EdDSA', crypto.generateKeyPairSync('ed25519')],
  rsa: ['RS256', crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })],
  pss: ['PS256', crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })],
};


// RFC 7638

function thumbprint(jwk) {
  const names = { EC: ['crv', 'kty', 'x', 'y'], OKP: ['crv', 'kty', 'x'],
                  RSA: ['e', 'kty', 'n'] }[jwk.kty];

  return b64(sha256(JSON.stringify(
    Object.fromEntries(names.map((name) => [name, jwk[name]])))));
}


const keys = Object.fromEntries(Object.entries(made).map(([name, [alg, pair]]) => {
  const jwk = pair.publicKey.export({ format: 'jwk' });

  return [name, { alg, jwk, jkt: thumbprint(jwk),
                  private: pair.privateKey.export({ format: 'jwk' }) }];
}));


function sign({ key, header, claims }) {
  const [alg, { privateKey }] = made[key];
  const input = `${b64(JSON.stringify(header))}.${b64(JSON.stringify(claims))}`;
  const hash = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`;

  const options = { key: privateKey, dsaEncoding: 'ieee-p1363' };

  if (alg.startsWith('PS')) {
    options.padding = crypto.constants.RSA_PKCS1_PSS_PADDING;
    options.saltLength = crypto.constants.RSA_PSS_SALTLEN_DIGEST;
  }

  return `${input}.${b64(crypto.sign(hash, Buffer.from(input), options))}`;
}


console.log(JSON.stringify(keys));

for await (const line of readline.createInterface({ input: process.stdin })) {
  console.log(sign(JSON.parse(line)));
}
