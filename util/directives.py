#!/usr/bin/env python3
"""Directives = docs = tests.

Each directive in a command table (and each variable the modules add) has an
entry in docs/MODULE.md and stands in a test; each directive the docs describe
exists.  The list at the head of the page leads to each.  A documented directive has Syntax, Default, Context, Inheritance,
Since and an example, and its Context is that of the table.  Each reason of
rt_reason.c is in docs/rtauth.md with its status, and in
docs/troubleshooting.md, and so is each other word for what became of a request,
a fetch or an event, and each answer of rtauth_scim and rtauth_revoke.  Each
message that troubleshooting.md explains is in the sources.  What rtaudit does
at a place is in the hash of AUDIT_CONFIG.  Each variable has a row in
docs/variables.md.  Each attack in docs/threats.md that something stops names
its test.  Each link to a file of ours leads to one, and each #word to a
heading.
(That examples run is for t/suite/docs.t.)
"""

import os
import re
import sys

from files import ours

MODULES = ['rtauth', 'rtaudit', 'rtcsp']
FIELDS = ['Syntax', 'Default', 'Context', 'Inheritance', 'Since']

# rows of command tables, nginx's own and those of the blocks
DIRECTIVE = re.compile(r'\{\s*ngx_string\("([a-z_0-9]+)"\),\s*'
                       r'(?:\d+(?:,| \|)|RT_\w+_MAX|NGX_CONF_|NGX_\w*CONF\b)')
VARIABLE = re.compile(r'ngx_string\("(rt(?:auth|audit|csp)_[a-z_]+)"\),\s*'
                      r'(?:NULL|ngx_http_rt\w+)\s*,')

# a row of a module's own table, with what says where it may stand
ROW = re.compile(r'\{\s*ngx_string\("(rt[a-z_0-9]+)"\),\s*'
                 r'((?:NGX_\w+\s*\|?\s*)+),')
CONTEXTS = {'MAIN': 'http', 'SRV': 'server', 'LOC': 'location',
            'LMT': 'limit_except', 'SIF': 'if in server',
            'LIF': 'if in location'}
EVERYWHERE = {'NGX_HTTP_RTCSP_CONF': 'NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF'
                                     '|NGX_HTTP_LOC_CONF'}

# members of rtaudit's location that say nothing of how it is audited, or are
# made of others: the hash has not them, but those
NOT_HASHED = {'names', 'where', 'rules', 'view', 'required', 'strict',
              'want_body', 'show_body', 'want_response'}

REASON = re.compile(r'row\("([a-z_]+)", (\d+),')

# other words of ours for what became of a request, and where they are told
ANSWERS = [
    (r'rt_string\("(audit_[a-z]+)"\)', 'src/rtaudit/*.c',
     'docs/troubleshooting.md', 'Answers of rtaudit and rtcsp'),
    (r'\[NGX_HTTP_RTCSP_\w+\] = rt_string\("([a-z]+)"\)', 'src/rtcsp/*.c',
     'docs/troubleshooting.md', 'Answers of rtaudit and rtcsp'),
    (r'code_\w+ = rt_string\("([a-z_]+)"\)', 'src/lib/*rt_event_encode.c',
     'docs/troubleshooting.md', 'Other codes'),
    (r'"((?:keys|redis)_[a-z]+)"', 'src/rtauth/*_ready.c',
     'docs/troubleshooting.md', 'Other codes'),
    (r'\[NGX_RT_HTTP_FAULT_\w+\] = rt_string\("([a-z]+)"\)',
     'src/rtauth/*_metrics.c', 'docs/troubleshooting.md', 'Other codes'),
    (r'\[RT_EVENT_DROP_\w+\] = "([a-z]+)"', 'src/lib/*rt_event.c',
     'docs/troubleshooting.md', 'Other codes'),
    (r'\[RT_(?:HSTOP|LOST)_\w+\] = \{ "([a-z]+)"', 'src/lib/*rt_nonce.c',
     'docs/rtcsp.md', 'Limits'),
]

