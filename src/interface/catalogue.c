/* A catalogue: what is in it, whether it fits a base, where it is found. */
#include "interface/catalogue.h"

#include <string.h>

#include "base/error.h"
#include "base/install.h"
#include "interface/rule.h"
#include "interface/yamltree.h"

void catalogue_free(catalogue *c)
{
	if (!c)
		return;
	catalogue_info_free(c->info);
	g_ptr_array_unref(c->specs);
	g_ptr_array_unref(c->fits);
	g_ptr_array_unref(c->files);
	g_ptr_array_unref(c->structs);
	g_ptr_array_unref(c->versions);
	if (c->paths)
		g_ptr_array_unref(c->paths);
	if (c->not_paths)
		g_ptr_array_unref(c->not_paths);
	g_hash_table_unref(c->patterns);
	g_hash_table_unref(c->idle);
	g_free(c);
}

catalogue_info *catalogue_describe(const catalogue *c)
{
	catalogue_info *copy = catalogue_info_new();
	copy->name = g_strdup(c->info->name);
	copy->version = g_strdup(c->info->version);
	copy->title = g_strdup(c->info->title);
	copy->digest = g_strdup(c->info->digest);
	for (guint i = 0; i < c->info->groups->len; i++)
		g_ptr_array_add(copy->groups, g_strdup(g_ptr_array_index(c->info->groups, i)));
	return copy;
}

size_t catalogue_length(const catalogue *c)
{
	return c->specs->len;
}

const point *catalogue_point(const catalogue *c, size_t i)
{
	g_assert(i < c->specs->len);
	return ((const point_spec *)g_ptr_array_index(c->specs, i))->point;
}

const char *const *catalogue_native_files(const catalogue *c)
{
	return (const char *const *)c->files->pdata;
}

const char *const *catalogue_structs(const catalogue *c)
{
	return (const char *const *)c->structs->pdata;
}

/* --- one rule alone --- */

static void note_once(GPtrArray *list, const char *text)
{
	if (!g_ptr_array_find_with_equal_func(list, text, g_str_equal, NULL))
		g_ptr_array_add(list, (gpointer)text);
}

/* Names that a hint lists when none is near. */
#define HINT_NAMES 12u

/* "there are a, b, c, ..." */
static char *some_of(const GPtrArray *known)
{
	GString *out = g_string_new("there are");
	for (guint i = 0; i < MIN(known->len, HINT_NAMES); i++)
		g_string_append_printf(
			out, "%s %s", i ? "," : "", (const char *)g_ptr_array_index(known, i));
	if (known->len > HINT_NAMES)
		g_string_append_printf(out, ", and %u more", known->len - HINT_NAMES);
	return g_string_free(out, FALSE);
}

static bool not_found(GPtrArray *known, const char *what, const char *name, GError **err)
{
	g_autofree char *some = known->len ? some_of(known) : NULL;
	g_ptr_array_add(known, NULL);
	const char *near = yaml_nearest(name, (const char *const *)known->pdata);
	g_autofree char *hint =
		near ? g_strdup_printf("did you mean '%s'?", near) : g_steal_pointer(&some);
	return error_set(
		err, TRUCE_ERROR_NOT_FOUND, hint, "the catalogue has no %s '%s'", what, name);
}

