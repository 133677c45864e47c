// The lint of policies beside Google's csp_evaluator: where that calls a
// directive weak, ours has a finding of it too.
//
// usage: node csp.mjs DRIVERS_DIR

import { spawnSync } from 'node:child_process';
import evaluator from 'csp_evaluator/dist/evaluator.js';
import parser from 'csp_evaluator/dist/parser.js';
import finding from 'csp_evaluator/dist/finding.js';
import { Tally } from './tally.mjs';

const [, , dir] = process.argv;

// HIGH, SYNTAX, MEDIUM and HIGH_MAYBE; what is milder is a matter of taste
// there: 'self' is, for one.  Flash runs in no browser any more.
const WORST = finding.Severity.HIGH_MAYBE;
const GONE = finding.Type.OBJECT_ALLOWLIST_BYPASS;

const SOURCES = [
    '*', '*:443', '*:*', 'http://*', 'https://*', 'https://*:8443', '*.com',
    '*.co', 'http:', 'https:', 'data:', 'DATA:', 'blob:', 'filesystem:',
    'https://www.google.com', 'www.google.com', '*.google.com',
    'https://www.google.com/', 'https://accounts.google.com:443',
    'https://maps.googleapis.com', '*.googleapis.com',
    'https://ajax.googleapis.com', 'https://ajax.googleapis.com/ajax/libs/',
    'cdnjs.cloudflare.com', 'https://cdnjs.cloudflare.com/ajax/libs/',
    'cdn.jsdelivr.net', '*.jsdelivr.net', 'https://unpkg.com',
    '*.cloudfront.net', '*.amazonaws.com', '*.appspot.com', '*.github.io',
    '*.herokuapp.com', '*.blogspot.com', '*.akamaihd.net', '*.kxcdn.com',
    'raw.githubusercontent.com', 'storage.googleapis.com', 'gstatic.com',
    'www.gstatic.com', '*.gstatic.com', 'code.angularjs.org',
    'cdn.shopify.com', 'yastatic.net', 'mc.yandex.ru', 'api.vk.com',
    'www.facebook.com', 'graph.facebook.com', '*.facebook.com',
    'www.youtube.com', '*.doubleclick.net', 'pagead2.googlesyndication.com',
    'partner.googleadservices.com', 'syndication.twitter.com', 'vimeo.com',
    'api.flickr.com', 'query.yahooapis.com', 'gum.criteo.com',
    'googletagmanager.com', 'https://www.googletagmanager.com',
    'www.google-analytics.com', "'unsafe-inline'", "'unsafe-eval'",
    "'unsafe-eval' www.google-analytics.com",
    "'unsafe-eval' *.google-analytics.com", "'nonce-abc'", "'nonce-'",
    "'unsafe-inline' 'nonce-abcdefghijklmnop'", "'strict-dynamic'",
    "'strict-dynamic' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    'self', 'none', 'nonce-abcdefghij', 'unsafe-inline', "'slef'", "'self",
    'https://example.com', "'none'",
];

const LISTED = [
    '', 'script-src', "script-src 'self'", "object-src 'none'",
    "img-src 'self'", "base-uri 'none'", "default-src 'self'",
    "frame-ancestors 'none'", 'upgrade-insecure-requests',
    'scirpt-src x', "script-src: 'self'", 'foo bar',
    "default-src 'self' script-src x", "script-src 'self' object-src 'none'",
    "default-src 'self'; report-uri http://example.com/r",
    "default-src 'self'; report-uri http://example.com/r https://a/b",
    "default-src 'self'; plugin-types x; reflected-xss block",
    "style-src 'strict-dynamic'; script-src 'self'; object-src 'none'",
];

const NAMES = ['script-src', 'script-src-elem', 'script-src-attr',
    'default-src', 'object-src', 'base-uri'];

// each source in each directive, alone and beside others
const POLICIES = LISTED.concat(NAMES.flatMap((name) => SOURCES.flatMap((s) => [
    `${name} ${s}`, `object-src 'none'; ${name} 'self' ${s}`,
    `default-src 'self'; ${name} ${s}`,
    `default-src ${s}; script-src 'self'`])));

const run = spawnSync(`${dir}/csp`, { input: POLICIES.join('\n') + '\n',
    encoding: 'latin1', maxBuffer: 1 << 28 });
const lines = run.stdout.split('\n');

const tally = new Tally('csp', POLICIES, LISTED.length);
let weak = 0;

if (run.status !== 0 || lines.length !== POLICIES.length + 1) {
    tally.broke(`the driver ended with ${run.status}`);
}

POLICIES.forEach((policy, i) => {
    const ours = JSON.parse(lines[i]);
    const found = ours.findings.filter((f) => f.severity !== 'note');

    const parsed = new parser.CspParser(policy).csp;
    const theirs = new evaluator.CspEvaluator(parsed).evaluate()
        .filter((f) => f.severity <= WORST && f.type !== GONE);

    // what is an error keeps nginx from starting
    const refused = ours.findings.some((f) => f.severity === 'error');

    for (const f of theirs) {
        weak++;

        if (!refused
            && !found.some((o) => ['', f.directive].includes(o.directive)))
        {
            tally.fail(i, `no finding of ${f.directive}`, f.description);
        }
    }
});

if (weak < 500) {
    tally.broke(`csp_evaluator found ${weak} weaknesses, which are too few`);
}

process.exit(tally.close());
