#!/usr/bin/env python3
"""The house is as docs/development.md draws it.

Each source is in the room that the map there gives it, and no table of the map
says a thing twice.  What a file includes, and whose functions it calls, is in
its own room or in one further up in the map; no module looks into another one.
No files of a room stand in a circle: a file here is NAME.c and NAME.h together,
and it leans on what it includes and on what it calls.  Calls are read from the
objects of the last build.
"""

import os
import re
import subprocess
import sys

from files import ours

MAP = 'docs/development.md'
ROW = re.compile(r'^\| `(src(?:/[a-z]+)*|tools/rt|\.)` \| ([a-z0-9_ ]+) \|',
                 re.M)
CELL = re.compile(r'^\| ([^|]+) \|', re.M)
NAMED = re.compile(r'`([a-z0-9_]+\.[ch])`')
INCLUDE = re.compile(r'^#include "([a-z0-9_/]+\.h)"', re.M)

PREFIX = {'src/lib': 'rt_', 'src/ngx': 'ngx_rt_',
          'src/rtauth': 'ngx_http_rtauth_', 'src/rtaudit': 'ngx_http_rtaudit_',
          'src/rtcsp': 'ngx_http_rtcsp_'}


def stem(path):
    return os.path.splitext(os.path.basename(path))[0]


def read(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


class House:
    def __init__(self, text):
        self.rank = {}          # of a room: its line in the map
        self.room = {}          # of a file, by its stem
        self.twice = []         # what a merge of two sides may leave behind

        cells = CELL.findall(text)
        self.twice += sorted({f'two rows begin with {c}' for c in cells
                              if c.strip('-') and cells.count(c) > 1})

        for n, (room, words) in enumerate(ROW.findall(text)):
            self.rank[room] = n

            for word in words.split():
                name = word if word.startswith('ngx_http_') \
                    else self.prefix(room) + word

                if name in self.room:
                    self.twice.append(f'{name} stands in two places')

                self.room[name] = room

    @staticmethod
    def prefix(room):
        return PREFIX.get('/'.join(room.split('/')[:2]), '')

    @staticmethod
    def module(room):
        top = '/'.join(room.split('/')[:2])
        return top if top.startswith('src/rt') else ''

    def may(self, user, used):
        """may a file of one room lean on one of the other?"""

        if user == '.':
            return True

        if user.startswith('tools/'):
            return used == user or used.startswith('src/lib')

        return self.rank[used] <= self.rank[user] \
            and self.module(used) in ('', self.module(user))


def check_places(house, files):
    for what in house.twice:
        yield f'{MAP}: {what}'

    for path in files:
        room = house.room.get(stem(path))
        folder = os.path.dirname(path) or '.'

        if room is None:
            yield f'{path}: is in no room of {MAP}'
        elif folder != room:
            yield f'{path}: the room of this file is {room}, says {MAP}'

    names = {os.path.basename(path) for path in files}
    for name in sorted(set(NAMED.findall(read(MAP))) - names):
        yield f'{MAP}: there is no file {name}'

    for name in sorted(set(house.room) - {stem(path) for path in files}):
        yield f'{MAP}: there is no file {name} in {house.room[name]}'


def check_spelling(files):
    """an include names the room, from lib, ngx or the module on: so that a
    reader sees it, and a file that moved is found out"""

    home = {os.path.basename(path): '/'.join(path.split('/')[2:])
            for path in files if path.endswith('.h')}

    for path in files:
        for name in INCLUDE.findall(read(path)):
            if name != home.get(os.path.basename(name), name):
                yield f'{path}: write "{home[os.path.basename(name)]}" ' \
                      f'for "{name}"'


def includes(files):
    """(user, used) -> how, by what is included"""

    known = {stem(path) for path in files}

    return {(stem(path), stem(name)): f'{path} includes "{name}"'
            for path in files for name in INCLUDE.findall(read(path))
            if stem(name) in known and stem(name) != stem(path)}


def symbols(objects):
    out = subprocess.run(['nm', '-A', *objects], check=True,
                         capture_output=True, text=True).stdout

    for line in out.splitlines():
        path, rest = line.split(':', 1)
        kind, name = rest.split()[-2:]
        yield stem(path), kind, name


def calls(objects):
    """(user, used) -> how, by the symbols an object takes from another"""

    rows = list(symbols(objects))
    home = {name: owner for owner, kind, name in rows if kind in 'TDRBV'}

    return {(user, home[name]): f'{user}.c uses {name}, of {home[name]}.c'
            for user, kind, name in rows
            if kind == 'U' and home.get(name, user) != user
            # nginx's idiom: contexts are found by the module's index
            and not name.endswith('_module')}


def circles(edges):
    """files that lean on themselves by way of others, each once"""

    leans = {}
    for user, used in edges:
        leans.setdefault(user, set()).add(used)

    def reached(start):
        seen, todo = set(), [start]
        while todo:
            for name in leans.get(todo.pop(), ()):
                if name not in seen:
                    seen.add(name)
                    todo.append(name)
        return seen

    below = {name: reached(name) for name in leans}

    return {frozenset(n for n in below[name] if name in below.get(n, ()))
            for name in leans if name in below[name]}


def check_edges(house, edges):
    for (user, used), how in sorted(edges.items()):
        rooms = house.room.get(user), house.room.get(used)

        if None not in rooms and not house.may(*rooms):
            yield f'{how}: {rooms[0]} may not lean on {rooms[1]}'


def check_circles(edges):
    for circle in circles(edges):
        yield 'a circle: ' + '; '.join(
            edges[edge] for edge in sorted(edges) if set(edge) <= circle)


def main():
    house = House(read(MAP))
    files = ours('ngx_http_rt*.c', 'src/*.[ch]', 'tools/*.[ch]')
    objects = [os.path.join(folder, name)
               for folder, _, names in os.walk(sys.argv[1])
               for name in names if name.endswith('.o')]

    if not house.room or not files or not objects:
        sys.exit('rooms: no file was found to check')

    edges = includes(files) | calls(objects)
    found = [*check_places(house, files), *check_spelling(files),
             *check_edges(house, edges), *check_circles(edges)]

    print('\n'.join(found + [f'rooms: {len(house.rank)} rooms, {len(files)} '
                             f'files, {len(edges)} ties, '
                             f'{len(found)} findings']))
    sys.exit(1 if found else 0)


main()
