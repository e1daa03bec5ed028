/* A heap in large pages: malloc goes on as before, from memory that is marked for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "base/heap.h"

#define ROOM ((size_t)64 << 20)

/* Does /proc/self/smaps say "hg" (madvised for huge pages) of the mapping that holds `at`? */
static bool is_marked(const void *at)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	assert_non_null(maps);
	char line[4096];
	bool within = false, marked = false;
	while (fgets(line, sizeof line, maps)) {
		unsigned long from, to;
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			within = (uintptr_t)at >= from && (uintptr_t)at < to;
		else if (within && !strncmp(line, "VmFlags:", 8))
			marked = strstr(line, " hg") != NULL;
	}
	fclose(maps);
	return marked;
}

static void test_marked(void **state)
{
	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip(); /* a sanitizer's own malloc */
#endif
	if (!g_file_test("/sys/kernel/mm/transparent_hugepage/enabled", G_FILE_TEST_EXISTS))
		skip();
	heap_prefer_large_pages(ROOM);
	/* Blocks that malloc would otherwise map apart, one by one. */
	char *blocks[3];
	for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
		blocks[i] = g_malloc(ROOM / 4);
		memset(blocks[i], (int)i, ROOM / 4);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
		assert_true(is_marked(blocks[i] + ROOM / 8));
		assert_int_equal(blocks[i][ROOM / 4 - 1], i);
		g_free(blocks[i]);
	}
}

static void test_more_than_asked_for(void **state)
{
	(void)state;
	heap_prefer_large_pages(1 << 20);
	heap_prefer_large_pages(1 << 20);
	char *large = g_malloc0(ROOM);
	assert_int_equal(large[ROOM - 1], 0);
	g_free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marked),
		cmocka_unit_test(test_more_than_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
