#!/usr/bin/env python3
"""The files of this repository that match the patterns given, one a line.

Git says which they are, so that what was built or fetched is never checked;
where there is no repository (an unpacked archive), the folders are walked.  A
"*" of a pattern matches across folders, as Git's does.
"""

import fnmatch
import os
import subprocess
import sys

SKIPPED = {'.git', 'build', 'node_modules'}


def walked():
    for folder, folders, names in os.walk('.'):
        folders[:] = [f for f in folders if f not in SKIPPED]
        yield from (os.path.relpath(os.path.join(folder, name))
                    for name in names)


def ours(*patterns):
    git = subprocess.run(['git', 'ls-files', '-z', '--cached', '--others',
                          '--exclude-standard'],
                         capture_output=True, text=True)
    names = git.stdout.split('\0') if git.returncode == 0 else walked()

    return sorted({name for name in names if os.path.exists(name)
                   for pattern in patterns if fnmatch.fnmatch(name, pattern)})


if __name__ == '__main__':
    print('\n'.join(ours(*sys.argv[1:])))
