/* A patch as it was read from its source. */
#include "model/patch.h"

hunk *hunk_new(void)
{
	hunk *h = g_new0(hunk, 1);
	h->lines = g_array_new(FALSE, FALSE, sizeof(hunk_line));
	return h;
}

void hunk_free(hunk *h)
{
	if (!h)
		return;
	g_array_unref(h->lines);
	g_free(h->heading);
	g_free(h);
}

patch_file *patch_file_new(void)
{
	patch_file *f = g_new0(patch_file, 1);
	f->similarity = -1;
	f->hunks = g_ptr_array_new_with_free_func((GDestroyNotify)hunk_free);
	return f;
}

void patch_file_free(patch_file *f)
{
	if (!f)
		return;
	g_free(f->old_path);
	g_free(f->new_path);
	g_free(f->old_id);
	g_free(f->new_id);
	g_ptr_array_unref(f->hunks);
	g_clear_pointer(&f->forward.data, g_bytes_unref);
	g_clear_pointer(&f->reverse.data, g_bytes_unref);
	g_free(f);
}

const char *patch_file_path(const patch_file *f)
{
	return f->new_path ? f->new_path : f->old_path;
}

overlay_file *overlay_file_new(const char *path, unsigned mode, GBytes *data)
{
	overlay_file *f = g_new0(overlay_file, 1);
	f->path = g_strdup(path);
	f->mode = mode;
	f->data = g_bytes_ref(data);
	return f;
}

void overlay_file_free(overlay_file *f)
{
	if (!f)
		return;
	g_free(f->path);
	g_clear_pointer(&f->data, g_bytes_unref);
	g_free(f);
}

patch *patch_new(patch_kind kind, const char *source)
{
	patch *p = g_new0(patch, 1);
	p->kind = kind;
	p->source = g_strdup(source);
	p->version = 1;
	p->prerequisites = g_ptr_array_new_with_free_func(g_free);
	p->files = g_ptr_array_new_with_free_func(kind == PATCH_OVERLAY
			? (GDestroyNotify)overlay_file_free
			: (GDestroyNotify)patch_file_free);
	return p;
}

void person_clear(person *p)
{
	g_clear_pointer(&p->name, g_free);
	g_clear_pointer(&p->email, g_free);
}

bool person_is_nobody(const person *p)
{
	return !p->name || !g_strcmp0(p->email, NOBODY_EMAIL);
}

void person_copy(person *to, const person *from)
{
	*to = *from;
	to->name = g_strdup(from->name);
	to->email = g_strdup(from->email);
}

void patch_free(patch *p)
{
	if (!p)
		return;
	g_free(p->source);
	g_free(p->subject);
	g_free(p->message);
	person_clear(&p->author);
	g_free(p->message_id);
	g_free(p->base_commit);
	g_free(p->change_id);
	g_ptr_array_unref(p->prerequisites);
	g_ptr_array_unref(p->files);
	g_clear_pointer(&p->text, g_bytes_unref);
	g_free(p);
}

patch_list *patch_list_new(void)
{
	patch_list *l = g_new0(patch_list, 1);
	l->patches = g_ptr_array_new_with_free_func((GDestroyNotify)patch_free);
	l->notes = g_ptr_array_new_with_free_func(g_free);
	return l;
}

void patch_list_free(patch_list *l)
{
	if (!l)
		return;
	g_ptr_array_unref(l->patches);
	g_ptr_array_unref(l->notes);
	g_free(l->base_hint);
	g_free(l);
}
