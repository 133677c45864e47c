/* what the rounds of "make bench" say, and whether the budgets are met */

import { median, sum } from './figures.mjs';

const WIDE = 43;


/* -> a row of the table; rounds are maps of names to measurements */

export function judge(variant, rounds, verify) {
    const { budget, base } = variant;
    const of = (name, key) => rounds.map((one) => one.get(name)[key]);
    const byCpuOf = (other) => median(rounds.map((one) =>
        one.get(other).cpu / one.get(variant.name).cpu));
    const byRate = base && median(rounds.map((one) =>
        one.get(variant.name).rate / one.get(base).rate));
    const byCpu = base && byCpuOf(base);
    const extra = base && median(rounds.map((one) =>
        one.get(variant.name).cpu - one.get(base).cpu));

    const row = {
        name: variant.name,
        rate: median(of(variant.name, 'rate')),
        cpu: median(of(variant.name, 'cpu')),
        best: Math.min(...of(variant.name, 'cpu')),
        memory: Math.max(...of(variant.name, 'memory')),
        p50: median(of(variant.name, 'p50')),
        p99: median(of(variant.name, 'p99')),
        ratio: byRate, byCpu, extra, base,
        lost: sum(of(variant.name, 'lost')),
        refused: sum(of(variant.name, 'refused')),
        drained: median(of(variant.name, 'drained')),
        size: median(of(variant.name, 'size')),
    };

    if (budget?.least) {
        const ratio = budget.of ? byCpuOf(budget.of) : byCpu;

        row.budget = `by CPU >= ${budget.least.toFixed(2)} of `
            + (budget.of ?? base);
        row.measured = ratio.toFixed(2);
        row.met = ratio >= budget.least;
    } else if (budget?.microseconds) {
        row.budget = `CPU <= +${budget.microseconds} us`;
        row.measured = `${extra.toFixed(1)} us`;
        row.met = extra <= budget.microseconds;
    } else if (budget?.verify) {
        const times = row.cpu / (verify + median(of(base, 'cpu')));

        row.budget = `<= ${budget.verify}x of verify + plain`;
        row.measured = `${times.toFixed(2)}x`;
        row.met = times <= budget.verify;
    }

    return row;
}


export function line(row) {
    const number = (value, digits) =>
        value === undefined ? '' : value.toFixed(digits);

    return [
        row.name.padEnd(WIDE),
        number(row.rate, 0).padStart(8),
        number(row.cpu, 1).padStart(9),
        number(row.best, 1).padStart(8),
        number(row.p50, 2).padStart(6),
        number(row.p99, 2).padStart(6),
        number(row.memory, 0).padStart(5),
        number(row.ratio, 2).padStart(6),
        number(row.byCpu, 2).padStart(7),
        (row.extra === undefined ? ''
            : `${row.extra < 0 ? '' : '+'}${number(row.extra, 1)}`)
            .padStart(8),
        row.budget ? `${row.measured}, ${row.budget}: `
            + `${row.met ? 'met' : 'NOT MET'}` : '',
    ].join(' ').trimEnd();
}


export const HEAD = `${''.padEnd(WIDE)} requests       CPU    best    p50    p99    MB
${''.padEnd(WIDE)}       /s    us/req  us/req     ms     ms        ratio  by CPU  CPU +us`;
