/* Objects in memory: a bounded cache of what was read, and the store of what was written. */
#include "git/deflate.h"
#include "git/hash.h"
#include "git/internal.h"

/* ---- the cache: least recently used goes first ---- */

typedef struct cached {
	oid id;
	git_object_t type;
	GBytes *data;
	GList link; /* in object_cache.recent; link.data points here */
} cached;

struct object_cache {
	GHashTable *objects; /* oid * -> cached * */
	GQueue recent;	     /* newest first */
	size_t bytes, limit;
};

object_cache *object_cache_new(size_t limit)
{
	object_cache *c = g_new0(object_cache, 1);
	c->objects = g_hash_table_new(oid_hash, oid_equal_key);
	g_queue_init(&c->recent);
	c->limit = limit;
	return c;
}

static void cache_drop_oldest(object_cache *c)
{
	GList *link = g_queue_peek_tail_link(&c->recent);
	cached *oldest = link->data;
	g_queue_unlink(&c->recent, link);
	g_hash_table_remove(c->objects, &oldest->id);
	c->bytes -= g_bytes_get_size(oldest->data);
	g_bytes_unref(oldest->data);
	g_free(oldest);
}

void object_cache_free(object_cache *c)
{
	if (!c)
		return;
	while (c->recent.length)
		cache_drop_oldest(c);
	g_hash_table_unref(c->objects);
	g_free(c);
}

void object_cache_set_limit(object_cache *c, size_t limit)
{
	c->limit = limit;
	while (c->bytes > c->limit)
		cache_drop_oldest(c);
}

GBytes *object_cache_get(object_cache *c, const oid *id, git_object_t *type)
{
	cached *hit = g_hash_table_lookup(c->objects, id);
	if (!hit)
		return NULL;
	g_queue_unlink(&c->recent, &hit->link);
	g_queue_push_head_link(&c->recent, &hit->link);
	*type = hit->type;
	return g_bytes_ref(hit->data);
}

bool object_cache_put(object_cache *c, const oid *id, git_object_t type, GBytes *data)
{
	size_t size = g_bytes_get_size(data);
	/* One huge file must not push everything else out. */
	if (size > c->limit / 4)
		return false;
	if (g_hash_table_contains(c->objects, id))
		return true;
	cached *entry = g_new0(cached, 1);
	entry->id = *id;
	entry->type = type;
	entry->data = g_bytes_ref(data);
	entry->link.data = entry;
	g_queue_push_head_link(&c->recent, &entry->link);
	g_hash_table_insert(c->objects, &entry->id, entry);
	c->bytes += size;
	while (c->bytes > c->limit)
		cache_drop_oldest(c);
	return true;
}

/* ---- the pending store ---- */

static void pending_object_free(gpointer data)
{
	pending_object *o = data;
	g_clear_pointer(&o->raw, g_bytes_unref);
	g_free(o->deflated);
	g_free(o);
}

GBytes *pending_read(const pending_object *o)
{
	return o->raw ? g_bytes_ref(o->raw) : deflate_undo(o);
}

pending_object *pending_find(const pending_store *p, const oid *id)
{
	pending_object *o = g_hash_table_lookup(p->objects, id);
	return !o && p->lender ? pending_find(p->lender, id) : o;
}

/* Once raw_bytes is over its limit, the oldest are deflated until it is half of that: many at once,
 * for all processors. */
static void pending_shrink(pending_store *p)
{
	if (p->raw_bytes <= PENDING_RAW_BYTES)
		return;
	guint first = p->next_raw;
	while (p->raw_bytes > PENDING_RAW_BYTES / 2 && p->next_raw < p->order->len) {
		const pending_object *o = g_ptr_array_index(p->order, p->next_raw++);
		p->raw_bytes -= o->raw ? o->size : 0;
	}
	deflate_objects((pending_object **)p->order->pdata + first, p->next_raw - first);
}

void pending_add(pending_store *p, const oid *id, git_object_t type, GBytes *data)
{
	pending_object *there = pending_find(p, id);
	if (there) {
		there->scratch = MIN(there->scratch, p->level);
		return;
	}
	pending_object *o = g_new0(pending_object, 1);
	o->id = *id;
	o->type = type;
	o->scratch = p->level;
	o->size = g_bytes_get_size(data);
	o->raw = g_bytes_ref(data);
	g_ptr_array_add(p->order, o);
	g_hash_table_insert(p->objects, &o->id, o);
	p->raw_bytes += o->size;
	pending_shrink(p);
}

void pending_drop(pending_store *p, unsigned level)
{
	guint kept = 0;
	for (guint i = 0; i < p->order->len; i++) {
		pending_object *o = g_ptr_array_index(p->order, i);
		if (i == p->next_raw)
			p->next_raw = kept;
		if (o->scratch < level) {
			p->order->pdata[kept++] = o;
			continue;
		}
		g_hash_table_remove(p->objects, &o->id);
		if (o->raw)
			p->raw_bytes -= o->size;
		pending_object_free(o);
	}
	if (p->next_raw > kept)
		p->next_raw = kept;
	/* The slots past `kept` hold moved or freed objects: cut them off without freeing. */
	g_ptr_array_set_free_func(p->order, NULL);
	g_ptr_array_set_size(p->order, (gint)kept);
	g_ptr_array_set_free_func(p->order, pending_object_free);
}

