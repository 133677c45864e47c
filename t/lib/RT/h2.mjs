/*
 * Streams of one HTTP/2 connection without TLS:
 *
 *   node h2.mjs URL AUTHORIZATION THEN PATH ...
 *
 * asks for all paths at once and prints their statuses in this order.  A path
 * with "!" in front is given up (RST_STREAM) once nginx has it: a PING that
 * was sent after it came back.  It prints "gone".  THEN is an address that is
 * asked for once all of these are.  A path may have "METHOD:" before it.
 */

import http2 from 'node:http2';

const [url, authorization, then, ...paths] = process.argv.slice(2);
const session = http2.connect(url);


function ask(path) {
  return new Promise((resolve, reject) => {
    const [, method, at] = /^!?(?:([A-Z]+):)?(.*)$/.exec(path);
    const stream = session.request({ ':method': method ?? 'GET', ':path': at,
                                     authorization });

    stream.on('response', headers => resolve(headers[':status']));
    stream.on('close', () => resolve('gone'));
    stream.on('error', reject);
    stream.resume();

    if (path.startsWith('!')) {
      session.once('remoteSettings', () => session.ping(
        () => stream.close(http2.constants.NGHTTP2_CANCEL)));
    }
  });
}


const answers = paths.map(ask);

await Promise.all(answers.filter((_, i) => paths[i].startsWith('!')));
await fetch(then);

console.log((await Promise.all(answers)).join(' '));
session.close();
