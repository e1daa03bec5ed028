/* Shadow copies of all series, found side by side in worker processes. */
#include "engine/copies.h"

#include "base/error.h"
#include "engine/internal.h"
#include "engine/pool.h"
#include "facts/touches.h"

/* Seconds for one series: all files of a kernel tree are read once, which takes 3 s. */
#define COPIES_SECONDS 600u
/* path, origin, similarity of each copy; path, name, lines, the same of the origin, and similarity
 * of each copied function; or the error's code and message. */
#define FILES_VARIANT "a(ayayu)"
#define FUNCTIONS_VARIANT "a(ayayuuayayuuu)"
#define COPIES_VARIANT "(b" FILES_VARIANT FUNCTIONS_VARIANT "uay)"

typedef struct search {
	engine *engine;
	GPtrArray *touches, *all;
	GError *error;
} search;

static GBytes *work(size_t index, void *data)
{
	search *s = data;
	g_autoptr(touch_set) found = touch_set_new();
	g_autoptr(GError) err = NULL;
	bool ok =
		facts_find_shadows(found, s->engine->repo, g_ptr_array_index(s->all, index), &err);
	GVariantBuilder b, functions;
	g_variant_builder_init(&b, G_VARIANT_TYPE(FILES_VARIANT));
	g_variant_builder_init(&functions, G_VARIANT_TYPE(FUNCTIONS_VARIANT));
	for (guint i = 0; ok && i < found->shadows->len; i++) {
		const shadow_copy *copy = &g_array_index(found->shadows, shadow_copy, i);
		g_variant_builder_add(&b, "(^ay^ayu)", copy->path, copy->origin, copy->similarity);
	}
	for (guint i = 0; ok && i < found->functions->len; i++) {
		const function_copy *c = &g_array_index(found->functions, function_copy, i);
		g_variant_builder_add(&functions, "(^ay^ayuu^ay^ayuuu)", c->path, c->name, c->line,
			c->end_line, c->origin, c->origin_name, c->origin_line, c->origin_end,
			c->similarity);
	}
	g_autoptr(GVariant) v = g_variant_ref_sink(
		g_variant_new("(b" FILES_VARIANT FUNCTIONS_VARIANT "u^ay)", (gboolean)ok, &b,
			&functions, ok ? 0u : (guint)err->code, ok ? "" : err->message));
	return g_variant_get_data_as_bytes(v);
}

static void done(size_t index, GBytes *answer, const char *why, void *data)
{
	search *s = data;
	if (s->error)
		return;
	g_autoptr(GVariant) v = answer ? g_variant_ref_sink(g_variant_new_from_bytes(
						 G_VARIANT_TYPE(COPIES_VARIANT), answer, FALSE))
				       : NULL;
	if (!v || !g_variant_is_normal_form(v)) {
		error_set(&s->error, TRUCE_ERROR_INTERNAL, NULL, "looking for copies %s",
			why ? why : "gave an unreadable answer");
		return;
	}
	gboolean ok;
	guint code, similarity;
	const char *message, *path, *origin;
	g_autoptr(GVariantIter) copies = NULL;
	g_autoptr(GVariantIter) functions = NULL;
	g_variant_get(v, "(b" FILES_VARIANT FUNCTIONS_VARIANT "u^&ay)", &ok, &copies, &functions,
		&code, &message);
	if (!ok) {
		g_set_error_literal(&s->error, TRUCE_ERROR, (int)code, message);
		return;
	}
	touch_set *t = g_ptr_array_index(s->touches, index);
	while (g_variant_iter_next(copies, "(^&ay^&ayu)", &path, &origin, &similarity)) {
		shadow_copy copy = {
			touch_set_string(t, path), touch_set_string(t, origin), similarity};
		g_array_append_val(t->shadows, copy);
	}
	function_copy f;
	while (g_variant_iter_next(functions, "(^&ay^&ayuu^&ay^&ayuuu)", &f.path, &f.name, &f.line,
		&f.end_line, &f.origin, &f.origin_name, &f.origin_line, &f.origin_end,
		&f.similarity)) {
		f.path = touch_set_string(t, f.path);
		f.name = touch_set_string(t, f.name);
		f.origin = touch_set_string(t, f.origin);
		f.origin_name = touch_set_string(t, f.origin_name);
		g_array_append_val(t->functions, f);
	}
}

bool copies_find(GPtrArray *touches, engine *e, GPtrArray *all, GError **err)
{
	search s = {e, touches, all, NULL};
	pool_job job = {.work = work, .done = done, .data = &s};
	bool ok =
		repo_flush(e->repo, err) && pool_run(all->len, e->jobs, COPIES_SECONDS, &job, err);
	if (ok && s.error) {
		g_propagate_error(err, g_steal_pointer(&s.error));
		ok = false;
	}
	g_clear_error(&s.error);
	return ok;
}
