/* The thread that compares ahead, and its results. Whoever adds more than may wait helps. */
#include "git/diff_ahead.h"
#include "git/diff_known.h"
#include "git/internal.h"

struct diff_ahead {
	repo *reader;	 /* the thread's own */
	repo *helper;	 /* for whoever adds */
	GThread *thread; /* NULL once it has ended */
	GMutex lock;	 /* everything below */
	GCond changed;
	GQueue waiting; /* diff_job *, oldest first */
	size_t bytes;	/* of the texts of what waits */
	bool idle;	/* the thread waits for more */
	bool end;
	GHashTable *done; /* diff_job *, its own key */
};

static guint job_hash(gconstpointer key)
{
	const diff_job *job = key;
	return oid_hash(&job->old_id) ^ oid_hash(&job->new_id) * 31;
}

static gboolean job_equal(gconstpointer a, gconstpointer b)
{
	const diff_job *x = a, *y = b;
	return oid_equal(&x->old_id, &y->old_id) && oid_equal(&x->new_id, &y->new_id);
}

static void drop_texts(diff_job *job)
{
	g_clear_pointer(&job->old_text, g_bytes_unref);
	g_clear_pointer(&job->new_text, g_bytes_unref);
	g_clear_pointer(&job->known, g_array_unref);
}

void diff_job_free(diff_job *job)
{
	if (!job)
		return;
	drop_texts(job);
	g_clear_pointer(&job->change, file_change_free);
	g_free(job);
}

static void free_job(gpointer job)
{
	diff_job_free(job);
}

static size_t job_bytes(const diff_job *job)
{
	return (job->old_text ? g_bytes_get_size(job->old_text) : 0) +
	       (job->new_text ? g_bytes_get_size(job->new_text) : 0);
}

/* Lets the reader find a text where it looks first. */
static void lend(repo *reader, const oid *id, GBytes *text)
{
	if (text)
		object_cache_put(reader->cache, id, GIT_OBJECT_BLOB, text);
}

static span bytes_span(GBytes *bytes)
{
	span s;
	s.at = g_bytes_get_data(bytes, &s.len);
	return s;
}

static bool is_binary(span text)
{
	return text.len && text_is_binary(text.at, text.len);
}

/* Takes the known difference where no other can come out. */
static bool take_known(diff_job *job)
{
	if (!job->known || !job->old_text || !job->new_text)
		return false;
	span a = bytes_span(job->old_text), b = bytes_span(job->new_text);
	if (is_binary(a) || is_binary(b) || !diff_is_forced(a, b, job->known))
		return false;
	for (guint i = 0; i < job->known->len; i++) {
		change_hunk h = g_array_index(job->known, change_hunk, i);
		g_array_append_val(job->change->hunks, h);
		job->change->insertions += h.new_count;
		job->change->deletions += h.old_count;
	}
	return true;
}

static bool compare(repo *reader, diff_job *job)
{
	job->change = file_change_new("");
	if (take_known(job))
		return true;
	lend(reader, &job->old_id, job->old_text);
	lend(reader, &job->new_id, job->new_text);
	job->change->old_oid = job->old_id;
	job->change->new_oid = job->new_id;
	job->change->old_mode = job->old_text ? 0100644 : 0;
	job->change->new_mode = job->new_text ? 0100644 : 0;
	return repo_diff_change(reader, job->change, NULL);
}

/* Does the oldest or the newest job that waits, with the lock released meanwhile; false when there
 * is none. */
static bool do_one(diff_ahead *d, repo *reader, bool newest)
{
	diff_job *job = newest ? g_queue_pop_tail(&d->waiting) : g_queue_pop_head(&d->waiting);
	if (!job)
		return false;
	d->bytes -= job_bytes(job);
	g_mutex_unlock(&d->lock);
	bool ok = compare(reader, job);
	drop_texts(job);
	g_mutex_lock(&d->lock);
	/* What fails here fails again, and is told, when it is asked for. */
	if (ok)
		g_hash_table_add(d->done, job);
	else
		diff_job_free(job);
	return true;
}

static gpointer run(gpointer data)
{
	diff_ahead *d = data;
	g_mutex_lock(&d->lock);
	while (do_one(d, d->reader, false) || !d->end)
		while (!d->waiting.length && !d->end) {
			d->idle = true;
			g_cond_wait(&d->changed, &d->lock);
			d->idle = false;
		}
	g_mutex_unlock(&d->lock);
	return NULL;
}

diff_ahead *diff_ahead_new(repo *reader, repo *helper)
{
	diff_ahead *d = g_new0(diff_ahead, 1);
	d->reader = reader;
	d->helper = helper;
	g_mutex_init(&d->lock);
	g_cond_init(&d->changed);
	g_queue_init(&d->waiting);
	d->done = g_hash_table_new_full(job_hash, job_equal, free_job, NULL);
	d->thread = g_thread_new("truce-diff", run, d);
	return d;
}

void diff_ahead_add(diff_ahead *d, diff_job *job)
{
	g_mutex_lock(&d->lock);
	g_assert(!d->end);
	d->bytes += job_bytes(job);
	g_queue_push_tail(&d->waiting, job);
	if (d->idle)
		g_cond_signal(&d->changed);
	/* What was added last is in this processor's cache. */
	while (d->bytes > DIFF_AHEAD_BYTES && do_one(d, d->helper, true))
		;
	g_mutex_unlock(&d->lock);
}

void diff_ahead_end(diff_ahead *d)
{
	if (!d->thread)
		return;
	g_mutex_lock(&d->lock);
	d->end = true;
	g_cond_signal(&d->changed);
	while (do_one(d, d->helper, true))
		;
	g_mutex_unlock(&d->lock);
	g_thread_join(g_steal_pointer(&d->thread));
	g_clear_pointer(&d->reader, repo_free);
	g_clear_pointer(&d->helper, repo_free);
}

bool diff_ahead_has_ended(const diff_ahead *d)
{
	return !d->thread;
}

diff_job *diff_ahead_take(diff_ahead *d, const oid *old_id, const oid *new_id)
{
	const diff_job key = {.old_id = *old_id, .new_id = *new_id};
	gpointer job = NULL;
	g_mutex_lock(&d->lock);
	g_hash_table_steal_extended(d->done, &key, &job, NULL);
	g_mutex_unlock(&d->lock);
	return job;
}

void diff_ahead_free(diff_ahead *d)
{
	if (!d)
		return;
	diff_ahead_end(d);
	g_hash_table_unref(d->done);
	g_mutex_clear(&d->lock);
	g_cond_clear(&d->changed);
	g_free(d);
}
