/*
 * Long answers on one HTTP/2 connection without TLS:
 *
 *   node streams.mjs URL PATH=AUTHORIZATION ...
 *
 * asks for all of them at once, and prints a line for whatever happens: "PATH
 * tick TEXT" for each line that comes, "PATH ended CODE" when the stream is over,
 * with the code of its RST_STREAM.  It ends with its standard input.
 */

import http2 from 'node:http2';

const [url, ...asked] = process.argv.slice(2);
const session = http2.connect(url);

session.on('error', error => console.log(`connection ${error.message}`));

for (const each of asked) {
  const [path, authorization] = each.split('=');
  const stream = session.request({ ':path': path, authorization });

  stream.setEncoding('utf8');
  stream.on('data', text => {
    for (const line of text.match(/tick \S+/g) ?? []) {
      console.log(`${path} ${line}`);
    }
  });
  stream.on('error', () => {});
  stream.on('close', () => console.log(`${path} ended ${stream.rstCode}`));
}

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
