/*
 * Pages such as internal tools make: a table whose cells carry classes and
 * words, some prose, a script in 25 rows and styles with the nonce placeholder.
 * There are three kinds: a tag in about 42 bytes as most tools have, in 17 as a
 * table of bare numbers has, and in 146 as long prose has.  The same words give
 * the same page.
 */

const WORDS = ('the of report customer order region growth in account for '
    + 'pending invoice by team quarter owner note shipped returned value '
    + 'about weekly total support a ticket closed with and open').split(' ');

const ROWS_A_SCRIPT = 25;


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


function bareRow(next, i) {
    return `<tr id="r${i}" class="row ${i % 2 ? 'odd' : 'even'}">`
        + `<td><a href="/orders/${next(99999)}">${next(99999)}</a></td>`
        + `<td>${words(next, 4)}</td><td>${words(next, 9)}</td>`
        + `<td class="n">${next(9999)}.${next(99)}</td></tr>\n`;
}


function prose(next) {
    return `<tr><td>${words(next, 97)}</td></tr>\n`;
}


export const KINDS = { 17: bareRow, 42: row, 146: prose };


function script(nonce, i) {
    return `<script nonce="${nonce}">\nwindow.parts = window.parts || [];\n`
        + `window.parts.push({ number: ${i}, ready: 1 < 2 });\n</script>\n`;
}


/* at least that many bytes, or the least that it has */

export function makePage(nonce, bytes, kind = 42) {
    const next = sequence(7);
    const head = `<!doctype html>\n<html lang="en">\n<head>
<meta charset="utf-8">
<title>Orders</title>
<style nonce="${nonce}">td { padding: 2px } .odd { background: #eee }</style>
${script(nonce, 0)}</head>
<body>
<h1>Orders</h1>
<!-- ${words(next, 20)} -->
<p>${words(next, 60)}</p>
<table>
`;
    const tail = '</table>\n</body>\n</html>\n';
    const parts = [head];
    let length = head.length + tail.length;

    for (let i = 0; length < bytes; i++) {
        const piece = KINDS[kind](next, i) + (i % ROWS_A_SCRIPT === 24
            ? `</table>\n${script(nonce, i)}<table>\n` : '');

        parts.push(piece);
        length += piece.length;
    }

    return `${parts.join('')}${tail}`;
}
