/* Versions of the interface: which points each had, by which name and type. */
#include <string.h>

#include "interface/loader.h"

/* Versions of one interface; the kernel's have five. */
#define LIMIT_VERSIONS 1000u

void version_spec_free(version_spec *v)
{
	if (!v)
		return;
	g_free(v->name);
	g_free(v->judged_as);
	g_ptr_array_unref(v->fits);
	g_ptr_array_unref(v->adds);
	g_ptr_array_unref(v->drops);
	g_hash_table_unref(v->types);
	g_hash_table_unref(v->names);
	g_free(v);
}

static version_spec *version_new(void)
{
	version_spec *v = g_new0(version_spec, 1);
	v->fits = g_ptr_array_new_with_free_func((GDestroyNotify)fit_test_free);
	v->adds = g_ptr_array_new_with_free_func(g_free);
	v->drops = g_ptr_array_new_with_free_func(g_free);
	v->types = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	v->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return v;
}

/* --- reading --- */

static bool has_point(const catalogue *c, const char *id)
{
	for (guint i = 0; i < c->specs->len; i++)
		if (strcmp(((point_spec *)g_ptr_array_index(c->specs, i))->point->id, id) == 0)
			return true;
	return false;
}

static bool no_point(loader *l, const yaml_node *n, const char *id, GError **err)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new();
	const catalogue *c = l->c;
	for (guint i = 0; i < c->specs->len; i++)
		g_ptr_array_add(ids, ((point_spec *)g_ptr_array_index(c->specs, i))->point->id);
	g_ptr_array_add(ids, NULL);
	const char *near = yaml_nearest(id, (const char *const *)ids->pdata);
	g_autofree char *hint = near ? g_strdup_printf("did you mean \"%s\"?", near) : NULL;
	return yaml_fail(l->tree, n, err, hint, "unknown point \"%s\"", id);
}

static bool read_ids(loader *l, const yaml_node *n, GPtrArray **out, GError **err)
{
	if (!loader_texts(l, n, out, err))
		return false;
	for (unsigned i = 0; i < yaml_count(n); i++)
		if (!has_point(l->c, yaml_item(n, i)->text))
			return no_point(l, yaml_item(n, i), yaml_item(n, i)->text, err);
	return true;
}

/* {ID: TEXT, ...} */
static bool read_by_point(loader *l, const yaml_node *n, GHashTable *out, GError **err)
{
	if (!n)
		return true;
	if (n->kind != YAML_IS_MAP)
		return yaml_fail(l->tree, n, err, NULL, "points and a text each expected");
	for (guint i = 0; i < n->keys->len; i++) {
		const char *id = g_ptr_array_index(n->keys, i);
		const yaml_node *item = g_ptr_array_index(n->items, i);
		const char *text = yaml_expect_text(l->tree, item, err);
		if (!text)
			return false;
		if (!has_point(l->c, id))
			return no_point(l, item, id, err);
		g_hash_table_insert(out, g_strdup(id), g_strdup(text));
	}
	return true;
}

static version_spec *find_version(const catalogue *c, const char *name)
{
	for (guint i = 0; i < c->versions->len; i++) {
		version_spec *v = g_ptr_array_index(c->versions, i);
		if (strcmp(v->name, name) == 0)
			return v;
	}
	return NULL;
}

static bool read_version(loader *l, const yaml_node *n, GError **err)
{
	static const char *const keys[] = {
		"version", "fits", "judged_as", "adds", "drops", "types", "names", NULL};
	catalogue *c = l->c;
	const yaml_tree *t = l->tree;
	if (!yaml_expect_map(t, n, keys, err))
		return false;
	const yaml_node *name = yaml_get(n, "version"), *as = yaml_get(n, "judged_as");
	if (!name)
		return yaml_fail(t, n, err, NULL, "key \"version\" is missing");
	const char *text = yaml_expect_text(t, name, err);
	const char *judged = as && text ? yaml_expect_text(t, as, err) : NULL;
	if (!text || (as && !judged))
		return false;
	if (find_version(c, text))
		return yaml_fail(t, name, err, NULL, "\"%s\" stands here twice", text);
	version_spec *v = version_new();
	g_ptr_array_add(c->versions, v);
	v->name = g_strdup(text);
	v->judged_as = g_strdup(judged);
	return loader_fits(l, yaml_get(n, "fits"), v->fits, err) &&
	       read_ids(l, yaml_get(n, "adds"), &v->adds, err) &&
	       read_ids(l, yaml_get(n, "drops"), &v->drops, err) &&
	       read_by_point(l, yaml_get(n, "types"), v->types, err) &&
	       read_by_point(l, yaml_get(n, "names"), v->names, err);
}

