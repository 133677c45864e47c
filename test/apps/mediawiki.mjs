/*
 * MediaWiki, on a database of SQLite, with Debian's own skin and no extensions.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { assert } from '../../demo/proof.mjs';
import { click, says, see, shown, turn, type } from './hands.mjs';
import { folder, once, patch, php, ROOT, serve } from './place.mjs';

const SHARE = path.join(ROOT, 'usr/share/mediawiki');
const OWN = 'public function getNonce() {';
const EXTENSIONS = ['ctype', 'dom', 'fileinfo', 'iconv', 'intl', 'mbstring',
    'pdo', 'pdo_sqlite', 'sqlite3', 'tokenizer', 'xml', 'xmlreader'];

export const name = 'mediawiki';
const PASSWORD = 'a-long-password';

/*
 * Its loader comes without a nonce, makes functions of text, and puts styles
 * into the page without one.
 */

const POLICY = `rtcsp           strict;
            rtcsp_directive script-src self unsafe-eval;
            rtcsp_directive style-src self unsafe-inline;
            rtcsp_nonce_in  script-src;`;

export const ways = {
    'report-only': {
        reportOnly: true,
        reports: ['script-src eval', 'script-src-attr inline',
            'script-src-elem /load.php', 'script-src-elem inline',
            'style-src-attr inline', 'style-src-elem inline'],
    },
    placeholder: {
        patched: true,
        conf: `${POLICY}
            rtcsp_nonce     placeholder=file:nonce-placeholder;`,
        reports: ['script-src-attr inline', 'script-src-elem inline'],
    },
    upstream: {
        own: true,
        conf: 'rtcsp strict; rtcsp_nonce upstream;',
        reports: [],
    },
};

/* raw HTML in pages is what whoever breaks in would like to have */

const EVIL = '<html><script>window.ran = 1</script>'
    + '<img src="none" onerror="window.ran = 1">'
    + '<a id="evil" href="javascript:void(window.ran = 1)">evil</a></html>';


export async function start(stack, { port, secret, own }) {
    const dir = folder(name);
    const command = php(EXTENSIONS);
    const env = {
        MW_CONFIG_FILE: path.join(dir, 'LocalSettings.php'),
        CSP_NONCE: secret ?? '',
        PHP_CLI_SERVER_WORKERS: '4',
    };

    patch('usr/share/mediawiki/includes/ContentSecurityPolicy.php', OWN,
        secret && `${OWN} return getenv('CSP_NONCE');`);

    once({
        dir,
        command: [...command, path.join(SHARE, 'maintenance/install.php'),
            '--dbtype', 'sqlite', '--dbpath', dir, '--dbname', 'wiki',
            '--confpath', dir, '--pass', PASSWORD, '--scriptpath', '',
            '--server', 'http://127.0.0.1', '--skins', 'Vector', 'Wiki',
            'Admin'],
    });
    fs.appendFileSync(path.join(dir, 'LocalSettings.php'), `
$wgServer = 'http://' . $_SERVER['HTTP_HOST'];
$wgRawHtml = true;
$wgCacheDirectory = '${dir}';
$wgCSPHeader = ${Boolean(own)};
$wgResourceLoaderStorageEnabled = ${!secret && !own};
`);

    await serve(stack, { dir, port, env, command: [...command, '-S',
        `127.0.0.1:${port}`, '-t', SHARE] });
}


/* the scripts of a page that somebody looks at are all there */

const ready = (page) => see(page, 'body', () => {
    const states = mw.loader.getModuleNames().map((one) =>
        mw.loader.getState(one));

    return mw.loader.getState('skins.vector.legacy.js') === 'ready'
        && !states.some((one) => ['loading', 'loaded', 'executing', 'error',
            'missing'].includes(one));
});


async function edit(page, origin, title, text) {
    await page.goto(`${origin}/index.php?title=${title}&action=edit`);
    await ready(page);
    await type(page, '#wpTextbox1', text);
    await turn(page, () => click(page, '#wpSave'));
    await ready(page);
}


export async function use(page, origin, { reportOnly }) {
    await page.goto(`${origin}/index.php?title=Special:UserLogin`);
    await type(page, '#wpName1', 'Admin');
    await type(page, '#wpPassword1', PASSWORD);
    await turn(page, () => click(page, '#wpLoginAttempt'));
    await ready(page);

    await edit(page, origin, 'Tea', 'Tea is a drink.\n'
        + '{| class="wikitable sortable"\n! cup\n|-\n| 2\n|-\n| 1\n|}');
    await see(page, '#mw-content-text', says, 'Tea is a drink.');

    /* its scripts say so, sort a table, and watch a page without leaving it */

    await see(page, '.mw-notification', says, 'The page has been created.');
    await click(page, 'th.headerSort');
    await see(page, 'table.sortable tbody tr td', says, '1');

    const watched = await page.$eval('#ca-watch, #ca-unwatch', (one) => one.id);

    await click(page, '#ca-watch a, #ca-unwatch a');
    await see(page, watched === 'ca-watch' ? '#ca-unwatch' : '#ca-watch');

    await type(page, '#searchInput', 'Te');
    await see(page, '.suggestions-results', says, 'Tea');

    /* again, out of what the loader has kept in the browser */

    for (let i = 0; i < 2; i++) {
        await page.goto(`${origin}/index.php?title=Main_Page`);
        await ready(page);
        await see(page, 'body', () =>
            !mw.loader.store.enabled || Object.keys(localStorage).some((one) =>
                one.startsWith('MediaWikiModuleStore')));
    }

    await page.goto(`${origin}/index.php?title=Special:Preferences`);
    await ready(page);
    await click(page, '[role="tab"]:nth-of-type(2)');
    await see(page, '#mw-prefsection-rendering', shown);

    await edit(page, origin, 'Evil', EVIL);
    await page.evaluate(() => {
        addEventListener('securitypolicyviolation', () => { window.seen = 1; });
    });
    await click(page, '#evil');
    await see(page, 'body', () => window.seen);

    assert.equal(await page.evaluate(() => window.ran ?? 0),
        reportOnly ? 1 : 0);
}