# what programs are answered, and in which section of troubleshooting.md
STATUS = {'BAD_REQUEST': '400', 'UNAUTHORIZED': '401', 'NOT_ALLOWED': '405',
          'UNSUPPORTED_MEDIA_TYPE': '415', 'TOO_MANY_REQUESTS': '429',
          'SERVICE_UNAVAILABLE': '503'}
SCIM_ERROR = re.compile(r'rt_scim_error_t +\w+ = \{\s*(?:NGX_HTTP_)?(\w+), '
                        r'(?:NULL|"(\w+)"),\s*((?:"[^"]*"\s*)+)\}')
VIEW_ERROR = re.compile(r'(?:\*why =|NULL,|(?:no|too)_\w+\[\] =)\s*'
                        r'((?:"(?:\\.|[^"\\])*"\s*)+)[;)]')

LINK = re.compile(r'\]\(([^)#:]*)(?:#([^)]*))?\)')

# a text of several literals in a row, and what nginx's formats print
LITERALS = re.compile(r'"((?:\\.|[^"\\])*)"(?:\s*"((?:\\.|[^"\\])*)")*')
FORMAT = re.compile(r'%(?:\*s|[0-9]*[uxX]*[A-Za-z])')


def read(paths):
    return '\n'.join(open(p, encoding='utf-8', errors='replace').read()
                     for p in sorted(paths))


def sections(text):
    """heading -> body, for headings that name a directive in backquotes"""

    parts = re.split(r'^#{2,5} +`?([a-z_0-9]+)`?.*$', text, flags=re.M)
    return {parts[i]: parts[i + 1] for i in range(1, len(parts) - 1, 2)}


def contexts(flags):
    for name, stands_for in EVERYWHERE.items():
        flags = flags.replace(name, stands_for)

    return [CONTEXTS[f] for f in re.findall(r'NGX_HTTP_(\w+?)_CONF', flags)]


def check_contexts(module, source, described):
    rows = ROW.findall(source)

    if not rows:
        yield f'{module}: no context was found to check'

    for name, flags in rows:
        said = re.search(r'^- Context: (.*)$', described.get(name, ''), re.M)
        words = said.group(1).split(', ') if said else []
        table = contexts(flags)

        # more may be said of the last one: "location, of the form ..."
        if words[:len(table)] != table \
                or set(words[len(table):]) & set(CONTEXTS.values()):
            yield f'{module}: {name} may stand in {", ".join(table)}, ' \
                  f'the docs say {", ".join(words) or "nothing"}'


def check_reasons():
    docs = read(['docs/rtauth.md'])
    help = read(['docs/troubleshooting.md'])
    rows = REASON.findall(read(ours('src/lib/*rt_reason.c')))

    if not rows:
        yield 'no reason was found to check'

    for name, status in rows:
        line = re.search(rf'^\|[^|]*`{name}`[^|]*\|([^|]*)\|', docs, re.M)

        if not line:
            yield f'the reason {name} is not in docs/rtauth.md'
        elif name != 'ok' and status not in line.group(1):
            yield f'the reason {name} is {status}, docs/rtauth.md says ' \
                  f'{line.group(1).strip()}'

        line = re.search(rf'^\| `{name}` \|([^|]*)\|', help, re.M)

        if not line:
            yield f'the reason {name} is not in docs/troubleshooting.md'
        elif name != 'ok' and status not in line.group(1):
            yield f'the reason {name} is {status}, docs/troubleshooting.md ' \
                  f'says {line.group(1).strip()}'

    print(f'directives: {len(rows)} reasons')


def check_answers():
    told, said = {}, {}

    for pattern, sources, page, title in ANSWERS:
        place = f'"{title}" of {page}'
        text = re.search(rf'^## {title}$(.*?)(?=^## |\Z)', read([page]),
                         re.M | re.S)
        cells = re.findall(r'^ *\| (`[^|]*) \|', text.group(1), re.M)
        told[place] = {w for cell in cells for w in re.findall('`(.*?)`', cell)}
        words = re.findall(pattern, read(ours(sources)))
        said.setdefault(place, set()).update(words)

        if not words:
            yield f'no word of {sources} was found to check'

    for place in told:
        yield from (f'the word {w} is not in {place}'
                    for w in sorted(said[place] - told[place]))
        yield from (f'{place} explains "{w}", which nobody says'
                    for w in sorted(told[place] - said[place]))

    print(f'directives: {sum(map(len, said.values()))} words of answers')


