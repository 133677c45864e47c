/*
 * A page of about 119 KB such as internal tools make: a table whose cells
 * carry classes and words, some prose, a dozen scripts and styles with the
 * nonce placeholder; a tag in about 40 bytes.  The same words give the same
 * page.
 */

const WORDS = ('the of report customer order region growth in account for '
    + 'pending invoice by team quarter owner note shipped returned value '
    + 'about weekly total support a ticket closed with and open').split(' ');

const ROWS = 232;


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
    const id = next(99999);

    return `<tr id="order-${id}" class="row ${i % 2 ? 'odd' : 'even'}">
  <td class="px-4 py-2 text-left align-middle"><a class="link link-primary" `
        + `href="/orders/${id}/details">${id}</a></td>
  <td class="px-4 py-2 text-left align-middle">${words(next, 7)}</td>
  <td class="px-4 py-2 text-left align-middle">${words(next, 24)}</td>
  <td class="px-4 py-2 text-right">${next(9999)}.${next(99)}</td>
</tr>
`;
}


function script(nonce, i) {
    return `<script nonce="${nonce}">\nwindow.parts = window.parts || [];\n`
        + `window.parts.push({ number: ${i}, ready: 1 < 2 });\n</script>\n`;
}


export function makePage(nonce, rows = ROWS) {
    const next = sequence(7);
    const parts = [];

    for (let i = 0; i < rows; i++) {
        parts.push(row(next, i));

        if (i % 25 === 24) {
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