bool versions_read(loader *l, const yaml_node *n, GError **err)
{
	const yaml_tree *t = l->tree;
	if (!n)
		return true;
	if (!yaml_expect_list(t, n, err))
		return false;
	if (n->items->len > LIMIT_VERSIONS)
		return yaml_fail(t, n, err, NULL, "more than %u versions", LIMIT_VERSIONS);
	for (unsigned i = 0; i < yaml_count(n); i++)
		if (!read_version(l, yaml_item(n, i), err))
			return false;
	for (unsigned i = 0; i < yaml_count(n); i++) {
		const yaml_node *as = yaml_get(yaml_item(n, i), "judged_as");
		if (as && !find_version(l->c, as->text))
			return yaml_fail(t, as, err, NULL, "no version \"%s\"", as->text);
	}
	return true;
}

/* --- asking --- */

const char *catalogue_version_of(const catalogue *c, catalogue_read_fn read, void *data)
{
	const version_spec *best = NULL;
	for (guint i = 0; i < c->versions->len; i++) {
		const version_spec *v = g_ptr_array_index(c->versions, i);
		if (fits_hold(v->fits, read, data) && (!best || v->fits->len >= best->fits->len))
			best = v;
	}
	return best ? best->name : NULL;
}

const char *catalogue_judged_as(const catalogue *c, const char *version)
{
	const version_spec *v = version ? find_version(c, version) : NULL;
	return v && v->judged_as ? v->judged_as : version;
}

/* What the versions up to and with `name` say of a point, the last one that says anything. */
static const char *said(const catalogue *c, const char *name, const char *id, bool types)
{
	const char *last = NULL;
	for (guint i = 0; i < c->versions->len; i++) {
		const version_spec *v = g_ptr_array_index(c->versions, i);
		const char *here = g_hash_table_lookup(types ? v->types : v->names, id);
		last = here ? here : last;
		if (strcmp(v->name, name) == 0)
			break;
	}
	return last;
}

static bool is_in(const GPtrArray *ids, const char *id)
{
	return g_ptr_array_find_with_equal_func((GPtrArray *)ids, id, g_str_equal, NULL);
}

static bool is_member(const catalogue *c, const char *name, const char *id)
{
	bool member = false;
	for (guint i = 0; i < c->versions->len; i++) {
		const version_spec *v = g_ptr_array_index(c->versions, i);
		member = (member || is_in(v->adds, id)) && !is_in(v->drops, id);
		if (strcmp(v->name, name) == 0)
			break;
	}
	return member;
}

void catalogue_take_version(catalogue *c, const char *name)
{
	g_assert(find_version(c, name));
	for (guint i = c->specs->len; i-- > 0;) {
		point_spec *s = g_ptr_array_index(c->specs, i);
		if (!is_member(c, name, s->point->id)) {
			g_ptr_array_remove_index(c->specs, i);
			continue;
		}
		const char *type = said(c, name, s->point->id, true);
		const char *slot = said(c, name, s->point->id, false);
		if (type) {
			g_free(s->point->signature);
			s->point->signature = g_strdup(type);
		}
		if (slot) {
			g_free(s->slot);
			s->slot = g_strdup(slot);
		}
	}
}

const char *catalogue_slot(const catalogue *c, size_t i)
{
	g_assert(i < c->specs->len);
	const point_spec *s = g_ptr_array_index(c->specs, i);
	return s->no_slot ? NULL : s->slot ? s->slot : s->point->member;
}

static void add_event(
	GPtrArray *out, const char *id, const char *version, const char *what, const char *detail)
{
	point_event *e = g_new0(point_event, 1);
	e->point = g_strdup(id);
	e->version = g_strdup(version);
	e->what = g_strdup_printf("%s%s", what, detail ? detail : "");
	g_ptr_array_add(out, e);
}

GPtrArray *catalogue_history(const catalogue *c)
{
	GPtrArray *out = g_ptr_array_new_with_free_func((GDestroyNotify)point_event_free);
	for (guint i = 0; i < c->versions->len; i++) {
		const version_spec *v = g_ptr_array_index(c->versions, i);
		for (guint k = 0; k < c->specs->len; k++) {
			const char *id = ((point_spec *)g_ptr_array_index(c->specs, k))->point->id;
			const char *type = g_hash_table_lookup(v->types, id);
			const char *name = g_hash_table_lookup(v->names, id);
			if (is_in(v->adds, id))
				add_event(out, id, v->name, "added", NULL);
			if (is_in(v->drops, id))
				add_event(out, id, v->name, "dropped", NULL);
			if (name)
				add_event(out, id, v->name, "is called ", name);
			if (type)
				add_event(out, id, v->name, "is ", type);
		}
	}
	return out;
}
