/* figures of several measurements */

export function quantile(values, part) {
    const sorted = [...values].sort((a, b) => a - b);

    return sorted[Math.min(Math.floor(sorted.length * part),
        sorted.length - 1)];
}


export function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;

    return sorted.length % 2 ? sorted[middle]
        : (sorted[middle - 1] + sorted[middle]) / 2;
}


export const sum = (values) => values.reduce((a, b) => a + b, 0);
