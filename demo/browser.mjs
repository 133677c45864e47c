/*
 * Headless Chromium, driven by playwright-core.  CHROMIUM names the binary.
 */

import * as fs from 'node:fs';
import { chromium } from 'playwright-core';

const PLACES = {
    chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser',
        '/usr/bin/google-chrome'],
    firefox: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
};

export const ARGS = [
    '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--no-proxy-server',
];


/* where 'chromium' or 'firefox' is */

export function binary(kind) {
    const name = kind.toUpperCase();
    const found = process.env[name]
        || PLACES[kind].find((place) => fs.existsSync(place));

    if (!found) {
        throw new Error(`no ${kind}: install it, or set ${name} to it`);
    }

    return found;
}


export function launch() {

    /* Chromium's sandbox does not work for root nor in most containers */

    return chromium.launch({
        executablePath: binary('chromium'), args: ARGS, chromiumSandbox: false,
    });
}


/* a page that sends headers with all it asks for; close() its context() */

export async function open(browser, headers = {}) {
    const context = await browser.newContext({ extraHTTPHeaders: headers });

    context.setDefaultTimeout(15000);

    return context.newPage();
}
