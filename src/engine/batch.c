/* Batches: analyzers at work on units, in worker processes, through the cache of answers. */
#include "engine/batch.h"

#include <errno.h>
#include <string.h>

#include "analyzers/list.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/limits.h"
#include "base/lockdown.h"
#include "base/progress.h"
#include "engine/internal.h"
#include "engine/pool.h"
#include "engine/task.h"

/* The processes of an engine. */
struct reader_pool {
	pool *pool;
	GPtrArray *folders; /* char *: what they may read, NULL-terminated */
	cache_hold *hold;   /* on the tree: a folder made anew would be another to them */
	GHashTable *kept;   /* see task.h; each process fills its own */
};

struct batch {
	engine *engine;
	GPtrArray *jobs;     /* read_job *, in the order that they came; borrowed */
	GHashTable *at_work; /* keys of jobs that are being parsed (set; borrowed) */
	GQueue later;	     /* read_job *: one of the same key is at work, whose answer may hold */
	GPtrArray *failed;   /* read_job *: to be tried again */
	pool_client client;
	progress *progress;
	guint finished;
	GError *error; /* a failure inside a callback */
};

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

void unit_tell_how(analysis_unit *u)
{
	g_auto(digest) d = {0};
	if (u->how)
		return;
	digest_init(&d);
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
	u->how = digest_hex(&d);
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
	if (reader->needs_layout)
		digest_add_text(&d, u->how);
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
	if (reader->needs_layout)
		unit_tell_how(unit);
	j->key = unit_key(reader, unit);
	return j;
}

void read_job_free(read_job *j)
{
	if (!j)
		return;
	if (j->maker.free)
		j->maker.free(j->maker.data);
	analysis_unit_free(j->unit);
	g_free(j->key);
	g_clear_pointer(&j->sets, g_ptr_array_unref);
	g_clear_pointer(&j->reads, g_ptr_array_unref);
	g_free(j->failure);
	g_free(j);
}

bool read_job_is_done(const read_job *j)
{
	return j->sets || j->failure;
}

/* --- the processes --- */

/* What all but the largest units need to be parsed. */
#define READER_HEAP_BYTES ((size_t)256 << 20)

static GBytes *work(GBytes *bytes, void *data)
{
	reader_pool *own = data;
	g_auto(task) t = {0};
	g_auto(fact_sink) sink = {0};
	g_autoptr(GError) err = NULL;
	fact_sink_init(&sink);
	if (!task_decode(&t, bytes, own->kept))
		return g_bytes_new_static("", 0); /* is told as an unreadable answer */
	if (!t.reader->run(t.unit, &sink, &err)) {
		fact_set *set = fact_sink_file(&sink, t.unit->path, &t.unit->blob);
		g_autofree char *text = error_text(err);
		diagnostic d = {DIAGNOSTIC_ERROR, t.unit->path, 0, text};
		fact_set_add_diagnostic(set, &d);
		set->units++;
		fact_sink_read(&sink, ""); /* who knows what it stumbled over */
	}
	for (guint i = 0; i < sink.sets->len; i++)
		fact_set_finish(g_ptr_array_index(sink.sets, i));
	return answer_encode(&sink);
}

/* A worker reads the trees that are laid out and the compiler's own headers, nothing else. */
static void enter(void *data)
{
	const reader_pool *r = data;
	/* A crash is the pool's to see: what is left of a process after one is not to be trusted.
	 */
	g_setenv("LIBCLANG_DISABLE_CRASH_RECOVERY", "1", TRUE);
	/* It need not guard itself by a thread for each unit either, which would have another heap.
	 */
	g_setenv("LIBCLANG_NOTHREADS", "1", TRUE);
	heap_prefer_large_pages(READER_HEAP_BYTES);
	lockdown_enter((const char *const *)r->folders->pdata);
}

void reader_pool_free(reader_pool *r)
{
	if (!r)
		return;
	pool_free(r->pool);
	cache_hold_free(r->hold);
	g_ptr_array_unref(r->folders);
	g_hash_table_unref(r->kept);
	g_free(r);
}

/* The processes for jobs of this tree; made when there are none, or when they may read another
 * base's tree. */
