/* Batches: analyzers at work on units, in worker processes, through the cache of answers. */
#include "engine/batch.h"

#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/lockdown.h"
#include "base/progress.h"
#include "engine/internal.h"
#include "engine/pool.h"

/* Facts that are kept: encoded fact sets. What a worker answers: those, and the places of the tree
 * that they depend on. */
#define SETS_VARIANT "aay"
#define ANSWER_VARIANT "(" SETS_VARIANT "aay)"

typedef struct batch {
	engine *engine;
	GPtrArray *jobs;    /* read_job *, all of them */
	GPtrArray *pending; /* read_job *, those to be done now; borrowed */
	progress *progress;
	guint finished;
	GError *error; /* a failure inside a callback */
} batch;

/* --- jobs --- */

/* Adds a path of the layout, or an argument that holds one: its place is not content, two clones
 * share their keys. */
static void add_relative(digest *d, const char *text, const char *root)
{
	const char *at = root ? strstr(text, root) : NULL;
	g_autofree char *relative =
		at ? g_strdup_printf("%.*s@%s", (int)(at - text), text, at + strlen(root))
		   : g_strdup(text);
	digest_add_text(d, relative);
}

static char *unit_key(const analyzer *reader, const analysis_unit *u)
{
	g_auto(digest) d = {0};
	digest_init(&d);
	digest_add_text(&d, reader->name);
	digest_add_number(&d, reader->version);
	g_autofree char *library = reader->library ? reader->library() : NULL;
	digest_add_text(&d, library);
	digest_add_text(&d, u->path);
	digest_add(&d, u->blob.bytes, OID_BYTES);
	digest_add_number(&d, u->bodies);
	if (reader->needs_layout) {
		digest_add_text(&d, u->arch);
		for (guint i = 0; i < u->args->len; i++)
			add_relative(&d, g_ptr_array_index(u->args, i), u->root);
		/* The configuration is in no argument but in a header given from memory. */
		for (guint i = 0; u->memory && i < u->memory->len; i++) {
			const memory_file *m = g_ptr_array_index(u->memory, i);
			gsize len;
			const void *data = g_bytes_get_data(m->data, &len);
			add_relative(&d, m->path, u->root);
			digest_add(&d, data, len);
		}
	}
	return digest_hex(&d);
}

read_job *read_job_new(
	guint tree, const analyzer *reader, analysis_unit *unit, const reuse_place *where)
{
	read_job *j = g_new0(read_job, 1);
	j->tree = tree;
	j->reader = reader;
	j->unit = unit;
	j->place = *where;
	unit->wanted = where->wanted;
	unit->bodies = true;
	j->key = unit_key(reader, unit);
	return j;
}

void read_job_free(read_job *j)
{
	if (!j)
		return;
	analysis_unit_free(j->unit);
	g_free(j->key);
	g_clear_pointer(&j->sets, g_ptr_array_unref);
	g_free(j->failure);
	g_free(j);
}

/* --- answers --- */

static GVariant *paths_of(GHashTable *table)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new();
	GHashTableIter it;
	gpointer path;
	g_hash_table_iter_init(&it, table);
	while (g_hash_table_iter_next(&it, &path, NULL))
		g_ptr_array_add(paths, path);
	return g_variant_new_bytestring_array(
		(const char *const *)paths->pdata, (gssize)paths->len);
}

static GBytes *answer_encode(const fact_sink *sink)
{
	GVariantBuilder b;
	g_variant_builder_init(&b, G_VARIANT_TYPE(SETS_VARIANT));
	for (guint i = 0; i < sink->sets->len; i++) {
		g_autoptr(GBytes) one = fact_set_encode(g_ptr_array_index(sink->sets, i));
		g_variant_builder_add_value(
			&b, g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, one, TRUE));
	}
	g_autoptr(GVariant) v = g_variant_ref_sink(g_variant_new(
		"(@" SETS_VARIANT "@aay)", g_variant_builder_end(&b), paths_of(sink->reads)));
	return g_variant_get_data_as_bytes(v);
}

