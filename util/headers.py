#!/usr/bin/env python3
"""Every header of src/ hides what it declares, and only that; nginx's come
first in glue.

It pushes hidden visibility once, after its last #include, and pops it once,
at its end.  Each header is compiled by itself, followed by an OpenSSL header:
a push that is not popped would hide OpenSSL's names too, and break the link on
an nginx that does not include them first.  A header of the system in front of
nginx's would decide what the system declares (_GNU_SOURCE), and nginx 1.26
does not compile then.  Called with the C compiler; BUILD
says where nginx's tree is.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

from files import ours

PUSH = '#pragma GCC visibility push(hidden)'
POP = '#pragma GCC visibility pop'
OURS = re.compile(r'(ngx_(http_)?)?rt')
NGINX_FIRST = re.compile(r'#include (<ngx_|"(\w+/)?ngx_)')

PROBE = '''\
#include "%s"
#include <openssl/evp.h>

int   probe_of_headers(void);
void *probe(void);

void *
probe(void)
{
    return probe_of_headers() ? EVP_MD_CTX_new() : NULL;
}
'''


def nginx_includes(tree):
    """ALL_INCS of nginx's own Makefile: our folders are among them"""

    with open(os.path.join(tree, 'objs', 'Makefile')) as f:
        text = f.read().replace('\\\n', ' ')

    line = re.search(r'^ALL_INCS *=(.*)$', text, re.M).group(1)
    words = [w for w in line.split() if w != '-I']

    return [f'-I{os.path.normpath(os.path.join(tree, w))}' for w in words]


def form(path):
    with open(path, encoding='utf-8') as f:
        lines = f.read().split('\n')

    pushes = [n for n, line in enumerate(lines) if line == PUSH]
    pops = [n for n, line in enumerate(lines) if line == POP]
    includes = [n for n, line in enumerate(lines)
                if line.startswith('#include')]
    last = max(n for n, line in enumerate(lines) if line.startswith('#endif'))

    if len(pushes) != 1 or includes and pushes[0] < includes[-1]:
        yield f'{path}: does not push hidden once, after its last #include'

    if len(pops) != 1 or any(lines[pops[0] + 1:last]):
        yield f'{path}: does not pop at its end what it pushed'


def order(path):
    with open(path, encoding='utf-8') as f:
        first = next((line for line in f if line.startswith('#include')), '')

    if not NGINX_FIRST.match(first):
        yield f'{path}: begins with {first.strip()}, not with nginx\'s headers'


def compiled(path, command):
    with tempfile.TemporaryDirectory() as scratch:
        source = os.path.join(scratch, 'probe.c')
        target = os.path.join(scratch, 'probe.o')

        with open(source, 'w') as f:
            f.write(PROBE % os.path.abspath(path))

        run = subprocess.run([*command, '-c', '-o', target, source],
                             capture_output=True, text=True)
        if run.returncode:
            return [f'{path}: does not compile by itself:\n{run.stderr}']

        table = subprocess.run(['readelf', '-sW', target], check=True,
                               capture_output=True, text=True).stdout

    rows = [row.split() for row in table.splitlines() if ' UND ' in row]
    names = [row[7] for row in rows if len(row) > 7]

    if 'probe_of_headers' not in names:
        return [f'{path}: the probe found no symbol to look at']

    return [f'{path}: hides {row[7]}, which is not ours' for row in rows
            if len(row) > 7 and row[5] == 'HIDDEN' and not OURS.match(row[7])]


def main():
    files = ours('src/*.h')
    if not files:
        sys.exit('headers: no file was found to check')

    tree = os.path.join(os.environ.get('BUILD', 'build'), 'nginx')
    command = [*sys.argv[1:], '-std=gnu11', '-D_GNU_SOURCE', '-w', '-fPIC',
               *nginx_includes(tree)]

    glue = ours('ngx_*.c', 'src/ngx/*.[ch]', 'src/rt*/*.[ch]')

    found = [problem for path in files for problem in form(path)]
    found += [problem for path in glue for problem in order(path)]

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for problems in pool.map(lambda p: compiled(p, command), files):
            found += problems

    print('\n'.join(found + [f'headers: {len(files)} files, '
                             f'{len(found)} findings']))
    sys.exit(1 if found else 0)


main()
