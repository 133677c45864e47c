/*
 * How a page of ours looks: on a phone and on a desk it has to be readable, by
 * day and by night.  Pictures are for whoever wants to see it.
 */

import * as path from 'node:path';
import { assert } from '../../demo/proof.mjs';

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1280, height: 800 };

const LOOKS = [PHONE, DESK].flatMap((size) =>
    ['light', 'dark'].map((colorScheme) => ({ size, colorScheme })));

const CONTRAST = 4.5;       /* WCAG 2.2, 1.4.3 */


/* pictures of a page, and whether its text can be read in each of them */

export async function look(page, folder, name, frame = page.mainFrame()) {
    for (const { size, colorScheme } of LOOKS) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme });

        const least = await frame.evaluate(leastContrast);

        assert.equal(least >= CONTRAST, true,
            `contrast ${least} at ${size.width}, ${colorScheme}`);
        await page.screenshot({
            path: path.join(folder, `${name}-${size.width}-${colorScheme}.png`),
        });
    }

    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: null });
}


/* runs in the page: of each piece of text against what is behind it */

function leastContrast() {
    const rgba = (color) => color.match(/[\d.]+/g).map(Number);

    const luminance = (color) => {
        const [r, g, b] = rgba(color).map((one) => {
            const part = one / 255;

            return part <= 0.04045
                ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });

        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };

    const behind = (element) => {
        const color = getComputedStyle(element).backgroundColor;

        return (rgba(color)[3] ?? 1) > 0 ? color : behind(element.parentNode);
    };

    const contrast = ({ parentNode }) => {
        const [dark, light] = [getComputedStyle(parentNode).color,
            behind(parentNode)].map(luminance).sort((a, b) => a - b);

        return (light + 0.05) / (dark + 0.05);
    };

    const texts = document.createTreeWalker(document.body,
        NodeFilter.SHOW_TEXT, (node) => (node.data.trim()
            ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP));
    const found = [];

    while (texts.nextNode()) {
        found.push(contrast(texts.currentNode));
    }

    return Math.min(...found);
}