def messages():
    """the texts of the sources, with "..." for what a format prints"""

    source = read(ours('ngx_*.c', 'src/*.c')).replace("'\"'", '')

    for found in LITERALS.finditer(source):
        yield FORMAT.sub('...', literal(found.group()).replace('\\"', '"'))


def check_messages():
    page = read(['docs/troubleshooting.md'])
    parts = re.split(r'^## Messages of (.*)$', page, flags=re.M)
    told = [message for module, part in zip(parts[1::2], parts[2::2])
            if module != 'nginx itself'
            for message in re.findall(r'^\| `(.*?)` \|', part, re.M)]

    said = list(messages())

    for message in told:
        words = '.*'.join(re.escape(w) for w in message.split('...'))

        if not any(re.search(words, text) for text in said):
            yield f'docs/troubleshooting.md explains "{message}", ' \
                  'which nobody says'

    if not told:
        yield 'no message was found to check'

    print(f'directives: {len(told)} messages')


def literal(text):
    return ''.join(re.findall(r'"((?:\\.|[^"\\])*)"', text))


def check_programs():
    """what a program is answered: words -> status, scimType"""

    source = read(ours('src/rtauth/*_revoke.c'))
    scim = SCIM_ERROR.findall(read(ours('src/lib/scim/*.c',
                                        'src/rtauth/*.c')))
    view = VIEW_ERROR.findall(read(ours('src/rtaudit/view/*_view.c',
                                        'src/rtaudit/view/*_events.c',
                                        'src/lib/event/rt_query.c')))

    said = {
        # sentences, but for those of the error log
        'rtauth_revoke': {words: None for words in
                          (literal(m.group())
                           for m in LITERALS.finditer(source))
                          if re.match(r'[a-z]+ [^:]', words)},
        'rtauth_scim': {literal(words): ' '.join(
                            [STATUS.get(status, status), f'`{kind}`'])
                        .removesuffix(' ``') for status, kind, words in scim},
        # rt_query's of an empty value is rt's: the view leaves such ones out
        'rtaudit_view': {literal(words).replace('\\"', '"'): None
                         for words in view if literal(words) != 'is empty'},
    }

    for title, answers in said.items():
        text = re.search(rf'^### {title}$(.*?)(?=^##|\Z)',
                         read(['docs/troubleshooting.md']), re.M | re.S)
        told = dict(re.findall(r'^\| `(.*?)` \| ([^|]*) \|', text.group(1),
                               re.M))

        if not answers:
            yield f'no answer of {title} was found to check'

        yield from (f'the answer "{w}" of {title} is not in '
                    'docs/troubleshooting.md'
                    for w in sorted(answers.keys() - told.keys()))
        yield from (f'docs/troubleshooting.md explains "{w}" of {title}, '
                    'which nobody says'
                    for w in sorted(told.keys() - answers.keys()))
        yield from (f'"{w}" of {title} is {s}, docs/troubleshooting.md says '
                    f'{told[w]}' for w, s in sorted(answers.items())
                    if s and told.get(w, s) != s)

    print(f'directives: {sum(map(len, said.values()))} answers to programs')


def check_hash():
    """a directive that the hash leaves out could be weakened unseen"""

    header = read(['src/rtaudit/ngx_http_rtaudit.h'])
    digest = read(['src/rtaudit/sink/ngx_http_rtaudit_digest.c'])
    end = header.index('} ngx_http_rtaudit_loc_conf_t;')
    struct = header[header.rindex('typedef struct {', 0, end):end]
    struct = re.sub(r'/\*.*?\*/', '', struct, flags=re.S)

    for name in re.findall(r'(\w+)(?::1)?;', struct):
        if name not in NOT_HASHED and f'conf->{name}' not in digest:
            yield (f'ngx_http_rtaudit_digest.c: looks not at "{name}" of a '
                   'location: a change of it would not show')


