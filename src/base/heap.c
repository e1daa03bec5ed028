/* The heap of a process that works much. */
#include "base/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* More than any heap has free at its end, and less than malloc maps apart. */
#define ASKED_BYTES ((size_t)8 << 20)
/* The largest that glibc takes: blocks below it come from the heap. */
#define APART_BYTES (32 << 20)
/* How the heap grows when all of it is used. */
#define GROWTH_BYTES (16 << 20)

/* glibc can do this itself, but only as told in its environment before main begins (tunable
 * glibc.malloc.hugetlb). */
void heap_prefer_large_pages(size_t bytes)
{
#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	mallopt(M_MMAP_THRESHOLD, APART_BYTES);
	mallopt(M_TRIM_THRESHOLD, INT32_MAX);
	mallopt(M_TOP_PAD, (int)bytes);
	void *volatile block = malloc(ASKED_BYTES); /* or the compiler leaves both out */
	uintptr_t from = ((uintptr_t)block + page - 1) / page * page;
	uintptr_t to = (uintptr_t)sbrk(0) / page * page;
	free(block);
	mallopt(M_TOP_PAD, GROWTH_BYTES);
	/* A kernel without large pages refuses, and all is as before. */
	if (from && from < to && to - from <= bytes + 2 * ASKED_BYTES)
		(void)madvise((void *)from, to - from, MADV_HUGEPAGE);
#else
	(void)bytes;
#endif
}
