// What a start tag says, apart from any parser.

// a tag's attributes, by the attribute grammar
export function attributes(raw) {
    const attr =
        /[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?/gdy;

    attr.lastIndex = /^<[^\s/>]*/.exec(raw)[0].length;

    return [...raw.matchAll(attr)];
}

// traces of a start tag that this one has swallowed
export function dangling(raw) {
    let quoted = false;

    return attributes(raw).some(([, name, double, single, bare = '']) => {
        const value = double ?? single ?? '';

        if (/</.test(name + bare) || (quoted && /["']/.test(name + bare))) {
            return true;
        }

        quoted ||= value.includes('<');

        return /<(script|style|link)/i.test(value);
    });
}