static bool reader_pool_get(engine *e, const kernel_tree *tree, GError **err)
{
	const char *root = kernel_tree_root(tree);
	if (e->readers && !strcmp(g_ptr_array_index(e->readers->folders, 0), root))
		return true;
	g_clear_pointer(&e->readers, reader_pool_free);
	for (size_t i = 0; analyzers[i]; i++) {
		if (analyzers[i]->open && !analyzers[i]->open(err))
			return false;
	}
	/* What a process may read has to be there when it locks itself in. */
	g_autofree char *overlay = g_build_filename(e->cache_dir, "overlay", NULL);
	if (g_mkdir_with_parents(overlay, 0777))
		return error_set(err, TRUCE_ERROR_IO, "name another place with --db, or free space",
			"cannot make %s: %s", overlay, g_strerror(errno));
	reader_pool *r = e->readers = g_new0(reader_pool, 1);
	r->folders = g_ptr_array_new_with_free_func(g_free);
	r->hold = kernel_tree_hold(tree);
	r->kept = task_kept_new();
	g_ptr_array_add(r->folders, g_strdup(root));
	g_ptr_array_add(r->folders, g_canonicalize_filename(overlay, NULL));
	char *own = kernel_compiler_headers();
	if (own)
		g_ptr_array_add(r->folders, own);
	g_ptr_array_add(r->folders, NULL);
	pool_worker w = {.work = work,
		.enter = enter,
		.sealed = true,
		.processor_seconds = e->parse_seconds,
		.seconds = e->parse_seconds * LIMIT_PARSE_PATIENCE,
		.data = r};
	r->pool = pool_new(&w, e->jobs);
	return true;
}

/* --- answers --- */

static GBytes *job_task(size_t index, void *data)
{
	const batch *b = data;
	const read_job *j = g_ptr_array_index(b->jobs, index);
	return task_encode(j->reader, j->unit);
}

/* An answer is there: the file's bytes, all of them of a large series, are not needed again. */
static void release_text(read_job *j)
{
	g_clear_pointer(&j->unit->text, g_bytes_unref);
}

static bool keep_answer(batch *b, read_job *j, GBytes *sets, GPtrArray *reads)
{
	store *s = b->engine->store;
	if (!j->reader->needs_layout)
		return store_facts_put(s, j->key, j->unit->path, sets, &b->error);
	g_autoptr(GPtrArray) reported = g_ptr_array_new();
	for (guint i = 0; i < j->sets->len; i++)
		g_ptr_array_add(reported, ((fact_set *)g_ptr_array_index(j->sets, i))->path);
	/* What was wanted and read without facts to tell was read to compute a header alone:
	 * another parse would tell no more. */
	for (guint i = 0; i < reads->len; i++) {
		char *path = g_ptr_array_index(reads, i);
		if (j->place.wanted && g_hash_table_contains(j->place.wanted, path) &&
			!g_ptr_array_find_with_equal_func(reported, path, g_str_equal, NULL))
			g_ptr_array_add(reported, path);
	}
	return reuse_keep(s, j->key, j->unit->path, &j->place, reads, reported, sets, &b->error);
}

/* What names a failure: what the file includes may be another's in another tree. The caller's. */
static char *failure_key(const read_job *j)
{
	char tree[OID_HEX + 1];
	oid_format(tree, &j->place.tree);
	return g_strconcat(j->key, tree, NULL);
}

/* What crashed once, or took too long, does so again: each try would cost the whole limit. */
static void note_failure(engine *e, const read_job *j)
{
	if (!e->failed)
		e->failed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_hash_table_replace(e->failed, failure_key(j), g_strdup(j->failure));
}

static const char *noted_failure(const engine *e, const read_job *j)
{
	g_autofree char *key = e->failed ? failure_key(j) : NULL;
	return key ? g_hash_table_lookup(e->failed, key) : NULL;
}

/* No reader survived: once more without function bodies, or that is all. */
static void give_up(batch *b, read_job *j, const char *why)
{
	j->failure = g_strdup(why);
	if (j->reader->needs_layout && j->unit->bodies) {
		g_ptr_array_add(b->failed, j);
		return;
	}
	progress_update(b->progress, ++b->finished);
}

static void done(size_t index, GBytes *answer, const char *why, void *data)
{
	batch *b = data;
	read_job *j = g_ptr_array_index(b->jobs, index);
	g_autoptr(GPtrArray) reads = NULL;
	gsize kept = 0;
	g_hash_table_remove(b->at_work, j->key);
	if (answer)
		j->sets = answer_decode(answer, &reads, &kept);
	if (j->sets) {
		release_text(j);
		b->engine->work.parsed++;
		g_autoptr(GBytes) sets = g_bytes_new_from_bytes(answer, 0, kept);
		j->parsed = true;
		if (!b->error)
			keep_answer(b, j, sets, reads);
		if (j->keep_reads)
			j->reads = g_steal_pointer(&reads);
		progress_update(b->progress, ++b->finished);
		return;
	}
	give_up(b, j, why ? why : "gave an unreadable answer");
	note_failure(b->engine, j);
	b->engine->work.parsed += !j->reader->needs_layout || !j->unit->bodies;
}

static bool find_answer(batch *b, read_job *j, GError **err)
{
	g_autoptr(GBytes) bytes = NULL;
	store *s = b->engine->store;
	GPtrArray **reads = j->keep_reads ? &j->reads : NULL;
	bool ok = j->reader->needs_layout ? reuse_find(&bytes, reads, s, j->key, &j->place, err)
					  : store_facts_get(s, j->key, &bytes, err);
	if (bytes)
		j->sets = answer_decode(bytes, NULL, NULL);
	return ok;
}