void pending_clear(pending_store *p)
{
	g_hash_table_remove_all(p->objects);
	g_ptr_array_set_size(p->order, 0);
	p->next_raw = 0;
	p->raw_bytes = 0;
}

static const pending_object *backend_find(git_odb_backend *backend, const git_oid *id)
{
	return pending_find((pending_store *)backend, (const oid *)(const void *)id->id);
}

static int backend_read(
	void **data, size_t *size, git_object_t *type, git_odb_backend *backend, const git_oid *id)
{
	const pending_object *o = backend_find(backend, id);
	const oid *key = (const oid *)(const void *)id->id;
	g_autoptr(GBytes) bytes = NULL;
	if (o) {
		*type = o->type;
		bytes = pending_read(o);
		if (!bytes)
			return GIT_ERROR;
	} else {
		const pending_store *p = (const pending_store *)backend;
		bytes = object_cache_get(p->cache, key, type);
		if (!bytes)
			bytes = pack_reader_read(p->packs, key, type);
		if (!bytes)
			return GIT_ENOTFOUND;
	}
	const char *from = g_bytes_get_data(bytes, size);
	/* libgit2's readers of commits expect a NUL after the bytes. */
	char *copy = git_odb_backend_data_alloc(backend, *size + 1);
	if (!copy)
		return GIT_ERROR;
	if (*size)
		memcpy(copy, from, *size);
	copy[*size] = 0;
	*data = copy;
	return 0;
}

static int backend_read_header(
	size_t *size, git_object_t *type, git_odb_backend *backend, const git_oid *id)
{
	const pending_object *o = backend_find(backend, id);
	if (!o)
		return GIT_ENOTFOUND;
	*size = o->size;
	*type = o->type;
	return 0;
}

static int backend_exists(git_odb_backend *backend, const git_oid *id)
{
	return backend_find(backend, id) != NULL ||
	       pack_reader_has(
		       ((const pending_store *)backend)->packs, (const oid *)(const void *)id->id);
}

static int backend_exists_prefix(
	git_oid *out, git_odb_backend *backend, const git_oid *prefix, size_t hex_digits)
{
	const pending_store *p = (const pending_store *)backend;
	const pending_object *hit = NULL;
	for (guint i = 0; i < p->order->len; i++) {
		const pending_object *o = g_ptr_array_index(p->order, i);
		if (git_oid_ncmp(to_git(&o->id), prefix, hex_digits))
			continue;
		if (hit)
			return GIT_EAMBIGUOUS;
		hit = o;
	}
	if (!hit)
		return GIT_ENOTFOUND;
	git_oid_cpy(out, to_git(&hit->id));
	return 0;
}

static int backend_read_prefix(git_oid *out, void **data, size_t *size, git_object_t *type,
	git_odb_backend *backend, const git_oid *prefix, size_t hex_digits)
{
	int status = backend_exists_prefix(out, backend, prefix, hex_digits);
	return status ? status : backend_read(data, size, type, backend, out);
}

static int backend_write(git_odb_backend *backend, const git_oid *id, const void *data, size_t size,
	git_object_t type)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	pending_add((pending_store *)backend, (const oid *)(const void *)id->id, type, bytes);
	return 0;
}

static void backend_free(git_odb_backend *backend)
{
	pending_store *p = (pending_store *)backend;
	g_hash_table_unref(p->objects);
	g_ptr_array_unref(p->order);
	g_free(p);
}

pending_store *pending_store_new(object_cache *cache, pack_reader *packs)
{
	pending_store *p = g_new0(pending_store, 1);
	p->cache = cache;
	p->packs = packs;
	p->objects = g_hash_table_new(oid_hash, oid_equal_key);
	p->order = g_ptr_array_new_with_free_func(pending_object_free);
	git_odb_init_backend(&p->parent, GIT_ODB_BACKEND_VERSION);
	p->parent.read = backend_read;
	p->parent.read_header = backend_read_header;
	p->parent.read_prefix = backend_read_prefix;
	p->parent.exists = backend_exists;
	p->parent.exists_prefix = backend_exists_prefix;
	p->parent.write = backend_write;
	p->parent.free = backend_free;
	return p;
}

/* ---- reading and writing through both ---- */

static void free_odb_object(gpointer data)
{
	git_odb_object_free(data);
}

/* What is in memory somewhere; NULL when the disk must be asked. */
static GBytes *find_in_memory(repo *r, git_object_t *type, const oid *id)
{
	GBytes *data = object_cache_get(r->cache, id, type);
	const pending_object *waiting = data ? NULL : pending_find(r->pending, id);
	if (waiting) {
		*type = waiting->type;
		return pending_read(waiting);
	}
	if (!data && r->prefetch) {
		data = prefetch_take(r->prefetch, id, type);
		if (data)
			object_cache_put(r->cache, id, *type, data);
	}
	return data;
}

