/* Which hunks of a series depend on which, read from the names in their lines. */
#include "plan/reader.h"

/* --- the lists --- */

static void links_init(links *k, const atom_list *l)
{
	*k = (links){.l = l};
	k->joins = g_array_new(FALSE, FALSE, sizeof(link_join));
	k->edges = g_array_new(FALSE, FALSE, sizeof(link_edge));
	k->makers =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_array_unref);
	k->strings = g_string_chunk_new(4096);
}

void links_clear(links *k)
{
	g_clear_pointer(&k->joins, g_array_unref);
	g_clear_pointer(&k->edges, g_array_unref);
	g_clear_pointer(&k->makers, g_hash_table_unref);
	g_clear_pointer(&k->strings, g_string_chunk_free);
}

void links_join(links *k, unsigned a, unsigned b)
{
	link_join j = {a, b};
	if (a != b)
		g_array_append_val(k->joins, j);
}

void links_add(links *k, const link_edge *e)
{
	if (e->from != e->to)
		g_array_append_vals(k->edges, e, 1);
}

void links_after(links *k, unsigned from, unsigned to)
{
	links_add(k, &(link_edge){.from = from, .to = to});
}

/* --- hunks that cannot be told apart --- */

/* Hunks inside one function, type or macro. */
static void join_blocks(reader *d, const file_names *f, bool tip)
{
	const GArray *blocks = tip ? f->tip->blocks : f->base->blocks;
	if (!tip && f->change->status == CHANGE_ADDED)
		return;
	for (guint i = 0; i < blocks->len; i++) {
		const line_block *b = &g_array_index(blocks, line_block, i);
		unsigned first = G_MAXUINT;
		for (guint k = 0; k < f->atoms->len; k++) {
			unsigned id = g_array_index(f->atoms, unsigned, k);
			const change_hunk *h = atom_get(d->k->l, id)->lines;
			unsigned start = tip ? h->new_start : h->old_start;
			unsigned count = tip ? h->new_count : h->old_count;
			bool inside = count ? start <= b->last && b->first < start + count
					    : b->first <= start && start < b->last;
			if (!inside)
				continue;
			if (first == G_MAXUINT)
				first = id;
			links_join(d->k, first, id);
		}
	}
}

static void add_balance(
	line_balance *sum, const source_names *s, unsigned start, unsigned count, int sign)
{
	for (unsigned line = start; line < start + count && line <= s->balance->len; line++) {
		const line_balance *b = &g_array_index(s->balance, line_balance, line - 1);
		sum->braces += sign * b->braces;
		sum->parens += sign * b->parens;
		sum->conditions += sign * b->conditions;
	}
}

/* A hunk that opens more than it closes goes with those up to where it is closed. */
static void join_unbalanced(reader *d, const file_names *f)
{
	line_balance sum = {0, 0, 0};
	unsigned before = G_MAXUINT;
	for (guint i = 0; i < f->atoms->len; i++) {
		unsigned id = g_array_index(f->atoms, unsigned, i);
		const change_hunk *h = atom_get(d->k->l, id)->lines;
		if (before != G_MAXUINT && (sum.braces || sum.parens || sum.conditions))
			links_join(d->k, before, id);
		add_balance(&sum, f->tip, h->new_start, h->new_count, 1);
		add_balance(&sum, f->base, h->old_start, h->old_count, -1);
		before = id;
	}
}

static void join_file(reader *d, const file_names *f)
{
	if (f->atoms->len < 2)
		return;
	if (change_is_whole(f->change)) {
		for (guint i = 1; i < f->atoms->len; i++)
			links_join(d->k, g_array_index(f->atoms, unsigned, 0),
				g_array_index(f->atoms, unsigned, i));
		return;
	}
	join_blocks(d, f, true);
	join_blocks(d, f, false);
	join_unbalanced(d, f);
}

/* --- a series --- */

static bool link_series(links *k, repo *r, unsigned series_index, GError **err)
{
	const series *s = g_ptr_array_index(k->l->m->series, series_index);
	reader d;
	reader_init(&d, k, r, series_index);
	bool ok = true;
	for (guint i = 0; ok && s->changes && i < s->changes->len; i++)
		ok = reader_read(&d, g_ptr_array_index(s->changes, i), err);
	if (ok)
		reader_collect(&d);
	for (guint i = 0; ok && i < d.files->len; i++) {
		join_file(&d, g_ptr_array_index(d.files, i));
		link_uses(&d, g_ptr_array_index(d.files, i));
	}
	if (ok)
		link_moves(&d);
	reader_clear(&d);
	return ok;
}

bool links_read(links *k, const atom_list *l, repo *r, GError **err)
{
	links_init(k, l);
	for (unsigned i = 0; i < l->m->series->len; i++) {
		if (!link_series(k, r, i, err))
			return false;
	}
	return true;
}
