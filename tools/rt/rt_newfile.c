
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rt_newfile.h"


static const char *
write_all(int fd, const rt_str_t *text, unsigned mode, const struct group *g)
{
    size_t   done;
    ssize_t  n;

    for (done = 0; done < text->len; done += (size_t) n) {
        n = write(fd, text->data + done, text->len - done);

        if (n == -1) {
            return strerror(errno);
        }
    }

    if ((g && fchown(fd, (uid_t) -1, g->gr_gid) == -1)
        || fchmod(fd, (mode_t) mode) == -1 || fsync(fd) == -1)
    {
        return strerror(errno);
    }

    return NULL;
}


const char *
rt_newfile(const char *path, const rt_str_t *text, unsigned mode,
    const char *group)
{
    int            fd;
    const char    *why;
    struct group  *g;

    g = group ? getgrnam(group) : NULL;

    if (group && g == NULL) {
        return "cannot be given to a group that is not there";
    }

    fd = open(path, O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0600);

    if (fd == -1) {
        return errno == EEXIST ? "is there already, and is not overwritten"
                               : strerror(errno);
    }

    why = write_all(fd, text, mode, g);

    if (close(fd) == -1 && why == NULL) {
        why = strerror(errno);
    }

    if (why) {
        (void) unlink(path);
    }

    return why;
}
