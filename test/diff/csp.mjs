// The lint of policies beside Google's csp_evaluator: where that calls a
// directive weak, ours has a finding of it too.  What only one of the two finds
// is listed by kind, with the reason, and each kind of the lists is met.  The
// presets "strict" and "api" have no finding of either.
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

// what only they find, milder than WORST or of what no browser has any more

const THEIRS_ALONE = {
    SCRIPT_ALLOWLIST_BYPASS: "'self' and hosts of which it knows nothing",
    OBJECT_ALLOWLIST_BYPASS: 'Flash',
    IGNORED: "hosts beside 'strict-dynamic', which do no harm",
};

// what only ours finds

const OURS_ALONE = {
    'deprecated-directive': 'it knows fewer of them',
    'duplicate-directive': 'its parser has one of each name',
    'empty-policy': 'it looks for directives',
    'no-effect': 'it asks what lets scripts in, and not what does nothing',
    'none-with-others': 'the same',
    'static-nonce': 'it cannot know that the text is that of a configuration',
    'strict-dynamic-alone': 'one of its strict checks, see below',
    'unsafe-inline-void': 'it takes it for a way to serve old browsers',
    'weak-script-source': 'all hosts, with a port or a scheme',
    'weak-source': 'the same',
};

const met = { theirs: new Set(), ours: new Set() };

const evaluate = (policy, checks) => new evaluator.CspEvaluator(
    new parser.CspParser(policy).csp).evaluate(...checks ?? []);

POLICIES.forEach((policy, i) => {
    const ours = JSON.parse(lines[i]);
    const found = ours.findings.filter((f) => f.severity !== 'note');

    const all = evaluate(policy);
    const theirs = all.filter((f) => f.severity <= WORST && f.type !== GONE);

    // what is an error keeps nginx from starting
    const refused = ours.findings.some((f) => f.severity === 'error');

    const alone = (list, others) => list.filter((f) =>
        !others.some((o) => ['', f.directive].includes(o.directive ?? '')));

    alone(refused ? [] : all, found)
        .forEach((f) => met.theirs.add(finding.Type[f.type]));
    alone(found, all).forEach((f) => met.ours.add(f.code));

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

for (const [who, list] of [['theirs', THEIRS_ALONE], ['ours', OURS_ALONE]]) {
    for (const kind of met[who]) {
        if (!(kind in list)) {
            tally.broke(`${kind}, which only ${who} finds, is not listed`);
        }
    }

    for (const kind of Object.keys(list)) {
        if (!met[who].has(kind)) {
            tally.broke(`${kind} is listed, and not only ${who} finds it`);
        }
    }
}


// the presets, as pages get them

const NONCE = 'xq3mV1c9TzQ0bR7yLh2KpWd5sUeA8fGj';

// what they advise for browsers that know no nonces or no 'strict-dynamic', and
// what an application has to be written for

const ADVICE = {
    strict: ['UNSAFE_INLINE_FALLBACK', 'ALLOWLIST_FALLBACK',
        'REQUIRE_TRUSTED_TYPES_FOR_SCRIPTS'],
    api: ['REQUIRE_TRUSTED_TYPES_FOR_SCRIPTS'],
};

for (const [preset, advice] of Object.entries(ADVICE)) {
    const args = preset === 'api' ? [] : ['--nonce-in=script-src,style-src'];
    const { stdout } = spawnSync(`${dir}/csp`, args,
        { input: `preset:${preset}\n`, encoding: 'latin1' });
    const ours = JSON.parse(stdout);
    const policy = ours.policy.replaceAll('NONCE', NONCE);

    const kinds = (checks) => evaluate(policy, checks)
        .map((f) => finding.Type[f.type]);
    const expected = JSON.stringify(advice);
    const advised = kinds([[], evaluator.STRICTCSP_CHECKS]);

    if (ours.findings.length || kinds().length) {
        tally.broke(`preset ${preset}: ${ours.findings.map((f) => f.code)} `
                    + `${kinds()}`);
    }

    if (JSON.stringify(advised) !== expected) {
        tally.broke(`preset ${preset}: advised ${advised}`);
    }
}

process.exit(tally.close());
