
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rt_check_tree.h"
#include "rt_copy_folder.h"


/* The value of an option that nginx was built with, or another text. */

static void
built_with(const rt_copy_t *k, const char *option, const char *other,
    char *name, size_t size)
{
    char  *p;

    p = k->said->build.len
        ? strstr((char *) k->said->build.data, option) : NULL;

    if (p) {
        p += strlen(option);
        snprintf(name, size, "%.*s", (int) strcspn(p, " \n"), p);

    } else {
        snprintf(name, size, "%s", other);
    }
}


/* Finds who the workers are: "user" of the configuration, or of the build. */

static void
find_user(rt_copy_t *k, const rt_nginxconf_t *root)
{
    char                   name[64], group[64];
    struct group          *gr;
    struct passwd         *pw;
    const rt_nginxconf_t  *d;

    d = own(root, "user");

    if (d && d->nwords > 1) {
        snprintf(name, sizeof(name), "%s", (char *) d->word[1].data);
        snprintf(group, sizeof(group), "%s",
                 (char *) d->word[d->nwords - 1].data);

    } else {
        built_with(k, "--user=", "nobody", name, sizeof(name));
        built_with(k, "--group=", name, group, sizeof(group));
    }

    pw = getpwnam(name);
    gr = getgrnam(group);

    k->uid = pw ? pw->pw_uid : geteuid();
    k->gid = gr ? gr->gr_gid : pw ? pw->pw_gid : getegid();
}


/* Links everything in one folder into one of ours. */

static int
link_folder(rt_copy_t *k, const char *from, const char *into)
{
    int             rc;
    DIR            *dir;
    char            path[RT_SCRATCH_PATH], to[RT_SCRATCH_PATH];
    struct dirent  *entry;

    dir = opendir(from);

    if (dir == NULL) {
        return -1;
    }

    for (rc = 0; rc == 0 && (entry = readdir(dir)) != NULL; /* void */) {

        if (strcmp(entry->d_name, ".") == 0
            || strcmp(entry->d_name, "..") == 0)
        {
            continue;
        }

        if (snprintf(path, sizeof(path), "%s/%s", from, entry->d_name)
            >= (int) sizeof(path)
            || snprintf(to, sizeof(to), "%s/%s/%s", k->scratch->dir, into,
                        entry->d_name)
               >= (int) sizeof(to))
        {
            rc = -1;
            break;
        }

        rc = symlink(path, to);
    }

    closedir(dir);

    return rc;
}


/*
 * Makes paths work that are relative to the configuration's folder or the one
 * above.  nginx -T names first the file that it was started with.
 */

static int
link_folders(rt_copy_t *k)
{
    char         from[RT_SCRATCH_PATH], *p, *end, *slash;
    const char  *text;

    static const char  begin[] = "# configuration file ";

    text = k->said->text.len ? (char *) k->said->text.data : "";
    p = memmem(text, k->said->text.len, begin, sizeof(begin) - 1);
    end = p ? memchr(p, '\n', k->said->text.len - (size_t) (p - text))
            : NULL;

    if (end == NULL) {
        return -1;
    }

    p += sizeof(begin) - 1;
    snprintf(from, sizeof(from), "%.*s", (int) (end - p), p);
    slash = strrchr(from, '/');

    if (slash == NULL) {
        return -1;
    }

    *slash = '\0';

    if (link_folder(k, from, "up/rt-explain") != 0) {
        return -1;
    }

    slash = strrchr(from, '/');

    if (slash) {
        slash[slash == from] = '\0';
        (void) link_folder(k, from, "up");
    }

    return 0;
}


/* Lets workers go through a folder without reading what is in it. */

static int
let_through(const rt_copy_t *k, const char *path)
{
    return geteuid() != 0
           || (chown(path, 0, k->gid) == 0 && chmod(path, 0710) == 0);
}


const char *
rt_copy_folder(rt_copy_t *k, const rt_nginxconf_t *root)
{
    size_t  i;
    char    path[RT_SCRATCH_PATH];

    static const char  *folders[] = { "up", "up/rt-explain", "in", "log",
                                      "state", "audit" };

    find_user(k, root);

    for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        rt_scratch_path(k->scratch, folders[i], path);

        if (mkdir(path, 0700) != 0
            || (i > 3 && geteuid() == 0 && chown(path, k->uid, k->gid) != 0)
            || (i < 2 && !let_through(k, path)))
        {
            return strerror(errno);
        }
    }

    if (link_folders(k) != 0) {
        return "the folder of the configuration cannot be read";
    }

    /* workers go through it to their own folders and to our socket */

    return let_through(k, k->scratch->dir) ? NULL : strerror(errno);
}
