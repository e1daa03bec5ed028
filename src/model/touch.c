/* Touches: facts that differ between base and tip. */
#include "model/touch.h"

#include <string.h>

/* Strings of one series' touches: a few hundred kilobytes; one page a chunk keeps small ones small. */
#define TOUCH_STRING_CHUNK 4096

touch_set *touch_set_new(void)
{
	touch_set *t = g_new0(touch_set, 1);
	t->touches = g_array_new(FALSE, TRUE, sizeof(touch));
	t->shadows = g_array_new(FALSE, TRUE, sizeof(shadow_copy));
	t->functions = g_array_new(FALSE, TRUE, sizeof(function_copy));
	t->strings = g_string_chunk_new(TOUCH_STRING_CHUNK);
	return t;
}

void touch_set_free(touch_set *t)
{
	if (!t)
		return;
	g_array_unref(t->touches);
	g_array_unref(t->shadows);
	g_array_unref(t->functions);
	g_string_chunk_free(t->strings);
	g_free(t);
}

const char *touch_set_string(touch_set *t, const char *text)
{
	return g_string_chunk_insert_const(t->strings, text ? text : "");
}

const char *touch_set_origin(const touch_set *t, const char *path)
{
	for (guint i = 0; i < t->shadows->len; i++) {
		const shadow_copy *s = &g_array_index(t->shadows, shadow_copy, i);
		if (!strcmp(s->path, path))
			return s->origin;
	}
	return NULL;
}

const char *touch_change_name(touch_change change)
{
	switch (change) {
	case TOUCH_ADDED:
		return "added";
	case TOUCH_CHANGED:
		return "changed";
	case TOUCH_REMOVED:
		return "removed";
	case TOUCH_MOVED:
		return "moved";
	}
	g_assert_not_reached();
}
