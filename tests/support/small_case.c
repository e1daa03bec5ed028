#include "support/small_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conflict/conflict.h"
#include "series/apply.h"

#define TEST_TIME 1142200000

static void must(bool ok, GError *err)
{
	if (!ok)
		fail_msg("%s", err ? err->message : "failed");
}

static void run_git(const char *directory, const char *const *arguments)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_ptr_array_add(argv, (gpointer) "git");
	for (; *arguments; arguments++)
		g_ptr_array_add(argv, (gpointer)*arguments);
	g_ptr_array_add(argv, NULL);
	int status = 1;
	g_autoptr(GError) err = NULL;
	bool ran = g_spawn_sync(directory, (char **)argv->pdata, NULL,
		G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status,
		&err);
	must(ran && status == 0, err);
}

void small_case_init(small_case *c)
{
	g_autoptr(GError) err = NULL;
	c->directory = g_dir_make_tmp("truce-case-XXXXXX", &err);
	must(c->directory != NULL, err);
	run_git(c->directory, (const char *const[]){"init", "-q", ".", NULL});
	run_git(c->directory,
		(const char *const[]){"-c", "user.name=Tester", "-c", "user.email=t@example.org",
			"commit", "-q", "--allow-empty", "-m", "empty", NULL});
	must(repo_open(&c->repo, c->directory, &err), err);
	c->m = mediation_new();
	c->m->base_rev = g_strdup("HEAD");
	must(repo_resolve(c->repo, &c->m->base, "HEAD", &err), err);
	must(repo_commit_tree(c->repo, &c->m->base_tree, &c->m->base, &err), err);
	c->readings = g_ptr_array_new();
}

static void edit_tree(small_case *c, oid *tree, const char *path, const char *text)
{
	g_autoptr(GError) err = NULL;
	g_autoptr(tree_edit) edit = NULL;
	must(tree_edit_new(&edit, c->repo, tree, &err), err);
	if (text) {
		oid blob;
		must(repo_write_blob(c->repo, &blob, text, strlen(text), &err), err);
		must(tree_edit_set(edit, path, &blob, 0100644, &err), err);
	} else {
		must(tree_edit_remove(edit, path, &err), err);
	}
	must(tree_edit_write(edit, tree, &err), err);
}

static void write_commit(
	small_case *c, oid *commit, const oid *tree, const oid *parent, const char *subject)
{
	g_autoptr(GError) err = NULL;
	g_autofree char *message = g_strdup_printf("%s\n", subject);
	person author = {(char *)"Author", (char *)"author@example.org", TEST_TIME, 0};
	must(repo_write_commit(c->repo, commit, tree, parent, 1, &author, message, &err), err);
}

void small_case_base(small_case *c, const char *path, const char *text)
{
	assert_int_equal(c->m->series->len, 0);
	oid parent = c->m->base;
	edit_tree(c, &c->m->base_tree, path, text);
	write_commit(c, &c->m->base, &c->m->base_tree, &parent, "base");
}

static series *find_series(small_case *c, const char *name)
{
	int at = mediation_series(c->m, name);
	if (at >= 0)
		return g_ptr_array_index(c->m->series, at);
	series *s = series_new(name);
	s->base = s->tip = c->m->base;
	s->base_tree = s->tip_tree = c->m->base_tree;
	g_ptr_array_add(s->specs, g_strdup("test"));
	g_ptr_array_add(c->m->series, s);
	return s;
}

static void seal_commit(small_case *c, series *s, series_commit *commit, const oid *parent)
{
	commit->tree = s->tip_tree;
	write_commit(c, &commit->commit, &s->tip_tree, parent, commit->subject);
	s->tip = commit->commit;
}

void small_case_patch(small_case *c, const char *series_name, const char *path, const char *text)
{
	series *s = find_series(c, series_name);
	oid parent = s->tip;
	edit_tree(c, &s->tip_tree, path, text);
	series_commit *commit = series_commit_new();
	commit->n = s->commits->len + 1;
	commit->subject = g_strdup_printf("%s changes %s", series_name, path);
	commit->message = g_strdup_printf("%s\n", commit->subject);
	commit->author.name = g_strdup("Author");
	commit->author.email = g_strdup("author@example.org");
	commit->author.time = TEST_TIME;
	commit->applied = true;
	seal_commit(c, s, commit, &parent);
	g_ptr_array_add(s->commits, commit);
}

