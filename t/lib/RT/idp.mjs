/*
 * An OpenID provider for tests, honest or not.
 *
 *   node idp.mjs CERT KEY WRONG_CERT WRONG_KEY
 *
 * Prints one line of JSON with its ports ({"http","https","wrong","kept","dns"})
 * and ends when its standard input is closed.  "wrong" has a certificate of
 * another name; https speaks HTTP/2 and HTTP/1.1; "kept" is http and leaves it
 * to the other side to end a connection.
 *
 * "dns" knows one name, elsewhere.test, which is here.
 *
 * A realm is the first step of a path, BEHAVIOUR.ANYTHING, made when it is
 * first met:
 *
 *   /REALM/.well-known/openid-configuration     discovery
 *   /REALM/jwks                                 the key set
 *   /REALM/echo                                 what was sent, as JSON: "n" counts
 *                                               requests, "c" connections
 *   /ctl/REALM/count                            what was asked for so far
 *   /ctl/REALM/until/N                          answers when the set was asked
 *                                               for N times
 *   /ctl/REALM/plain                            how often without If-None-Match,
 *   /ctl/REALM/unchanged                        and how often the answer was 304
 *   /ctl/REALM/echoed                           how often echo was asked for
 *   /ctl/REALM/connections                      how many connections there were
 *   /ctl/REALM/open/N                           answers when N of them are open
 *   /ctl/REALM/held/N                           answers when "hold" holds N
 *   /ctl/REALM/end                              ends our side of them
 *   /ctl/REALM/publish/KID,KID=KEY              which keys are in the set, and
 *                                               under which name
 *   /ctl/REALM/mode/BEHAVIOUR                   another behaviour from now on
 *   /ctl/REALM/release                          what "hold" holds back goes out
 *   /ctl/token  (POST {key,kid,alg,claims,header})   a signed token
 */

import crypto from 'node:crypto';
import dgram from 'node:dgram';
import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import zlib from 'node:zlib';

const kids = ['k1', 'k2', 'k3', 'k4'];
const keys = new Map(kids.map(kid => [kid,
  crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })]));
keys.set('ed', crypto.generateKeyPairSync('ed25519'));
const realms = new Map();
const ports = {};
const encrypted = new Map();    // by remote port: HTTP/2 hides its sockets


function realm(name) {
  if (!realms.has(name)) {
    realms.set(name, { name, mode: name.split('.')[0], published: ['k1'],
                       discovery: 0, jwks: 0, plain: 0, unchanged: 0, echo: 0, held: [],
                       sockets: new Set(), connections: 0 });
  }

  return realms.get(name);
}


function algorithm(key) {
  return key === 'ed' ? 'EdDSA' : 'ES256';
}


function jwks(published) {
  return JSON.stringify({ keys: published.map(name => {
    const [kid, key = kid] = name.split('=');
    return { ...keys.get(key).publicKey.export({ format: 'jwk' }),
             kid, use: 'sig', alg: algorithm(key) };
  }) });
}


function sign({ key = 'k1', kid = key, alg = algorithm(key), claims,
                header = {} }) {
  const b64 = v => Buffer.from(JSON.stringify(v)).toString('base64url');
  const input = b64({ alg, kid, typ: 'JWT', ...header }) + '.' + b64(claims);
  const hash = key === 'ed' ? null : 'sha256';
  const sig = crypto.sign(hash, Buffer.from(input), {
    key: keys.get(key).privateKey, dsaEncoding: 'ieee-p1363' });

  return input + '.' + sig.toString('base64url');
}


function json(res, body, headers = {}) {
  res.writeHead(200, { 'Content-Type': 'application/json',
                       'Content-Length': Buffer.byteLength(body),
                       ...headers });
  res.end(body);
}


/* what a broken, slow or hostile provider does instead of json() */

const raw = (res, text, end) => {
  res.socket.write(text);
  end ? res.socket.end() : res.socket.destroySoon();
};

function tagged(res, body, r, etag, unchanged) {
  if (!unchanged) return json(res, body, { ETag: etag });

  r.unchanged++;
  res.writeHead(304, { ETag: etag });
  res.end();
}


