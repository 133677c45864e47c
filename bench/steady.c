/*
 * An allocator that takes the same number of instructions whatever came
 * before, for "make instructions": preloaded, it stands for libc's, where the
 * same request differs by 500 of them with the state of the heap.
 *
 * Each thread has a list of free blocks for each power of two.  In front of
 * what the caller gets, an aligned head says which block it is.  Nothing goes
 * back to the system.
 */

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>


#define SMALLEST  5             /* 32 bytes, of which 16 are the head */
#define CLASSES   48
#define CHUNK     ((size_t) 4 * 1024 * 1024)
#define ALIGNED   16


typedef struct block_s  block_t;

struct block_s {
    block_t   *next;
};

typedef struct {
    block_t   *block;
    uintptr_t  class;
} head_t;


static __thread block_t  *free_blocks[CLASSES];
static __thread char     *fresh, *fresh_end;


static unsigned
class_of(size_t size)
{
    unsigned  bits;

    bits = 64 - (unsigned) __builtin_clzl(size - 1);

    return bits < SMALLEST ? SMALLEST : bits;
}


static void *
mapped(size_t size)
{
    void  *p;

    p = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1,
             0);

    return p == MAP_FAILED ? NULL : p;
}


static block_t *
new_block(size_t size)
{
    block_t  *block;

    if (size >= CHUNK) {
        return mapped(size);
    }

    if ((size_t) (fresh_end - fresh) < size) {
        fresh = mapped(CHUNK);
        if (fresh == NULL) {
            fresh_end = NULL;
            return NULL;
        }

        fresh_end = fresh + CHUNK;
    }

    block = (block_t *) fresh;
    fresh += size;

    return block;
}


void *
memalign(size_t alignment, size_t size)
{
    head_t    *head;
    block_t   *block;
    unsigned   class;
    uintptr_t  p;

    if (alignment < ALIGNED) {
        alignment = ALIGNED;
    }

    if (size > SIZE_MAX / 4 || alignment > SIZE_MAX / 4) {
        errno = ENOMEM;
        return NULL;
    }

    class = class_of(size + sizeof(head_t) + alignment - ALIGNED);
    block = free_blocks[class];

    if (block != NULL) {
        free_blocks[class] = block->next;

    } else {
        block = new_block((size_t) 1 << class);
        if (block == NULL) {
            errno = ENOMEM;
            return NULL;
        }
    }

    p = ((uintptr_t) block + sizeof(head_t) + alignment - 1) & -alignment;

    head = (head_t *) p - 1;
    head->block = block;
    head->class = class;

    return (void *) p;
}


void
free(void *p)
{
    head_t   *head;
    block_t  *block;
    unsigned  class;

    if (p == NULL) {
        return;
    }

    head = (head_t *) p - 1;
    class = (unsigned) head->class;
    block = head->block;

    block->next = free_blocks[class];
    free_blocks[class] = block;
}


size_t
malloc_usable_size(void *p)
{
    head_t  *head;

    if (p == NULL) {
        return 0;
    }

    head = (head_t *) p - 1;

    return (size_t) ((char *) head->block + ((size_t) 1 << head->class)
                     - (char *) p);
}


void *
malloc(size_t size)
{
    return memalign(ALIGNED, size);
}


void *
aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}


int
posix_memalign(void **p, size_t alignment, size_t size)
{
    *p = memalign(alignment, size);

    return *p == NULL ? ENOMEM : 0;
}


void *
calloc(size_t n, size_t size)
{
    void    *p;
    size_t   all;

    if (__builtin_mul_overflow(n, size, &all)) {
        errno = ENOMEM;
        return NULL;
    }

    p = malloc(all);

    return p == NULL ? NULL : memset(p, 0, all);
}


void *
realloc(void *old, size_t size)
{
    void    *p;
    size_t   room;

    room = malloc_usable_size(old);

    if (old != NULL && size <= room) {
        return old;
    }

    p = malloc(size);

    if (p != NULL && old != NULL) {
        memcpy(p, old, room);
        free(old);
    }

    return p;
}