def check_release():
    """CHANGES.md, the sources and the packages name one release"""

    newest = re.search(r'^## ([0-9.]+), ', read(['CHANGES.md']), re.M)[1]

    for path, form in (('src/lib/rt_version.h', '#define RT_VERSION  "{}"\n'),
                       ('debian/changelog', 'nginx-rt ({}-')):
        if form.format(newest) not in read([path]):
            yield f'{path}: is not of release {newest}, as CHANGES.md is'


def check_threats():
    """an attack that something stops has a test that tries it"""

    rows = re.findall(r'^\| .*\|$', read(['docs/threats.md']), re.M)
    column, n = None, 0

    for row in rows:
        cells = [cell.strip() for cell in row.strip('|').split(' |')]

        if 'tried in' in cells:
            column = cells.index('tried in')

        elif not cells[0].startswith('---'):
            n += 1
            tests = re.findall(r'\]\(\.\./((?:t|test)/\S+)\)', cells[column])

            if not tests and not cells[1].startswith('nothing'):
                yield f'docs/threats.md: no test tries "{cells[0]}"'

    if not n:
        yield 'no attack was found to check'

    print(f'directives: {n} attacks')


def headings(page):
    """the words by which links can name a page's headings"""

    for heading in re.findall(r'^#+ +(.*)$', read([page]), re.M):
        yield re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-')


def check_links():
    n = 0

    for page in ours('*.md'):
        for target, word in LINK.findall(read([page])):
            path = os.path.join(os.path.dirname(page), target) \
                if target else page
            n += 1

            if not os.path.exists(path):
                yield f'{page}: the link to {target} leads nowhere'
            elif word and word not in headings(path):
                yield f'{page}: {target or "the page"} has no #{word}'

    if not n:
        yield 'no link was found to check'

    print(f'directives: {n} links')


def check(module):
    source = read(ours(f'ngx_http_{module}_module.c', f'src/{module}/*.[ch]'))
    docs = read([f'docs/{module}.md'])
    phases = read(['docs/variables.md'])
    tests = read(ours('t/*.t', 't/lib/RT/*.pm', 'test/e2e/*'))

    directives = sorted(set(DIRECTIVE.findall(source)))
    variables = sorted(set(VARIABLE.findall(source)) - set(directives))
    described = sections(docs)
    listed = docs[docs.index('## Directives'):].split('\n### ')[0]

    if not directives:
        yield f'{module}: no directive was found to check'

    for name in directives:
        if name not in described:
            yield f'{module}: {name} has no section in docs/{module}.md'
        else:
            for field in FIELDS + ['```nginx']:
                if field not in described[name]:
                    yield f'{module}: the docs of {name} lack "{field}"'
        if f'[`{name}`](#{name})' not in listed:
            yield f'{module}: {name} is not in the list at "Directives"'
        if not re.search(rf'\b{name}\b', tests):
            yield f'{module}: {name} is in no test'

    yield from check_contexts(module, source, described)

    for name in variables:
        if not re.search(rf'\${name}', docs):
            yield f'{module}: ${name} is not in docs/{module}.md'
        if not re.search(rf'\${name}', tests):
            yield f'{module}: ${name} is in no test'
        if not re.search(rf'^\| .*\${name}', phases, re.M):
            yield f'{module}: ${name} has no row in docs/variables.md'

    for name, body in described.items():
        if 'Syntax' in body and name not in directives:
            yield f'{module}: the docs describe {name}, which does not exist'

    print(f'directives: {module}: {len(directives)} directives, '
          f'{len(variables)} variables')


def main():
    found = [f for m in MODULES for f in check(m)]
    found += [*check_reasons(), *check_answers(), *check_messages(),
              *check_programs(), *check_hash(), *check_release(),
              *check_threats(),
              *check_links()]
    print('\n'.join(found + [f'directives: {len(found)} findings']))
    sys.exit(1 if found else 0)


main()