/* What pack_reader does not read: loose objects and the rest. */
static bool read_by_libgit2(repo *r, GBytes **out, git_object_t *type, const oid *id, GError **err)
{
	char hex[OID_HEX + 1];
	git_odb_object *object = NULL;
	int status = git_odb_read(&object, r->odb, to_git(id));
	if (status == GIT_ENOTFOUND)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, NULL,
			"object %s is not in the repository", oid_format(hex, id));
	if (status)
		return git_fail(err, TRUCE_ERROR_GIT, "run git fsck on the repository",
			"object %s cannot be read", oid_format(hex, id));
	*type = git_odb_object_type(object);
	*out = g_bytes_new_with_free_func(
		git_odb_object_data(object), git_odb_object_size(object), free_odb_object, object);
	return true;
}

static bool read_from_disk(repo *r, GBytes **out, git_object_t *type, const oid *id, GError **err)
{
	*out = pack_reader_read(r->packs, id, type);
	if (!*out && !read_by_libgit2(r, out, type, id, err))
		return false;
	object_cache_put(r->cache, id, *type, *out);
	return true;
}

bool object_read_type(repo *r, GBytes **out, git_object_t *type, const oid *id, GError **err)
{
	*out = find_in_memory(r, type, id);
	if (!*out && !read_from_disk(r, out, type, id, err))
		return false;
	if (*type != GIT_OBJECT_BLOB || g_bytes_get_size(*out) <= LIMIT_FILE_BYTES)
		return true;
	char hex[OID_HEX + 1];
	error_set(err, TRUCE_ERROR_LIMIT, NULL,
		"blob %s has %zu bytes, more than the %zu that truce reads", oid_format(hex, id),
		g_bytes_get_size(*out), (size_t)LIMIT_FILE_BYTES);
	g_clear_pointer(out, g_bytes_unref);
	return false;
}

bool object_read(repo *r, GBytes **out, git_object_t type, const oid *id, GError **err)
{
	git_object_t found = GIT_OBJECT_INVALID;
	g_autoptr(GBytes) data = NULL;
	char hex[OID_HEX + 1];
	if (!object_read_type(r, &data, &found, id, err))
		return false;
	if (type != GIT_OBJECT_ANY && found != type)
		return error_set(err, TRUCE_ERROR_GIT, NULL, "object %s is a %s, not a %s",
			oid_format(hex, id), git_object_type2string(found),
			git_object_type2string(type));
	*out = g_steal_pointer(&data);
	return true;
}

/* As read_from_disk; *out NULL when there are more bytes than `most`. */
static bool read_most_from_disk(
	repo *r, GBytes **out, git_object_t *type, const oid *id, size_t most, GError **err)
{
	bool longer;
	size_t size;
	*out = pack_reader_read_most(r->packs, id, type, most, &longer);
	if (longer)
		*type = GIT_OBJECT_BLOB;
	/* Loose objects and the rest. What cannot be told is told when it is read. */
	if (!*out && !longer && !git_odb_read_header(&size, type, r->odb, to_git(id)))
		longer = *type == GIT_OBJECT_BLOB && size > most;
	if (longer)
		return true;
	if (!*out && !read_by_libgit2(r, out, type, id, err))
		return false;
	object_cache_put(r->cache, id, *type, *out);
	return true;
}

bool object_read_most(repo *r, GBytes **out, const oid *id, size_t most, GError **err)
{
	char hex[OID_HEX + 1];
	git_object_t type = GIT_OBJECT_INVALID;
	*out = find_in_memory(r, &type, id);
	if (!*out && !read_most_from_disk(r, out, &type, id, most, err))
		return false;
	if (*out && g_bytes_get_size(*out) > most)
		g_clear_pointer(out, g_bytes_unref);
	if (type == GIT_OBJECT_BLOB)
		return true;
	g_clear_pointer(out, g_bytes_unref);
	return error_set(err, TRUCE_ERROR_GIT, NULL, "object %s is a %s, not a blob",
		oid_format(hex, id), git_object_type2string(type));
}

bool object_write(repo *r, oid *out, git_object_t type, GBytes *data, GError **err)
{
	size_t size;
	const void *bytes = g_bytes_get_data(data, &size);
	if (!object_hash(out, type, bytes ? bytes : "", size))
		return git_fail(err, TRUCE_ERROR_INPUT,
			"what was read tries to pass one content off as another: trust nothing of "
			"it",
			"a %s cannot be hashed", git_object_type2string(type));
	if (pending_find(r->pending, out) ||
		!git_odb_exists_ext(r->odb, to_git(out), GIT_ODB_LOOKUP_NO_REFRESH))
		pending_add(r->pending, out, type, data);
	object_cache_put(r->cache, out, type, data);
	return true;
}
