/*
 * netdata, as a process in the foreground that collects what /proc says.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { until } from '../../demo/http.mjs';
import { click, see } from './hands.mjs';
import { folder, patch, ROOT, serve } from './place.mjs';

const SECONDS = 60;

export const name = 'netdata';


const PAGE = 'usr/share/netdata/web/old/index.html';

/* handlers in attributes run, whoever wrote them */

const POLICY = `rtcsp           strict;
            rtcsp_directive script-src-attr unsafe-inline;
            rtcsp_directive style-src self unsafe-inline;
            rtcsp_nonce_in  script-src;`;

/* what it would fetch from elsewhere */

const ELSEWHERE = ['connect-src https://registry.my-netdata.io/api/v1/registry',
    'connect-src https://api.github.com/repos/netdata/netdata/releases/latest',
    'frame-src https://app.netdata.cloud'];


/* as far as it goes; its own addresses begin with "../", which is not gated */

export const ways = {
    'report-only': {
        reportOnly: true,
        reports: ['script-src-attr inline', 'script-src-elem /main.js',
            'script-src-elem inline', 'style-src-attr inline'],
    },
    handlers: {
        patched: true,
        conf: `${POLICY}
            rtcsp_nonce     placeholder=file:nonce-placeholder;`,
        reports: ELSEWHERE,
    },
    gated: {
        hashed: PAGE,
        conf: `${POLICY}
            rtcsp_nonce     gated src=/main.js src=/dashboard.js hash=hashes;
            sub_filter      '"../' '"/';
            sub_filter_once off;
            proxy_set_header Accept-Encoding "";`,
        reports: ELSEWHERE,
    },
};


export async function start(stack, { port, secret }) {
    const dir = folder(name);
    const conf = path.join(dir, 'netdata.conf');

    patch(PAGE, '<script', secret && `<script nonce="${secret}"`);

    for (const one of ['cache', 'lib', 'logs', 'etc']) {
        fs.mkdirSync(path.join(dir, one));
    }

    fs.writeFileSync(path.join(dir, 'etc/.opt-out-from-anonymous-statistics'),
        '');
    fs.writeFileSync(conf, `[global]
    run as user = ${process.env.USER || 'root'}
[directories]
    web = ${ROOT}/usr/share/netdata/web
    cache = ${dir}/cache
    lib = ${dir}/lib
    log = ${dir}/logs
    config = ${dir}/etc
    stock config = ${ROOT}/usr/lib/netdata/conf.d
    plugins = ${ROOT}/usr/lib/netdata/plugins.d
    home = ${dir}
[db]
    mode = ram
[web]
    default port = ${port}
    bind to = 127.0.0.1
[plugins]
    apps = no
    cgroups = no
    ebpf = no
    python.d = no
    go.d = no
    charts.d = no
    node.d = no
    tc = no
    perf = no
    slabinfo = no
    nfacct = no
    statsd = no
[health]
    enabled = no
[statsd]
    enabled = no
[ml]
    enabled = no
`);

    await serve(stack, { dir, port, command: ['netdata', '-D', '-c', conf] });

    /* the page shows the charts that are there when it is opened */

    const chart = `http://127.0.0.1:${port}/api/v1/chart?chart=system.cpu`;

    await until('a chart of netdata', SECONDS, async () =>
        (await fetch(chart)).ok);
}


export async function use(page, origin) {
    await page.goto(`${origin}/old/`);
    await see(page, 'body', (body) => [...body.querySelectorAll('canvas')]
        .some((one) => one.checkVisibility()));
    await click(page, '#printButton a');
    await see(page, '#printPreflightModal.in');

    /* its own handler is called, or is not */

    await page.evaluate(() => {
        window.printPreflight = () => { window.printed = true; };
    });
    await click(page, '#printPreflightModal .btn[onclick]');
    await see(page, 'body', () => window.printed);
}
