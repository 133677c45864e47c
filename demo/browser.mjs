/*
 * Headless Chromium, driven by playwright-core.  CHROMIUM names the binary.
 */

import * as fs from 'node:fs';
import { chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome'];

const ARGS = [
    '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--no-proxy-server',
];


export function launch() {
    const executablePath = process.env.CHROMIUM
        || PLACES.find((place) => fs.existsSync(place));

    if (!executablePath) {
        throw new Error('no Chromium: install it, or set CHROMIUM to it');
    }

    /* Chromium's sandbox does not work for root nor in most containers */

    return chromium.launch({
        executablePath, args: ARGS, chromiumSandbox: false,
    });
}


/* a page that sends headers with all it asks for; close() its context() */

export async function open(browser, headers = {}) {
    const context = await browser.newContext({ extraHTTPHeaders: headers });

    context.setDefaultTimeout(15000);

    return context.newPage();
}
