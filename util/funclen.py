#!/usr/bin/env python3
"""Function lengths: a report, and an error for a function above LIMIT."""

import json
import subprocess
import sys

from files import ours

LIMIT = 100


def main():
    files = ours('ngx_http_rt*.c', 'src/*.[ch]', 'tools/*.[ch]')
    if not files:
        sys.exit('funclen: no file was found to check')

    out = subprocess.run(
        ['ctags', '--c-kinds=f', '--fields=+ne', '--output-format=json',
         '-f', '-'] + files, check=True, capture_output=True, text=True)

    rows = []
    for line in out.stdout.splitlines():
        tag = json.loads(line)
        if 'end' in tag:
            rows.append((tag['end'] - tag['line'] + 1, tag['path'],
                         tag['line'], tag['name']))

    if not rows:
        sys.exit('funclen: no function was found to measure')

    rows.sort(reverse=True)
    lengths = [r[0] for r in rows]
    over = [r for r in rows if r[0] > LIMIT]

    print('funclen: %d functions, median %d, p95 %d, longest %d lines'
          % (len(rows), lengths[len(rows) // 2], lengths[len(rows) // 20],
             lengths[0]))

    for length, path, line, name in rows[:5]:
        print('    %4d  %s:%d %s' % (length, path, line, name))

    for length, path, line, name in over:
        print('%s:%d: %s has %d lines, %d are allowed'
              % (path, line, name, length, LIMIT))

    sys.exit(1 if over else 0)


main()