/* NULL on bytes that are not of that type. */
static GVariant *variant_of(GBytes *bytes, const char *type)
{
	g_autoptr(GVariant) v =
		g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(type), bytes, FALSE));
	return g_variant_is_normal_form(v) ? g_steal_pointer(&v) : NULL;
}

/* NULL on bytes that no worker of this version wrote. */
static GPtrArray *sets_decode(GVariant *v)
{
	g_autoptr(GPtrArray) sets = g_ptr_array_new_with_free_func((GDestroyNotify)fact_set_free);
	gsize count = g_variant_n_children(v);
	for (gsize i = 0; i < count; i++) {
		g_autoptr(GVariant) child = g_variant_get_child_value(v, i);
		g_autoptr(GBytes) one = g_variant_get_data_as_bytes(child);
		fact_set *set = fact_set_decode(one);
		if (!set)
			return NULL;
		g_ptr_array_add(sets, set);
	}
	return g_steal_pointer(&sets);
}

/* --- workers --- */

static GBytes *work(size_t index, void *data)
{
	batch *b = data;
	read_job *j = g_ptr_array_index(b->pending, index);
	g_auto(fact_sink) sink = {0};
	fact_sink_init(&sink);
	g_autoptr(GError) err = NULL;
	if (!j->reader->run(j->unit, &sink, &err)) {
		fact_set *set = fact_sink_file(&sink, j->unit->path, &j->unit->blob);
		g_autofree char *text = error_text(err);
		diagnostic d = {DIAGNOSTIC_ERROR, j->unit->path, 0, text};
		fact_set_add_diagnostic(set, &d);
		set->units++;
		fact_sink_read(&sink, ""); /* who knows what it stumbled over */
	}
	for (guint i = 0; i < sink.sets->len; i++)
		fact_set_finish(g_ptr_array_index(sink.sets, i));
	return answer_encode(&sink);
}

static void add_once(GPtrArray *list, const char *text)
{
	for (guint i = 0; i < list->len; i++) {
		if (!strcmp(g_ptr_array_index(list, i), text))
			return;
	}
	g_ptr_array_add(list, (gpointer)text);
}

/* A worker reads the trees that are laid out and the compiler's own headers, nothing else. */
static void enter(void *data)
{
	batch *b = data;
	g_autoptr(GPtrArray) folders = g_ptr_array_new();
	g_autofree char *overlay = g_build_filename(b->engine->cache_dir, "overlay", NULL);
	g_ptr_array_add(folders, overlay);
	for (guint i = 0; i < b->pending->len; i++) {
		const read_job *j = g_ptr_array_index(b->pending, i);
		if (!j->reader->needs_layout)
			continue;
		add_once(folders, j->unit->root);
		for (guint k = 0; k + 1 < j->unit->args->len; k++) {
			if (!strcmp(g_ptr_array_index(j->unit->args, k), "-isystem"))
				add_once(folders, g_ptr_array_index(j->unit->args, k + 1));
		}
	}
	g_ptr_array_add(folders, NULL);
	/* A crash is the pool's to see: what is left of a process after one is not to be trusted.
	 */
	g_setenv("LIBCLANG_DISABLE_CRASH_RECOVERY", "1", TRUE);
	lockdown_enter((const char *const *)folders->pdata);
}

static bool keep_answer(batch *b, read_job *j, GVariant *sets, GVariant *reads)
{
	store *s = b->engine->store;
	g_autoptr(GBytes) bytes = g_variant_get_data_as_bytes(sets);
	if (!j->reader->needs_layout)
		return store_facts_put(s, j->key, j->unit->path, bytes, &b->error);
	g_autoptr(GPtrArray) paths = g_ptr_array_new();
	g_autoptr(GPtrArray) reported = g_ptr_array_new();
	gsize n;
	g_autofree const char **list = g_variant_get_bytestring_array(reads, &n);
	for (gsize i = 0; i < n; i++)
		g_ptr_array_add(paths, (gpointer)list[i]);
	for (guint i = 0; i < j->sets->len; i++)
		g_ptr_array_add(reported, ((fact_set *)g_ptr_array_index(j->sets, i))->path);
	return reuse_keep(s, j->key, j->unit->path, &j->place, paths, reported, bytes, &b->error);
}

