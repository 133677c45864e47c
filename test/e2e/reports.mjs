/*
 * What browsers reported to rtcsp_collector, out of the audit file of nginx's
 * prefix: { directive, class, blocked, document ... }, in order.
 */

export function violations(nginx) {
    return nginx.log('reports.log').split('\n').slice(0, -1)
        .flatMap((line) => JSON.parse(line).metadata.rtcsp?.violations ?? []);
}
