/*
 * What somebody does with a page: looks for things, clicks, goes on.
 */

import { until } from '../../demo/http.mjs';

const SECONDS = 30;


/*
 * Waits until good(element, ...args), which runs in the page, gives something
 * true of the first element that selector finds, and gives that.
 */

export function see(page, selector, good = () => true, ...args) {
    const text = `(${good})`;

    return until(`${selector} ${text === '(() => true)' ? '' : text}`, SECONDS,
        async () => {
            try {
                return await page.$eval(selector, good, ...args);
            } catch (err) {
                return false;       /* not there yet, or between two pages */
            }
        });
}


export const shown = (element) => element.checkVisibility();
export const says = (element, text) => element.innerText.includes(text);


/* is seen, and where it was two frames ago: what moves is missed by a click */

async function still(element) {
    const place = () => JSON.stringify(element.getBoundingClientRect());
    const before = place();

    for (let i = 0; i < 2; i++) {
        await new Promise(requestAnimationFrame);
    }

    return element.checkVisibility() && place() === before;
}


/* clicks what stands still there; onto another page if it leads there */

export async function click(page, selector) {
    await see(page, selector, still);
    await page.click(selector);
}


/* does act, which leads to another page */

export async function turn(page, act) {
    await page.evaluate(() => { window.old = true; });
    await act();
    await see(page, 'body', () => !window.old
        && document.readyState === 'complete');
}


export async function type(page, selector, text) {
    await click(page, selector);
    await page.keyboard.type(text);
}
