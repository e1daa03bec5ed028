/* Expected output beside its test. */
#include "support/expect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

void expect_file(const char *text, const char *name)
{
	g_autofree char *path = g_build_filename(TRUCE_SOURCE_DIR, "tests", name, NULL);
	g_autofree char *want = NULL;
	if (g_getenv("TRUCE_UPDATE_EXPECTED")) {
		assert_true(g_file_set_contents(path, text, -1, NULL));
		return;
	}
	if (!g_file_get_contents(path, &want, NULL, NULL))
		fail_msg("%s is missing: run again with TRUCE_UPDATE_EXPECTED=1", path);
	g_auto(GStrv) got_lines = g_strsplit(text, "\n", -1);
	g_auto(GStrv) want_lines = g_strsplit(want, "\n", -1);
	for (guint i = 0; got_lines[i] && want_lines[i]; i++) {
		if (g_strcmp0(got_lines[i], want_lines[i]))
			fail_msg("%s:%u:\n-%s\n+%s", name, i + 1, want_lines[i], got_lines[i]);
	}
	assert_string_equal(text, want);
}
