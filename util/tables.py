#!/usr/bin/env python3
"""Tables that nobody writes by hand.

"tables.py write" puts them into their sources; "make lint" calls it without an
argument, and an entry that differs from what it would write is a finding.
"""

import json
import re
import sys
import textwrap

from files import ours


def read(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def filled(words):
    return textwrap.fill(', '.join(words), 80, initial_indent='    ',
                         subsequent_indent='    ', break_on_hyphens=False)


def base64_values():
    """a character's six bits, in base64url; 255 for all others"""

    letters = ''.join(map(chr, range(ord('A'), ord('Z') + 1)))
    alphabet = letters + letters.lower() + '0123456789-_'
    values = [f'{alphabet.find(chr(c)) % 256:3d}' for c in range(256)]
    rows = [', '.join(values[n:n + 15]) for n in range(0, 256, 15)]

    return ',\n'.join('    ' + row for row in rows)


def tag_slots():
    """tags whose names have up to 8 bytes, by the hash of rt_htag_short()"""

    header = read(*ours('src/lib/*rt_htag.h'))
    tags = re.findall(r'^    X\((\w+), "([^"]+)"', header, re.M)
    factor, shift = re.search(r'\(word \* (0x[0-9a-f]+)u\) >> (\d+)',
                              header).groups()
    slots = {}

    for tag, name in tags:
        if len(name) <= 8:
            word = int.from_bytes(name.encode(), 'little')
            slot = (word * int(factor, 16) % 2 ** 64) >> int(shift)

            if slot in slots:
                sys.exit(f'tables: {tag} and {slots[slot]} share a slot: '
                         'rt_htag_short() needs another factor')
            slots[slot] = tag

    return filled(f'[{slot}] = RT_HTAG_{tag}'
                  for slot, tag in sorted(slots.items()))


def classes(schema):
    """all x-class that stand anywhere in a schema"""

    if isinstance(schema, list):
        return set().union(*map(classes, schema))

    if not isinstance(schema, dict):
        return set()

    own = {schema['x-class']} if 'x-class' in schema else set()

    return own.union(*map(classes, schema.values()))


def event_members():
    """the event and its members with their classes; an object with members of
    several classes has their rows instead"""

    queue = [('', json.loads(read('docs/event.schema.json')))]
    rows, end = [], 1

    for name, schema in queue:
        found = classes(schema)

        if not found:
            sys.exit(f'tables: {name} of the event has no class')

        if len(found) == 1:
            bits = ' | '.join('RT_EVENT_' + word
                              for word in found.pop().upper().split())
            gap = ' ' if len(name + bits) < 50 else '\n      '
            rows.append(f'    {{ rt_string("{name}"),{gap}{bits}, 0, 0 }}')
            continue

        members = list(schema['properties'].items())
        queue += members
        first, end = end, end + len(members)
        rows.append(f'    {{ rt_string("{name}"), 0, {first}, {end} }}')

    return ',\n'.join(rows)


TABLES = [
    ('src/lib/*rt_event_class.c', 'rt_event_class_rows', event_members),
    ('src/lib/*rt_b64.c', 'b64_values', base64_values),
    ('src/lib/*rt_htag.c', 'rt_htag_slots', tag_slots),
]


def main():
    write = sys.argv[1:] == ['write']
    found = 0

    for pattern, name, make in TABLES:
        path = ours(pattern)[0]
        text = read(path)
        parts = re.split(rf'(\b{name}\[\w*\] = \{{\n)(.*?)(\n\}};)', text,
                         maxsplit=1, flags=re.S)

        if len(parts) != 5:
            sys.exit(f'tables: there is no {name} in {path}')

        if parts[2] == make():
            continue

        if write:
            parts[2] = make()
            with open(path, 'w', encoding='utf-8') as f:
                f.write(''.join(parts))
            print(f'tables: wrote {name} into {path}')
        else:
            print(f'{path}: {name} is not what "util/tables.py write" makes')
            found += 1

    print(f'tables: {len(TABLES)} tables, {found} findings')
    sys.exit(1 if found else 0)


main()
