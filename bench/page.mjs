/*
 * A page of about 119 KB such as internal tools make: a table, some prose,
 * attributes, a dozen scripts and styles with the nonce placeholder.  The
 * same words give the same page.
 */

const WORDS = ('the of report customer order region growth in account for '
    + 'pending invoice by team quarter owner note shipped returned value '
    + 'about weekly total support a ticket closed with and open').split(' ');

const ROWS = 600;


/* a small generator of its own, so that every run has the same page */

function sequence(seed) {
    let state = seed;

    return (limit) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state % limit;
    };
}


function words(next, count) {
    return Array.from({ length: count }, () => WORDS[next(WORDS.length)])
        .join(' ');
}


function row(next, i) {
    return `<tr id="r${i}" class="row ${i % 2 ? 'odd' : 'even'}">`
        + `<td><a href="/orders/${next(99999)}">${next(99999)}</a></td>`
        + `<td>${words(next, 4)}</td><td>${words(next, 9)}</td>`
        + `<td class="n">${next(9999)}.${next(99)}</td></tr>\n`;
}


function script(nonce, i) {
    return `<script nonce="${nonce}">\nwindow.parts = window.parts || [];\n`
        + `window.parts.push({ number: ${i}, ready: 1 < 2 });\n</script>\n`;
}


/* rows: how many lines of table */

export function makePage(nonce, rows = ROWS) {
    const next = sequence(7);
    const parts = [];

    for (let i = 0; i < rows; i++) {
        parts.push(row(next, i));

        if (i % 60 === 59) {
            parts.push('</table>\n', script(nonce, i), '<table>\n');
        }
    }

    return `<!doctype html>\n<html lang="en">\n<head>
<meta charset="utf-8">
<title>Orders</title>
<style nonce="${nonce}">td { padding: 2px } .odd { background: #eee }</style>
${script(nonce, 0)}</head>
<body>
<h1>Orders</h1>
<!-- ${words(next, 20)} -->
<p>${words(next, 120)}</p>
<table>
${parts.join('')}</table>
</body>
</html>
`;
}


/* long prose, few tags: what a tokenizer should fly over */

export function makeText(nonce, paragraphs = 150) {
    const next = sequence(11);
    const parts = Array.from({ length: paragraphs },
        () => `<p>${words(next, 130)}</p>\n`);

    return `<!doctype html>\n<html lang="en">\n<head><title>Text</title>
${script(nonce, 0)}</head>\n<body>\n${parts.join('')}</body>\n</html>\n`;
}