void small_case_also(small_case *c, const char *series_name, const char *path, const char *text)
{
	series *s = find_series(c, series_name);
	assert_true(s->commits->len > 0);
	series_commit *last = g_ptr_array_index(s->commits, s->commits->len - 1);
	oid parent = s->base;
	if (s->commits->len > 1)
		parent = ((series_commit *)g_ptr_array_index(s->commits, s->commits->len - 2))
				 ->commit;
	edit_tree(c, &s->tip_tree, path, text);
	seal_commit(c, s, last, &parent);
}

void small_case_finish(small_case *c)
{
	g_autoptr(GError) err = NULL;
	for (guint i = 0; i < c->m->series->len; i++) {
		series *s = g_ptr_array_index(c->m->series, i);
		must(series_finish(s, c->repo, &err), err);
		series_reading *reading = g_new0(series_reading, 1);
		reading->series = s;
		reading->base = g_hash_table_new(g_str_hash, g_str_equal);
		reading->tip = g_hash_table_new(g_str_hash, g_str_equal);
		reading->touches = touch_set_new();
		g_ptr_array_add(c->readings, reading);
	}
}

void small_case_touch(small_case *c, const char *series_name, const touch *t)
{
	int at = mediation_series(c->m, series_name);
	assert_true(at >= 0);
	series_reading *reading = g_ptr_array_index(c->readings, at);
	touch own = *t;
	const char **texts[] = {&own.name, &own.detail, &own.in, &own.condition,
		&own.signature_base, &own.signature_tip};
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (!*texts[i])
			*texts[i] = "";
	}
	tree_entry entry;
	const char *base_path = own.origin ? own.origin : own.base.path;
	if (base_path && repo_lookup(c->repo, &c->m->base_tree, base_path, &entry, NULL))
		own.base.blob = entry.id;
	if (own.tip.path &&
		repo_lookup(c->repo, &reading->series->tip_tree, own.tip.path, &entry, NULL))
		own.tip.blob = entry.id;
	g_array_append_val(((touch_set *)reading->touches)->touches, own);
}

char *small_case_read(small_case *c, const oid *tree, const char *path)
{
	g_autoptr(GBytes) bytes = NULL;
	if (!repo_read_path(c->repo, &bytes, tree, path, NULL))
		return NULL;
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	return len ? g_strndup(text, len) : g_strdup("");
}

void small_case_find(small_case *c)
{
	g_autoptr(GError) err = NULL;
	must(conflict_find(c->m, c->repo, c->readings, &err), err);
	findings_finish(c->m->findings);
}

unsigned small_case_count(const small_case *c, const char *kind)
{
	unsigned n = 0;
	for (guint i = 0; i < c->m->findings->len; i++)
		n += !strcmp(((finding *)g_ptr_array_index(c->m->findings, i))->kind, kind);
	return n;
}

finding *small_case_finding(small_case *c, const char *kind)
{
	finding *found = NULL;
	for (guint i = 0; i < c->m->findings->len; i++) {
		finding *f = g_ptr_array_index(c->m->findings, i);
		if (strcmp(f->kind, kind))
			continue;
		if (found)
			fail_msg("two findings of %s: %s; %s", kind, found->title, f->title);
		found = f;
	}
	if (!found)
		fail_msg("no finding of %s", kind);
	return found;
}

void small_case_rule(finding *f, decision_take take, const char *party)
{
	decision_free(f->decision);
	f->decision = decision_new();
	f->decision->fingerprint = g_strdup(f->fingerprint);
	f->decision->take = take;
	f->decision->party = g_strdup(party);
}

static void free_reading(gpointer data, gpointer unused)
{
	(void)unused;
	series_reading *reading = data;
	g_hash_table_unref(reading->base);
	g_hash_table_unref(reading->tip);
	touch_set_free((touch_set *)reading->touches);
	g_free(reading);
}

void small_case_clear(small_case *c)
{
	g_ptr_array_foreach(c->readings, free_reading, NULL);
	g_ptr_array_unref(c->readings);
	mediation_free(c->m);
	repo_free(c->repo);
	const char *argv[] = {"rm", "-rf", c->directory, NULL};
	g_spawn_sync(
		NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	g_free(c->directory);
}
