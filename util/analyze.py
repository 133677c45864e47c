#!/usr/bin/env python3
"""gcc's static analyzer over the modules, src and tools.

    analyze.py OBJS [FILE ...]

OBJS is the folder that nginx was configured into: its Makefile says where the
headers are.  Each finding is an error, but for those that util/analyze.txt
knows, a line each: the file that was compiled, the function, the warning, and
the reason why it is none.  A line there that no finding matches is an error as
well, so that none outlives the code that it speaks of.  The table is for gcc 12,
Debian 12's; each version finds other things.
"""

import concurrent.futures
import os
import re
import subprocess
import sys

from files import ours

KNOWN = 'util/analyze.txt'

SOURCES = ('ngx_http_rt*.c', 'src/*.c', 'tools/*.c')

FLAGS = ['-fanalyzer', '-fdiagnostics-path-format=none',
         '-fno-diagnostics-show-caret', '-O1', '-std=gnu11', '-D_GNU_SOURCE',
         '-c']

# where it is, and what that was inlined into
FUNCTION = re.compile(r"^(?:\S+: )?In function '([^']+)'"
                      r"|^    inlined from '([^']+)'")
WARNING = re.compile(r'^([^:\s]+):(\d+):\d+: (?:warning|error): (.*)$')
OPTION = re.compile(r' (?:\[CWE-\d+\] )?\[(-W[^\]]+)\]$')


def includes(objs):
    """the folders of nginx's Makefile, which are relative to its tree"""

    with open(os.path.join(objs, 'Makefile'), encoding='utf-8') as f:
        text = re.search(r'^ALL_INCS = ((?:.*\\\n)*.*)$', f.read(), re.M)

    found = re.findall(r'-I (\S+)', text.group(1)) if text else []
    if not found:
        sys.exit('analyze: %s/Makefile names no folder of headers' % objs)

    tree = os.path.dirname(os.path.abspath(objs))
    return ['-I' + os.path.join(tree, each) for each in
            dict.fromkeys(found + ['src/http/v2'])] + ['-Itools/rt']


def analyze(cc, flags, out, path):
    """-> the findings in a file"""

    # an object that is there is one that ccache, where it is, can give back
    name = os.path.join(out, os.path.basename(path) + '.o')
    done = subprocess.run([cc] + FLAGS + flags + ['-o', name, path], text=True,
                          capture_output=True,
                          env={**os.environ, 'LC_ALL': 'C'})
    found = []
    function = '-'

    for line in done.stderr.splitlines():
        at = FUNCTION.match(line)
        says = WARNING.match(line)

        if at:
            function = at.group(1) or at.group(2)
        elif says:
            option = OPTION.search(says.group(3))
            found.append((path, function,
                          option.group(1) if option else 'error',
                          '%s:%s: %s' % says.group(1, 2, 3)))

    if done.returncode and not found:
        found.append((path, '-', 'error', done.stderr.strip()))

    return found


def known():
    """-> (file, function, warning) -> the line that excuses it"""

    table = {}

    with open(KNOWN, encoding='utf-8') as f:
        for n, line in enumerate(f, 1):
            if not line.strip() or line.startswith('#'):
                continue

            words = line.split(None, 3)
            if len(words) != 4:
                sys.exit('%s:%d: write file, function, warning and reason'
                         % (KNOWN, n))
            if tuple(words[:3]) in table:
                sys.exit('%s:%d: a second time' % (KNOWN, n))

            table[tuple(words[:3])] = n

    return table


def main():
    cc = os.environ.get('ANALYZE_CC', 'gcc')
    flags = includes(sys.argv[1])
    out = os.path.join(sys.argv[1], '../../analyze')
    files = sys.argv[2:] or ours(*SOURCES)
    table = known()

    if not files:
        sys.exit('analyze: no file was found to check')

    os.makedirs(out, exist_ok=True)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda path: analyze(cc, flags, out, path), files)

        found = dict.fromkeys(one for each in results for one in each)

    met = {one[:3] for one in found}
    fresh = [one for one in found if one[:3] not in table]
    stale = [(n, key) for key, n in table.items() if key not in met
             and (key[0] in files or not os.path.exists(key[0]))]

    for path, function, _, text in fresh:
        print('%s (in %s)' % (text, function))

    for n, key in sorted(stale):
        print('%s:%d: nothing is found there any more: %s'
              % (KNOWN, n, ' '.join(key)))

    print('analyze: %d files, %d findings explained, %d new, %d stale'
          % (len(files), len(met) - len({one[:3] for one in fresh}),
             len(fresh), len(stale)))

    sys.exit(1 if fresh or stale else 0)


main()
