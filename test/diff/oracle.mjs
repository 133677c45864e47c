// What parse5 makes of a page: the oracle of the differential tests.

import { parse, defaultTreeAdapter } from 'parse5';

const WANTED = new Set(['script', 'style', 'link']);

// Bytes are read as ISO-8859-1, so that offsets count bytes.

export function latin1(bytes) {
    return Buffer.from(bytes).toString('latin1');
}

// The script, style and link start tags that make an element, in order; those
// of metas too, if asked for.

export function startTags(text, meta = false) {
    const tags = [];

    const treeAdapter = {
        ...defaultTreeAdapter,

        setNodeSourceCodeLocation(node, location) {
            defaultTreeAdapter.setNodeSourceCodeLocation(node, location);

            if (location?.startTag && (WANTED.has(node.tagName)
                                       || (meta && node.tagName === 'meta')))
            {
                const nonce = node.attrs.find((a) => a.name === 'nonce');

                tags.push({
                    tag: node.tagName,
                    start: location.startTag.startOffset,
                    end: location.startTag.endOffset,
                    nonce: nonce ? nonce.value : null,
                    attrs: node.attrs,
                });
            }
        },
    };

    parse(text, { sourceCodeLocationInfo: true, treeAdapter });

    return tags.sort((a, b) => a.start - b.start);
}

// The whole document, with nonces and fill made equal, and without the
// attributes that skip() says.

export function tree(text, normalise, skip = () => false) {
    const out = [];

    const walk = (node, depth) => {
        const attrs = (node.attrs ?? []).filter((a) => !skip(a))
            .map((a) => `${normalise(a.name)}=${JSON.stringify(normalise(a.value))}`);

        out.push(' '.repeat(depth) + (node.namespaceURI ?? '')
                 + normalise(node.nodeName) + ' ' + attrs.join(' ')
                 + JSON.stringify(normalise(node.value ?? node.data ?? '')));

        for (const child of node.childNodes ?? []) {
            walk(child, depth + 1);
        }

        if (node.content) {
            walk(node.content, depth + 1);
        }
    };

    walk(parse(text), 0);

    return out.join('\n');
}
