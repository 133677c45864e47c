#!/usr/bin/env python3
"""nginx's form, as far as a program can judge it.

Hard rules only: 80 columns, no tabs, no trailing white space, /* */ comments,
two blank lines between functions, the function's name at the start of its
line, no note of unfinished work, file names prefixed by their room.  In nginx
glue, functions are as well, and what is static has its file's name in front: a
backtrace inside nginx then says where to look.  There, a function that reads a
directive stands in a *conf.c, and a module's own file has no functions but those
that nginx calls to make a configuration, to merge it, to begin and to end.  What
is said of a wrong argument is said by ngx_rt_conf.  No file at all, but those of
the fuzzers' corpora, has the mark of a merge that was not finished.
"""

import os
import re
import sys

from files import ours

PREFIX = {'src/lib': 'rt_', 'src/ngx': 'ngx_rt_',
          'src/rtauth': 'ngx_http_rtauth', 'src/rtaudit': 'ngx_http_rtaudit',
          'src/rtcsp': 'ngx_http_rtcsp'}

UNFINISHED = re.compile(r'\b(TODO|FIXME|XXX|HACK)\b', re.I)
STRING = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''

# whichever begins first: one may look as if the other were in it
WORDS = re.compile(r'/\*.*?\*/|' + STRING, re.S)

# of Git's, for the sides of a conflict and what they came from
CONFLICT = re.compile(rb'^(?:<{7}|\|{7}|>{7}) ', re.M)

# what is static in a file, up to the name
STATIC = re.compile(r'^static\b[^;=([,]*?(?:\(\*\s*)?\b(\w+)\s*'
                    r'(?:[;=\[,)]|\((?!\*))', re.M)

# a wrong argument, which ngx_rt_conf.c words for all
INVALID = re.compile(r'"invalid .*')

# a function that reads a directive
SETTER = re.compile(r'^(\w+)\([^;{}]*\bngx_command_t \*[^;{}]*\)\n\{', re.M)

# where such a function has no place
NO_SETTER = re.compile(r'(src/.+/)?ngx_http_rt\w+(?<!conf)\.c')

MODULE = re.compile(r'ngx_http_rt\w+_module\.c')

# a function of a module's own file that does not belong there
CONTENT = re.compile(r'^(ngx_http_rt[a-z]+_(?!create_|merge_|init|exit_)\w+)\('
                     r'[^;{}]*\)\n\{', re.M)


def line_findings(line):
    if len(line) > 80:
        yield 'longer than 80 columns'
    if '\t' in line:
        yield 'tab'
    if line != line.rstrip():
        yield 'trailing white space'
    if UNFINISHED.search(line):
        yield 'note of unfinished work'


def blanked(match):
    return re.sub(r'[^\n]', ' ', match.group(0))


def without_comments(text):
    """Comments and strings blanked, line structure kept."""

    return WORDS.sub(lambda m: blanked(m) if m.group(0)[0] == '/' else
                     '"' + blanked(m)[2:] + '"', text)


def static_findings(text, stem):
    """a static's name is the file's, or begins with it; the module file, as in
    nginx, has that of its module"""

    stem = stem.removesuffix('_module')
    text = re.sub(r'^[ ]*#(.*\\\n)*.*', blanked, without_comments(text),
                  flags=re.M)
    inner = 1
    seen = set()

    while inner:
        text, inner = re.subn(r'\{[^{}]*\}', blanked, text)

    for match in STATIC.finditer(text):
        name = match.group(1)

        if not (name + '_').startswith(stem + '_') and name not in seen:
            yield (text.count('\n', 0, match.start(1)) + 1,
                   f'{name} is static: begin its name with {stem}_')
        seen.add(name)


def setter_findings(text):
    """directives are read apart from what runs for a request"""

    for match in SETTER.finditer(without_comments(text)):
        yield (text.count('\n', 0, match.start(1)) + 1,
               match.group(1) + ' reads a directive: move it to a *conf.c')


def module_findings(text):
    """the module's own file is a table of contents"""

    for match in CONTENT.finditer(without_comments(text)):
        yield (text.count('\n', 0, match.start(1)) + 1,
               match.group(1) + ' is more than set-up: move it to a room')


def structure_findings(text, prefix):
    lines = without_comments(text).split('\n')
    raw = text.split('\n')

    for n, line in enumerate(lines, 1):
        if '//' in line:
            yield n, '// comment'
        # the opening brace of a function body stands alone at column 0
        if line == '{':
            yield from function_findings(lines, raw, n, prefix)


def function_findings(lines, raw, brace, prefix):
    # the signature runs up to the blank line (or '}' or '#') above it
    top = brace - 1
    while top > 0 and lines[top - 1].strip() \
            and not lines[top - 1].startswith(('#', '}')):
        top -= 1

    signature = lines[top:brace - 1]

    names = [s for s in signature if re.match(r'[A-Za-z_]\w*\(', s)]

    if not names:
        if any('(' in s for s in signature):
            yield brace, 'function name is not at the start of its line'
        return

    if not names[0].startswith(prefix):
        yield brace, 'function name does not begin with ' + prefix

    # above: two blank lines, or comments, or a preprocessor line
    above = top - 1
    while above >= 0 and not lines[above].strip() and raw[above].strip():
        above -= 1

    blanks = 0
    while above >= 0 and not raw[above].strip():
        blanks += 1
        above -= 1

    if above >= 0 and lines[above].startswith('}') and blanks != 2:
        yield top + 1, 'not two blank lines above a function'


def conflicts():
    for path in ours('*'):
        if 'test/fuzz/corpus/' in path or not os.path.isfile(path):
            continue

        with open(path, 'rb') as f:
            text = f.read()

        for match in CONFLICT.finditer(text):
            yield path, text.count(b'\n', 0, match.start()) + 1


def main():
    files = ours('*.[ch]')
    found = 0
    names = {}

    for path in files:
        room, name = os.path.split(path)
        prefix = PREFIX.get('/'.join(room.split('/')[:2]), '')
        problems = []

        if not name.startswith(prefix):
            problems.append((1, 'file name does not begin with ' + prefix))

        if room.startswith('src') or room == '':
            if name in names:
                problems.append((1, 'same file name as ' + names[name]))
            names[name] = path

        with open(path, encoding='utf-8', errors='surrogateescape') as f:
            text = f.read()

        for n, line in enumerate(text.split('\n'), 1):
            problems += [(n, p) for p in line_findings(line)]

        glue = prefix.startswith('ngx_')
        problems += structure_findings(text, prefix if glue else '')

        if glue and name != 'ngx_rt_conf.c':
            problems += [(text.count('\n', 0, m.start()) + 1,
                          f'{m.group()}: write it by ngx_rt_conf_invalid()')
                         for m in INVALID.finditer(text)]

        if MODULE.fullmatch(path):
            problems += module_findings(text)

        if glue or MODULE.fullmatch(path):
            problems += static_findings(text, os.path.splitext(name)[0])

        if NO_SETTER.fullmatch(path):
            problems += setter_findings(text)

        for n, problem in sorted(problems):
            print(f'{path}:{n}: {problem}')
        found += len(problems)

    for path, n in conflicts():
        print(f'{path}:{n}: an unfinished merge')
        found += 1

    if not files:
        sys.exit('style: no file was found to check')

    print(f'style: {len(files)} files, {found} findings')
    sys.exit(1 if found else 0)


main()