bool catalogue_keep_rule(
	catalogue *c, const char *rule_id, const char *point_name, unsigned *kept, GError **err)
{
	g_autoptr(GPtrArray) rules = g_ptr_array_new();
	g_autoptr(GPtrArray) points = g_ptr_array_new();
	bool point_found = false, rule_found = false;
	for (guint i = 0; i < c->specs->len; i++) {
		const point_spec *s = g_ptr_array_index(c->specs, i);
		note_once(points, s->point->id);
		bool wanted = !point_name || point_is_named(s->point, point_name);
		point_found |= wanted;
		for (guint k = 0; wanted && k < s->rules->len; k++) {
			const rule *r = g_ptr_array_index(s->rules, k);
			note_once(rules, r->id);
			rule_found |= strcmp(r->id, rule_id) == 0;
		}
	}
	if (!point_found)
		return not_found(points, "point", point_name, err);
	const char *idle = rule_found ? NULL : g_hash_table_lookup(c->idle, rule_id);
	if (idle)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"give a point such a list, or ask for another one (docs/rules.md)",
			"the rule '%s' does nothing: %s has a list that its \"%s\" asks for",
			rule_id, point_name ? "no such point" : "no point", idle);
	if (!rule_found)
		return not_found(rules, "rule", rule_id, err);
	*kept = 0;
	for (guint i = 0; i < c->specs->len; i++) {
		point_spec *s = g_ptr_array_index(c->specs, i);
		bool wanted = !point_name || point_is_named(s->point, point_name);
		for (guint k = s->rules->len; k-- > 0;) {
			const rule *r = g_ptr_array_index(s->rules, k);
			if (!wanted || strcmp(r->id, rule_id) != 0)
				g_ptr_array_remove_index(s->rules, k);
		}
		*kept += s->rules->len > 0;
	}
	return true;
}

/* A NUL cannot hide the rest of a file: text files have none, and others fit nothing. */
static bool fit_holds(const fit_test *t, GBytes *content)
{
	if (t->absent)
		return content == NULL;
	if (!content)
		return false;
	if (!t->has && !t->lacks)
		return true;
	gsize len;
	const char *bytes = g_bytes_get_data(content, &len);
	g_autofree char *text = g_strndup(bytes, len);
	return (!t->has || pattern_match(t->has, text)) &&
	       (!t->lacks || !pattern_match(t->lacks, text));
}

bool fits_hold(const GPtrArray *fits, catalogue_read_fn read, void *data)
{
	for (guint i = 0; i < fits->len; i++) {
		const fit_test *t = g_ptr_array_index(fits, i);
		g_autoptr(GBytes) content = read(t->path, data);
		if (!fit_holds(t, content))
			return false;
	}
	return fits->len > 0;
}

unsigned catalogue_fits(const catalogue *c, catalogue_read_fn read, void *data)
{
	unsigned best = fits_hold(c->fits, read, data) ? c->fits->len : 0;
	for (guint i = 0; i < c->versions->len; i++) {
		const version_spec *v = g_ptr_array_index(c->versions, i);
		if (v->fits->len > best && fits_hold(v->fits, read, data))
			best = v->fits->len;
	}
	return best;
}

char **catalogue_dirs(void)
{
	g_autoptr(GStrvBuilder) dirs = g_strv_builder_new();
	const char *own = g_getenv("TRUCE_RULES");
	if (own && *own)
		g_strv_builder_add(dirs, own);
	g_autofree char *data = install_data_dir();
	g_autofree char *installed = g_build_filename(data, "rules", NULL);
	if (g_file_test(installed, G_FILE_TEST_IS_DIR)) {
		g_strv_builder_add(dirs, installed);
	} else {
		/* A program in its build tree reads its sources. */
		g_autofree char *source = g_build_filename(TRUCE_SOURCE_DIR, "rules", NULL);
		g_strv_builder_add(dirs, source);
	}
	return g_strv_builder_end(dirs);
}

static bool is_pack_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/');
}

char *catalogue_find(const char *name)
{
	if (is_pack_name(name)) {
		g_auto(GStrv) dirs = catalogue_dirs();
		g_autofree char *file = g_strconcat(name, ".yaml", NULL);
		for (char **dir = dirs; *dir; dir++) {
			g_autofree char *path = g_build_filename(*dir, file, NULL);
			if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
				return g_steal_pointer(&path);
		}
	}
	return g_file_test(name, G_FILE_TEST_IS_REGULAR) ? g_strdup(name) : NULL;
}