/* --- batches --- */

batch *batch_new(engine *e, const char *title, guint total)
{
	batch *b = g_new0(batch, 1);
	b->engine = e;
	b->jobs = g_ptr_array_new();
	b->at_work = g_hash_table_new(g_str_hash, g_str_equal);
	b->failed = g_ptr_array_new();
	b->client = (pool_client){job_task, done, b};
	b->progress = progress_new(title, total, &e->progress);
	g_queue_init(&b->later);
	return b;
}

/* Makes the unit of a job whose unit only stands for one. *same: it is what it was said to be, so
 * that there is no answer for it either. */
static bool make_unit(read_job *j, bool *same, GError **err)
{
	g_autoptr(analysis_unit) unit = NULL;
	if (!j->maker.make(&unit, j->maker.data, err))
		return false;
	unit->wanted = j->unit->wanted;
	unit->bodies = j->unit->bodies;
	unit_tell_how(unit);
	g_autofree char *key = unit_key(j->reader, unit);
	*same = !strcmp(key, j->key);
	g_free(j->key);
	j->key = g_steal_pointer(&key);
	analysis_unit_free(j->unit);
	j->unit = g_steal_pointer(&unit);
	return true;
}

static bool stands_for_one(const read_job *j)
{
	return j->reader->needs_layout && !j->unit->args;
}

/* Answers or begins the job at `index`, unless one of the same key is at work. */
static bool begin(batch *b, guint index, GError **err)
{
	read_job *j = g_ptr_array_index(b->jobs, index);
	if (g_hash_table_contains(b->at_work, j->key)) {
		g_queue_push_tail(&b->later, GUINT_TO_POINTER(index));
		return true;
	}
	if (!find_answer(b, j, err))
		return false;
	if (j->sets) {
		release_text(j);
		b->engine->work.cached++;
		progress_update(b->progress, ++b->finished);
		return true;
	}
	const char *failed = noted_failure(b->engine, j);
	if (failed) {
		give_up(b, j, failed);
		return true;
	}
	if (stands_for_one(j)) {
		bool same;
		if (!make_unit(j, &same, err))
			return false;
		if (!same)
			return begin(b, index, err);
	}
	if (!reader_pool_get(b->engine, j->place.kernel, err))
		return false;
	const engine *e = b->engine;
	if (e->watch && j->reader->needs_layout)
		e->watch(j->unit, &j->place.tree, e->watch_data);
	g_hash_table_add(b->at_work, j->key);
	pool_add(b->engine->readers->pool, &b->client, index);
	return true;
}

bool batch_add(batch *b, read_job *j, GError **err)
{
	g_ptr_array_add(b->jobs, j);
	return begin(b, b->jobs->len - 1, err) && batch_turn(b, false, err);
}

/* Begins what waited for others. */
static bool begin_again(batch *b, GError **err)
{
	for (guint n = b->later.length; n; n--) {
		guint index = GPOINTER_TO_UINT(g_queue_pop_head(&b->later));
		if (!begin(b, index, err))
			return false;
	}
	while (b->failed->len) {
		guint index;
		read_job *j = g_ptr_array_steal_index(b->failed, 0);
		j->unit->bodies = false;
		g_free(j->key);
		j->key = unit_key(j->reader, j->unit);
		g_clear_pointer(&j->failure, g_free);
		if (g_ptr_array_find(b->jobs, j, &index) && !begin(b, index, err))
			return false;
	}
	return true;
}

bool batch_turn(batch *b, bool wait, GError **err)
{
	reader_pool *r = b->engine->readers;
	if (r && pool_open(r->pool) && !pool_turn(r->pool, wait, err))
		return false;
	if (b->error) {
		g_propagate_error(err, g_steal_pointer(&b->error));
		return false;
	}
	return begin_again(b, err);
}

bool batch_finish(batch *b, GError **err)
{
	while (g_hash_table_size(b->at_work) || b->later.length || b->failed->len) {
		if (!batch_turn(b, true, err))
			return false;
	}
	return true;
}

void batch_free(batch *b)
{
	if (!b)
		return;
	/* What is still at work is nobody's any more. */
	if (g_hash_table_size(b->at_work))
		g_clear_pointer(&b->engine->readers, reader_pool_free);
	progress_free(b->progress);
	g_ptr_array_unref(b->jobs);
	g_ptr_array_unref(b->failed);
	g_hash_table_unref(b->at_work);
	g_queue_clear(&b->later);
	g_clear_error(&b->error);
	g_free(b);
}

bool batch_run(engine *e, GPtrArray *jobs, GError **err)
{
	g_autoptr(batch) b = batch_new(e, "Reading", jobs->len);
	for (guint i = 0; i < jobs->len; i++) {
		if (!batch_add(b, g_ptr_array_index(jobs, i), err))
			return false;
	}
	return batch_finish(b, err);
}
