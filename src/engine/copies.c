/* Shadow copies of all series, found side by side in worker processes. */
#include "engine/copies.h"

#include "base/digest.h"
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

/* The code that looks for copies: see CMakeLists.txt. */
extern const char *const copies_code_digest;

typedef struct search {
	engine *engine;
	GPtrArray *touches, *all;
	GArray *open;	 /* guint: series whose answer is not kept */
	GPtrArray *keys; /* char *, one a series */
	GError *error;
} search;

static GBytes *work(size_t nth, void *data)
{
	search *s = data;
	guint index = g_array_index(s->open, guint, nth);
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

/* NULL: it is damaged. */
static GVariant *readable(GBytes *answer)
{
	g_autoptr(GVariant) v = answer ? g_variant_ref_sink(g_variant_new_from_bytes(
						 G_VARIANT_TYPE(COPIES_VARIANT), answer, FALSE))
				       : NULL;
	return v && g_variant_is_normal_form(v) ? g_steal_pointer(&v) : NULL;
}

/* Takes what was found of a series. */
static void take(search *s, guint index, GVariant *v)
{
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

static void done(size_t nth, GBytes *answer, const char *why, void *data)
{
	search *s = data;
	guint index = g_array_index(s->open, guint, nth);
	if (s->error)
		return;
	g_autoptr(GVariant) v = readable(answer);
	if (!v) {
		error_set(&s->error, TRUCE_ERROR_INTERNAL, NULL, "looking for copies %s",
			why ? why : "gave an unreadable answer");
		return;
	}
	take(s, index, v);
	if (!s->error)
		store_choice_put(s->engine->store, g_ptr_array_index(s->keys, index),
			((const series *)g_ptr_array_index(s->all, index))->name, answer,
			&s->error);
}

/* All that the answer for a series stands on. The caller's. */
static char *key_of(const series *s)
{
	g_auto(digest) d = {0};
	digest_init(&d);
	digest_add_text(&d, "copies");
	digest_add_text(&d, copies_code_digest);
	digest_add(&d, s->base_tree.bytes, OID_BYTES);
	digest_add(&d, s->tip_tree.bytes, OID_BYTES);
	for (guint i = 0; i < s->changes->len; i++) {
		const file_change *c = g_ptr_array_index(s->changes, i);
		digest_add_text(&d, c->path);
		digest_add_number(&d, c->status);
		digest_add_number(&d, c->binary);
		for (guint k = 0; k < c->hunks->len; k++) {
			const change_hunk *h = &g_array_index(c->hunks, change_hunk, k);
			digest_add_number(&d, h->old_start);
			digest_add_number(&d, h->old_count);
			digest_add_number(&d, h->new_start);
			digest_add_number(&d, h->new_count);
		}
	}
	return digest_hex(&d);
}

/* Takes what is kept; the series that it is not are open. */
static bool take_kept(search *s, GError **err)
{
	for (guint i = 0; i < s->all->len; i++) {
		g_autoptr(GBytes) kept = NULL;
		char *key = key_of(g_ptr_array_index(s->all, i));
		g_ptr_array_add(s->keys, key);
		if (!store_choice_get(s->engine->store, key, &kept, err))
			return false;
		g_autoptr(GVariant) v = readable(kept);
		if (v)
			take(s, i, v);
		else
			g_array_append_val(s->open, i);
	}
	return true;
}

bool copies_find(GPtrArray *touches, engine *e, GPtrArray *all, GError **err)
{
	g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
	search s = {e, touches, all, open, keys, NULL};
	pool_job job = {.work = work, .done = done, .data = &s};
	bool ok = take_kept(&s, err) &&
		  (!open->len || (repo_flush(e->repo, err) &&
					 pool_run(open->len, e->jobs, COPIES_SECONDS, &job, err)));
	if (ok && s.error) {
		g_propagate_error(err, g_steal_pointer(&s.error));
		ok = false;
	}
	g_clear_error(&s.error);
	return ok;
}