static void done(size_t index, GBytes *answer, const char *why, void *data)
{
	batch *b = data;
	read_job *j = g_ptr_array_index(b->pending, index);
	progress_update(b->progress, ++b->finished);
	g_autoptr(GVariant) v = answer ? variant_of(answer, ANSWER_VARIANT) : NULL;
	g_autoptr(GVariant) sets = v ? g_variant_get_child_value(v, 0) : NULL;
	g_autoptr(GVariant) reads = v ? g_variant_get_child_value(v, 1) : NULL;
	if (v)
		j->sets = sets_decode(sets);
	if (!j->sets) {
		j->failure = g_strdup(why ? why : "gave an unreadable answer");
		return;
	}
	if (!b->error)
		keep_answer(b, j, sets, reads);
}

static bool find_answer(batch *b, read_job *j, GError **err)
{
	g_autoptr(GBytes) bytes = NULL;
	store *s = b->engine->store;
	bool ok = j->reader->needs_layout ? reuse_find(&bytes, s, j->key, &j->place, err)
					  : store_facts_get(s, j->key, &bytes, err);
	g_autoptr(GVariant) sets = bytes ? variant_of(bytes, SETS_VARIANT) : NULL;
	if (sets)
		j->sets = sets_decode(sets);
	return ok;
}

/* Puts the jobs to do now into `pending`. Of several with one key, the first: its answer may hold
 * for the others. */
static bool choose_pending(batch *b, GError **err)
{
	g_autoptr(GHashTable) chosen = g_hash_table_new(g_str_hash, g_str_equal);
	g_ptr_array_set_size(b->pending, 0);
	for (guint i = 0; i < b->jobs->len; i++) {
		read_job *j = g_ptr_array_index(b->jobs, i);
		if (j->sets || j->failure || g_hash_table_contains(chosen, j->key))
			continue;
		if (!find_answer(b, j, err))
			return false;
		if (!j->sets) {
			g_ptr_array_add(b->pending, j);
			g_hash_table_add(chosen, j->key);
		}
	}
	return true;
}

/* Does what the cache does not answer. Jobs that fail are left with their failure. */
static bool run_all(batch *b, GError **err)
{
	for (;;) {
		if (!choose_pending(b, err))
			return false;
		if (!b->pending->len)
			return true;
		g_autoptr(progress) bar =
			progress_new(*b->engine->doing ? b->engine->doing : "Reading",
				b->pending->len, b->engine->progress);
		b->progress = bar;
		b->finished = 0;
		/* Each answer is kept as it comes, not all in one transaction: another truce may
		 * write while this one reads for a minute, and Ctrl-C or a kill leaves what was
		 * read to the next run. */
		unsigned seconds = b->engine->parse_seconds;
		pool_job job = {work, done, enter, true, seconds, b};
		bool ok = pool_run(b->pending->len, b->engine->jobs, seconds * LIMIT_PARSE_PATIENCE,
			&job, err);
		b->progress = NULL;
		if (ok && b->error) {
			g_propagate_error(err, g_steal_pointer(&b->error));
			ok = false;
		}
		g_clear_error(&b->error);
		if (!ok)
			return false;
	}
}

/* A parse that crashed or hung is tried once more without function bodies. */
static void retry_without_bodies(GPtrArray *jobs)
{
	for (guint i = 0; i < jobs->len; i++) {
		read_job *j = g_ptr_array_index(jobs, i);
		if (!j->failure || !j->reader->needs_layout || !j->unit->bodies)
			continue;
		j->unit->bodies = false;
		g_free(j->key);
		j->key = unit_key(j->reader, j->unit);
		g_clear_pointer(&j->failure, g_free);
	}
}

bool batch_run(engine *e, GPtrArray *jobs, GError **err)
{
	g_autoptr(GPtrArray) pending = g_ptr_array_new();
	batch b = {.engine = e, .jobs = jobs, .pending = pending};
	if (!run_all(&b, err))
		return false;
	retry_without_bodies(jobs);
	return run_all(&b, err);
}
