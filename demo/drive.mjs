/*
 * Headless Chromium and Firefox behind one interface, puppeteer-core's.
 * CHROMIUM and FIREFOX name their binaries.
 */

import puppeteer from 'puppeteer-core';
import { ARGS, binary } from './browser.mjs';

const KINDS = {
    chromium: {
        browser: 'chrome',
        args: [...ARGS, '--no-sandbox'],
    },
    firefox: {
        browser: 'firefox',
        extraPrefsFirefox: {
            'network.proxy.type': 0,
            'network.captive-portal-service.enabled': false,
            'network.connectivity-service.enabled': false,
        },
    },
};


/* -> puppeteer's Browser; kind: 'chromium' or 'firefox' */

export function drive(kind) {
    return puppeteer.launch({
        ...KINDS[kind], executablePath: binary(kind), headless: true,
        defaultViewport: { width: 1280, height: 900 },
    });
}


/* opens a page of its own, lets look(page) use it */

export async function visit(browser, look) {
    const context = await browser.createBrowserContext();

    try {
        const page = await context.newPage();

        page.setDefaultTimeout(20000);
        return await look(page);

    } finally {
        await context.close();
    }
}
