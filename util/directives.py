#!/usr/bin/env python3
"""Directives = docs = tests.

Each directive in a command table (and each variable the modules add) has an
entry in docs/MODULE.md and stands in a test; each directive the docs describe
exists.  A documented directive has Syntax, Default, Context and Since.
"""

import glob
import re
import sys

MODULES = ['rtauth', 'rtaudit', 'rtcsp']
FIELDS = ['Syntax', 'Default', 'Context', 'Since']

# rows of command tables, nginx's own and those of the blocks
DIRECTIVE = re.compile(r'\{\s*ngx_string\("([a-z_0-9]+)"\),\s*'
                       r'(?:\d|RT_\w+_MAX|NGX_CONF_|NGX_\w*CONF\b)')
VARIABLE = re.compile(r'ngx_string\("(rt(?:auth|audit|csp)_[a-z_]+)"\),\s*'
                      r'(?:NULL|ngx_http_rt\w+)\s*,')


def read(paths):
    return '\n'.join(open(p, encoding='utf-8', errors='replace').read()
                     for p in sorted(paths))


def sections(text):
    """heading -> body, for headings that name a directive in backquotes"""

    parts = re.split(r'^#{2,5} +`?([a-z_0-9]+)`?.*$', text, flags=re.M)
    return {parts[i]: parts[i + 1] for i in range(1, len(parts) - 1, 2)}


def check(module):
    source = read(glob.glob(f'ngx_http_{module}_module.c')
                  + glob.glob(f'src/{module}/*.[ch]'))
    docs = read(glob.glob(f'docs/{module}.md'))
    tests = read(glob.glob('t/*/*.t') + glob.glob('t/lib/RT/*.pm')
                 + glob.glob('test/e2e/*'))

    directives = sorted(set(DIRECTIVE.findall(source)))
    variables = sorted(set(VARIABLE.findall(source)) - set(directives))
    described = sections(docs)

    if not directives:
        yield f'{module}: no directive was found to check'

    for name in directives:
        if name not in described:
            yield f'{module}: {name} has no section in docs/{module}.md'
        else:
            for field in FIELDS:
                if field not in described[name]:
                    yield f'{module}: the docs of {name} lack "{field}"'
        if not re.search(rf'\b{name}\b', tests):
            yield f'{module}: {name} is in no test'

    for name in variables:
        if not re.search(rf'\${name}', docs):
            yield f'{module}: ${name} is not in docs/{module}.md'
        if not re.search(rf'\${name}', tests):
            yield f'{module}: ${name} is in no test'

    for name, body in described.items():
        if 'Syntax' in body and name not in directives:
            yield f'{module}: the docs describe {name}, which does not exist'

    print(f'directives: {module}: {len(directives)} directives, '
          f'{len(variables)} variables')


def main():
    found = [f for m in MODULES for f in check(m)]
    print('\n'.join(found + [f'directives: {len(found)} findings']))
    sys.exit(1 if found else 0)


main()
