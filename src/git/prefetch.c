/* Reading objects ahead of their use. Inflating what patches start from is half of the applier's
 * work, and which blobs those are is known before the first patch is applied. */
#include "git/prefetch.h"
#include "git/internal.h"

typedef enum ahead_state {
	AHEAD_WAITING,
	AHEAD_READING,
	AHEAD_READY,
	AHEAD_GONE, /* taken, or left to the caller */
} ahead_state;

typedef struct ahead {
	oid id;
	ahead_state state;
	git_object_t type;
	GBytes *data; /* when READY */
} ahead;

struct prefetch {
	repo *reader; /* the thread's own */
	GThread *thread;
	GMutex lock; /* everything below */
	GCond changed;
	bool awaited;  /* somebody waits for `changed`: telling nobody costs a system call, too */
	GArray *items; /* ahead, in the order of use */
	GHashTable *by_id; /* oid * -> ahead * */
	size_t ready_bytes;
	bool stop;
};

static void wait_for_change(prefetch *p)
{
	p->awaited = true;
	g_cond_wait(&p->changed, &p->lock);
}

static void tell_change(prefetch *p)
{
	if (p->awaited)
		g_cond_broadcast(&p->changed);
	p->awaited = false;
}

/* Reads one object with the lock released; held again on return. */
static void read_ahead(prefetch *p, ahead *item)
{
	item->state = AHEAD_READING;
	g_mutex_unlock(&p->lock);
	GBytes *data = NULL;
	git_object_t type = GIT_OBJECT_INVALID;
	bool ok = object_read_type(p->reader, &data, &type, &item->id, NULL);
	g_mutex_lock(&p->lock);
	item->state = ok ? AHEAD_READY : AHEAD_GONE;
	item->data = data;
	item->type = type;
	p->ready_bytes += ok ? g_bytes_get_size(data) : 0;
	tell_change(p);
}

static gpointer run(gpointer data)
{
	prefetch *p = data;
	g_mutex_lock(&p->lock);
	for (guint i = 0; i < p->items->len && !p->stop; i++) {
		ahead *item = &g_array_index(p->items, ahead, i);
		while (p->ready_bytes > PREFETCH_BYTES && !p->stop)
			wait_for_change(p);
		if (item->state == AHEAD_WAITING && !p->stop)
			read_ahead(p, item);
	}
	g_mutex_unlock(&p->lock);
	return NULL;
}

static void clear_ahead(gpointer item)
{
	g_clear_pointer(&((ahead *)item)->data, g_bytes_unref);
}

prefetch *prefetch_start(repo *reader, const GArray *ids)
{
	prefetch *p = g_new0(prefetch, 1);
	p->reader = reader;
	g_mutex_init(&p->lock);
	g_cond_init(&p->changed);
	p->items = g_array_sized_new(FALSE, TRUE, sizeof(ahead), ids->len);
	g_array_set_clear_func(p->items, clear_ahead);
	g_array_set_size(p->items, ids->len);
	p->by_id = g_hash_table_new(oid_hash, oid_equal_key);
	for (guint i = 0; i < ids->len; i++) {
		ahead *item = &g_array_index(p->items, ahead, i);
		item->id = g_array_index(ids, oid, i);
		if (g_hash_table_contains(p->by_id, &item->id))
			item->state = AHEAD_GONE;
		else
			g_hash_table_insert(p->by_id, &item->id, item);
	}
	p->thread = g_thread_new("truce-prefetch", run, p);
	return p;
}

GBytes *prefetch_take(prefetch *p, const oid *id, git_object_t *type)
{
	GBytes *data = NULL;
	g_mutex_lock(&p->lock);
	ahead *item = g_hash_table_lookup(p->by_id, id);
	while (item && item->state == AHEAD_READING)
		wait_for_change(p);
	if (item && item->state == AHEAD_READY) {
		data = g_steal_pointer(&item->data);
		*type = item->type;
		p->ready_bytes -= g_bytes_get_size(data);
		tell_change(p);
	}
	if (item)
		item->state = AHEAD_GONE;
	g_mutex_unlock(&p->lock);
	return data;
}

void prefetch_stop(prefetch *p)
{
	if (!p)
		return;
	g_mutex_lock(&p->lock);
	p->stop = true;
	tell_change(p);
	g_mutex_unlock(&p->lock);
	g_thread_join(p->thread);
	repo_free(p->reader);
	g_hash_table_unref(p->by_id);
	g_array_unref(p->items);
	g_mutex_clear(&p->lock);
	g_cond_clear(&p->changed);
	g_free(p);
}
