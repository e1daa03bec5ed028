/* zlib streams, made and undone by libdeflate. */
#include "git/deflate.h"

#include <libdeflate.h>

/* As git writes loose objects: speed counts, `git gc` packs tighter later. */
#define LEVEL 1
/* Bytes for which another thread pays. */
#define BYTES_PER_THREAD ((size_t)1 << 20)
#define THREADS_MAX 8u

typedef struct work {
	pending_object **objects;
	guint count;
	gint next; /* atomic: the next object that nobody has taken */
} work;

static void deflate_one(struct libdeflate_compressor *compressor, pending_object *o)
{
	size_t bound = libdeflate_zlib_compress_bound(compressor, o->size);
	o->deflated = g_malloc(bound);
	o->deflated_size = libdeflate_zlib_compress(
		compressor, g_bytes_get_data(o->raw, NULL), o->size, o->deflated, bound);
	g_assert(o->deflated_size); /* the bound is large enough by contract */
	o->deflated = g_realloc(o->deflated, o->deflated_size);
	g_clear_pointer(&o->raw, g_bytes_unref);
}

static gpointer deflate_some(gpointer data)
{
	work *w = data;
	struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(LEVEL);
	g_assert(compressor); /* as g_malloc */
	for (;;) {
		guint i = (guint)g_atomic_int_add(&w->next, 1);
		if (i >= w->count)
			break;
		if (!w->objects[i]->deflated)
			deflate_one(compressor, w->objects[i]);
	}
	libdeflate_free_compressor(compressor);
	return NULL;
}

void deflate_objects(pending_object **objects, guint count)
{
	work w = {objects, count, 0};
	GThread *others[THREADS_MAX - 1];
	size_t bytes = 0;
	for (guint i = 0; i < count; i++)
		bytes += objects[i]->deflated ? 0 : objects[i]->size;
	unsigned wanted = (unsigned)MIN(bytes / BYTES_PER_THREAD, THREADS_MAX - 1), started = 0;
	for (; started < wanted && started + 1 < g_get_num_processors(); started++)
		others[started] = g_thread_new("truce-deflate", deflate_some, &w);
	deflate_some(&w);
	while (started)
		g_thread_join(others[--started]);
}

GBytes *deflate_undo(const pending_object *o)
{
	guint8 *data = g_malloc(o->size + 1);
	struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
	g_assert(inflater);
	enum libdeflate_result result = libdeflate_zlib_decompress(
		inflater, o->deflated, o->deflated_size, data, o->size, NULL);
	libdeflate_free_decompressor(inflater);
	if (result == LIBDEFLATE_SUCCESS)
		return g_bytes_new_take(data, o->size);
	g_free(data);
	return NULL;
}