const behaviours = {
  ok: (res, body) => json(res, body),
  slow: (res, body) => setTimeout(() => json(res, body), 400),
  slower: (res, body) => setTimeout(() => json(res, body), 1500),
  hang: () => {},
  hold: (res, body, r) => { r.held.push(() => json(res, body)); },
  reset: res => res.socket.resetAndDestroy(),
  e500: res => { res.writeHead(500); res.end('no'); },
  empty: res => { res.writeHead(200); res.end(); },
  garbage: res => json(res, '<html>'),
  nokeys: res => json(res, '{"keys":[]}'),
  age1: (res, body) => json(res, body, { 'Cache-Control': 'max-age=1' }),
  'age1-close': (res, body) => json(res, body, {
    'Cache-Control': 'max-age=1', Connection: 'close' }),
  nostore: (res, body) => json(res, body, { 'Cache-Control': 'no-store' }),

  etag: (res, body, r) => {
    const etag = `"${crypto.createHash('sha256').update(body).digest('hex')}"`;
    tagged(res, body, r, etag, r.known === etag);
  },

  /* an ETag that stays when the keys change; one that is none */

  'etag-stuck': (res, body, r) => tagged(res, body, r, 'W/"1"', r.known),
  'etag-none': (res, body) => json(res, body, { ETag: 'no quotes' }),

  gzip: (res, body) => {
    const packed = zlib.gzipSync(body);
    res.writeHead(200, { 'Content-Encoding': 'gzip',
                         'Content-Length': packed.length });
    res.end(packed);
  },

  e400: (res, body) => {
    res.writeHead(400, { 'Content-Type': 'application/json' });
    res.end('{"error":"invalid_grant"}');
  },

  /* an interim answer, a repeated header, a trailer */

  headed: res => raw(res, 'HTTP/1.1 103 Early Hints\r\nX-A: interim\r\n\r\n'
                          + 'HTTP/1.1 200 OK\r\nX-A:  one \r\nX-AB: no\r\n'
                          + 'x-a:two\r\nX-Empty:\r\nTransfer-Encoding: chunked'
                          + '\r\n\r\n5\r\nhello\r\n0\r\nX-A: trailer\r\n\r\n',
                     1),
  repeated: res => raw(res, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n'
                            + 'X-A: x\r\n'.repeat(17) + '\r\n', 1),

  /* two answers to one request: the second is for whoever comes next */

  poison: (res, body) => res.socket.write(
    `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    + 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'),

  /* the second request of a connection gets no answer */

  'dies-second': (res, body) => {
    if (res.socket.served++) return res.socket.destroy();
    json(res, body);
  },

  trickle: (res, body) => {
    res.writeHead(200);
    const timer = setInterval(() => res.write(' '), 50);
    res.on('close', () => clearInterval(timer));
  },

  redirect: (res, body, r) => {
    res.writeHead(302, { Location: `/ok.${r.name}/jwks` });
    res.end();
  },

  'redirect-file': res => {
    res.writeHead(302, { Location: 'file:///etc/passwd' });
    res.end();
  },

  short: (res, body) => raw(res, 'HTTP/1.1 200 OK\r\nContent-Length: '
                                 + `${body.length + 100}\r\n\r\n${body}`, 1),
  long: (res, body) => raw(res, 'HTTP/1.1 200 OK\r\nConnection: close\r\n'
                                + `Content-Length: 10\r\n\r\n${body}`, 1),
  badchunk: res => raw(res, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked'
                            + '\r\n\r\nzz\r\nhello\r\n0\r\n\r\n', 1),
  http09: (res, body) => raw(res, body, 1),
  headers: res => raw(res, 'HTTP/1.1 200 OK\r\n'
                           + `X-Pad: ${'x'.repeat(1000)}\r\n`.repeat(100)
                           + '\r\n', 1),
  hugelen: res => raw(res, 'HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n'
                           + '\r\n' + ' '.repeat(1000)),

  huge: res => {
    res.writeHead(200);
    res.on('error', () => {});
    for (let i = 0; i < 64; i++) res.write(' '.repeat(16384));
    res.end('{}');
  },

  drip: (res, body) => {
    const bytes = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: '
                              + `${body.length}\r\n\r\n${body}`);
    let i = 0;
    const next = () => {
      if (i === bytes.length || res.socket.destroyed) return res.socket.end();
      res.socket.write(bytes.subarray(i, ++i));
      setImmediate(next);
    };
    res.socket.setNoDelay(true);
    next();
  }
};


behaviours['etag-more'] = behaviours.etag;


/* discovery is honest but for these */

const metadata = {
  'wrong-issuer': doc => ({ ...doc, issuer: doc.issuer + '/' }),
  'no-uri': ({ issuer }) => ({ issuer }),
  'uri-file': doc => ({ ...doc, jwks_uri: 'file:///etc/passwd' }),
  'uri-http': doc => ({ ...doc, jwks_uri: 'http://127.0.0.2:1/jwks' }),
  'uri-name': doc => ({ ...doc, jwks_uri:
    `https://elsewhere.test:${ports.wrong}/ok.named/jwks` }),
  'no-json': () => undefined,
  'etag-more': doc => ({ ...doc, more: 1 })
};


function serve(req, res) {
  const scheme = req.socket.encrypted ? 'https' : 'http';
  const host = req.headers[':authority'] || req.headers.host;
  const [, name, ...rest] = req.url.split('/');
  const what = rest.join('/');

  if (name === 'ctl') return control(req, res, rest);

  const r = realm(name);
  const way = behaviours[r.mode] || behaviours.ok;
  const c = connection(encrypted.get(req.socket.remotePort) ?? req.socket, r);

  if (what === '.well-known/openid-configuration') {
    const issuer = `${scheme}://${host}/${name}`;
    const doc = { issuer, jwks_uri: `${issuer}/jwks` };

    r.discovery++;
    r.http = req.httpVersion;

    if (r.mode === 'moved') {
      res.writeHead(301, { Location: `/ok.${r.name}/metadata?secret=1` });
      return res.end();
    }

    return json(res, JSON.stringify((metadata[r.mode] || (d => d))(doc))
                     || 'no');
  }

  if (what === 'jwks') {
    r.jwks++;
    r.http = req.httpVersion;
    r.agent = req.headers['user-agent'];
    r.known = req.headers['if-none-match'];
    r.plain += r.known === undefined;
    return way(res, jwks(r.published), r);
  }

  if (what.split('?')[0] === 'echo') return echo(req, res, r, way, c);

  res.writeHead(404);
  res.end();
}


/* a connection has its number within its realm */

function connection(socket, r) {
  if (!r.sockets.has(socket)) {
    r.sockets.add(socket);
    socket.number = ++r.connections;
    socket.served = 0;
    socket.on('close', () => r.sockets.delete(socket));
  }

  return socket.number;
}


function echo(req, res, r, way, c) {
  const n = ++r.echo;
  let sent = '';

  req.on('data', chunk => { sent += chunk; });
  req.on('end', () => way(res, JSON.stringify({
    n, c, method: req.method, http: req.httpVersion,
    type: req.headers['content-type'], agent: req.headers['user-agent'],
    length: req.headers['content-length'], expect: req.headers.expect,
    authorization: req.headers.authorization, sent }), r));
}


function control(req, res, [name, verb, value]) {
  if (name === 'token') {
    let body = '';
    req.on('data', chunk => { body += chunk; });
    req.on('end', () => res.end(sign(JSON.parse(body))));
    return;
  }

  const r = realm(name);

  if (verb === 'until') {
    const look = () => r.jwks >= +value ? res.end(`until ${value}\n`)
                                        : setTimeout(look, 10);
    return look();
  }

  if (verb === 'open' || verb === 'held') {
    const now = () => verb === 'open' ? r.sockets.size : r.held.length;
    const look = () => now() === +value ? res.end(`${verb} ${value}\n`)
                                        : setTimeout(look, 10);
    return look();
  }

  if (verb === 'end') r.sockets.forEach(socket => socket.end());
  if (verb === 'publish') r.published = value.split(',');
  if (verb === 'mode') r.mode = value;

  if (verb === 'release') {
    r.mode = 'ok';
    r.held.splice(0).forEach(go => go());
  }

  res.end(verb === 'count' ? `discovery=${r.discovery} jwks=${r.jwks}\n`
          : verb === 'plain' || verb === 'unchanged' ? `${verb} ${r[verb]}\n`
          : verb === 'connections' ? `connections ${r.connections}\n`
          : verb === 'echoed' ? `echoed ${r.echo}\n`
          : verb === 'seen' ? `http=${r.http} agent=${r.agent}\n`
          : `${verb} ${value}\n`);
}


function listen(name, server) {
  return new Promise(resolve => {
    server.on('clientError', (e, socket) => socket.destroy());
    server.on('tlsClientError', () => {});
    server.on('secureConnection', socket => {
      const port = socket.remotePort;
      encrypted.set(port, socket);
      socket.on('close', () => encrypted.delete(port));
    });
    server.listen(0, '127.0.0.1', () => {
      ports[name] = server.address().port;
      resolve();
    });
  });
}


/* an A record for elsewhere.test, NXDOMAIN for the rest (RFC 1035, 4.1) */

function nameserver() {
  const socket = dgram.createSocket('udp4');

  socket.on('message', (query, from) => {
    const end = query.indexOf(0, 12) + 5;
    const name = query.subarray(12, end - 5).toString('latin1');
    const a = query.readUInt16BE(end - 4) === 1;
    const known = name === '\x09elsewhere\x04test';
    const reply = Buffer.concat([query.subarray(0, end),
      known && a ? Buffer.from('c00c00010001000000050004' + '7f000001', 'hex')
                 : Buffer.alloc(0)]);

    reply.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
    reply.writeUInt16BE(known && a ? 1 : 0, 6);
    reply.writeUInt16BE(0, 8);
    reply.writeUInt16BE(0, 10);
    socket.send(reply, from.port, from.address);
  });

  return new Promise(resolve => socket.bind(0, '127.0.0.1', () => {
    ports.dns = socket.address().port;
    resolve();
  }));
}


const [cert, key, wrongCert, wrongKey] = process.argv.slice(2)
  .map(file => fs.readFileSync(file));

await listen('http', http.createServer({ keepAliveTimeout: 100 }, serve));
await listen('kept', http.createServer({ keepAliveTimeout: 0 }, serve));
await listen('https', http2.createSecureServer({ cert, key,
                                                 allowHTTP1: true }, serve));
await listen('wrong', https.createServer({ cert: wrongCert, key: wrongKey },
                                         serve));

await nameserver();

console.log(JSON.stringify({ ...ports, jwks: jwks(['k1']), k2: jwks(['k2']),
                             both: jwks(['k1', 'k2']) }));

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
process.on('uncaughtException', e => { console.error(e); process.exit(1); });
