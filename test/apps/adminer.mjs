/*
 * Adminer, on a database of SQLite.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { click, says, see, shown, turn, type } from './hands.mjs';
import { folder, once, patch, php, ROOT, serve } from './place.mjs';

const SHARE = path.join(ROOT, 'usr/share/adminer');
const OWN = 'get_nonce(){static$ef;if(!$ef)$ef=base64_encode(rand_string());'
    + 'return$ef;}';

/* SQLite has no password, and Adminer lets nobody in without one */

const INDEX = `<?php
function adminer_object() {
    include_once '${SHARE}/plugins/plugin.php';
    include_once '${SHARE}/plugins/login-password-less.php';
    include_once '${SHARE}/plugins/version-noverify.php';

    return new AdminerPlugin([
        new AdminerLoginPasswordLess(password_hash('adminer', PASSWORD_BCRYPT)),
        new AdminerVersionNoverify(),
    ]);
}

include '${SHARE}/adminer.php';
`;

const TABLE = '(new SQLite3("shop.sqlite"))->exec("'
    + 'CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)");';

export const name = 'adminer';

/* one of its pages has a style in an attribute */

export const ways = {
    'report-only': {
        reportOnly: true,
        reports: ['script-src-elem /', 'script-src-elem inline',
            'style-src-attr inline'],
    },
    placeholder: {
        patched: true,
        conf: `rtcsp           strict;
            rtcsp_directive style-src-attr unsafe-inline;
            rtcsp_nonce     placeholder=file:nonce-placeholder;`,
        reports: [],
    },
    upstream: {
        conf: 'rtcsp strict; rtcsp_nonce upstream;',
        reports: [],
    },
};


export async function start(stack, { port, secret }) {
    const dir = folder(name);
    const command = php(['sqlite3', 'pdo', 'pdo_sqlite']);

    once({ dir, command: [...command, '-r', TABLE] });
    fs.writeFileSync(path.join(dir, 'index.php'), INDEX);
    patch('usr/share/adminer/adminer.php', OWN, secret
        && 'get_nonce(){return getenv("CSP_NONCE");}');

    await serve(stack, { dir, port, env: { CSP_NONCE: secret ?? '' },
        command: [...command, '-S', `127.0.0.1:${port}`, '-t', dir] });
}


export async function use(page, origin) {
    await page.goto(`${origin}/?sqlite=`);

    /* its script hides what SQLite has no use for */

    await see(page, '[name="auth[server]"]', (one) => !one.checkVisibility());
    await type(page, '[name="auth[password]"]', 'adminer');
    await type(page, '[name="auth[db]"]', 'shop.sqlite');
    await turn(page, () => click(page, '[value="Login"]'));

    await turn(page, () => click(page, 'a[href*="&sql="]'));
    await type(page, 'pre[contenteditable]',
        'INSERT INTO item (name) VALUES (\'tea\'), (\'coffee\')');
    await turn(page, () => click(page, '[value="Execute"]'));
    await see(page, '.message', says, '2 rows affected');

    await turn(page, () => click(page, '#tables a.select'));
    await see(page, '#fieldset-search', (one) => !one.checkVisibility());
    await click(page, 'a[href="#fieldset-search"]');
    await see(page, '#fieldset-search', shown);

    await click(page, '#table tbody input[type="checkbox"]');
    await see(page, '#selected', says, '(1)');

    /* a cell becomes a field when it is clicked with Ctrl */

    await page.keyboard.down('Control');
    await click(page, '#table tbody td:nth-child(3)');
    await page.keyboard.up('Control');
    await see(page, '#table textarea', (one) =>
        one === document.activeElement);
    await page.keyboard.press('Home');
    await page.keyboard.type('green ');
    await turn(page, () => click(page, '[value="Save"]'));
    await see(page, '.message', says, '1 item has been affected');
    await see(page, '#table', says, 'green tea');
}
