/* From the letters of a box to the patches of a series. */
#include "series/order.h"

#include <string.h>

#include "base/error.h"

/* More series than this in one box are a list's archive, not a series; also bounds the comparing of
 * each with each. */
#define MAX_POSTINGS 1000u

/* Letters that count as one posting: equal total and version, each number once. */
typedef struct posting {
	unsigned total, version;
	guint first;		  /* index of its first letter */
	gint64 newest;		  /* date of its newest letter */
	const char *root;	  /* thread, or NULL */
	GHashTable *numbers;	  /* GUINT_TO_POINTER(n) -> letter * */
	GHashTable *subjects;	  /* of its patches and its cover letter; borrowed strings */
	const struct posting *by; /* the newer revision, or NULL */
} posting;

static posting *posting_new(const letter *l)
{
	posting *p = g_new0(posting, 1);
	p->total = l->patch->total;
	p->version = l->patch->version;
	p->first = l->index;
	p->root = l->root;
	p->numbers = g_hash_table_new(NULL, NULL);
	p->subjects = g_hash_table_new(g_str_hash, g_str_equal);
	return p;
}

static void posting_free(posting *p)
{
	g_hash_table_unref(p->numbers);
	g_hash_table_unref(p->subjects);
	g_free(p);
}

static letter *posting_get(const posting *p, unsigned n)
{
	return g_hash_table_lookup(p->numbers, GUINT_TO_POINTER(n));
}

static void posting_put(posting *p, letter *l)
{
	g_hash_table_insert(p->numbers, GUINT_TO_POINTER(l->patch->number), l);
	g_hash_table_add(p->subjects, l->patch->subject);
	p->newest = MAX(p->newest, l->date);
}

static void say(GPtrArray *notes, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

static void say(GPtrArray *notes, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	g_autofree char *text = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	g_ptr_array_add(notes, text_printable(text, strlen(text)));
}

/* "v2 " for messages; nothing for the first revision. */
static char *version_word(unsigned version)
{
	return version > 1 ? g_strdup_printf("v%u ", version) : g_strdup("");
}

/* Puts a numbered letter where it belongs. The same patch sent again (same number, same subject)
 * takes the place of the older one; another patch of that number starts a posting of its own. */
static void place_letter(GPtrArray *postings, letter *l, GPtrArray *notes)
{
	for (int pass = 0; pass < 2; pass++) {
		for (guint i = 0; i < postings->len; i++) {
			posting *p = g_ptr_array_index(postings, i);
			bool thread = p->root && l->root && !strcmp(p->root, l->root);
			if (p->total != l->patch->total || p->version != l->patch->version ||
				(!pass && !thread))
				continue;
			letter *there = posting_get(p, l->patch->number);
			if (there && strcmp(there->patch->subject, l->patch->subject) != 0)
				continue;
			if (there) {
				letter *older = l->date < there->date ? l : there;
				say(notes, "%s: sent again as %s; the newer one is taken",
					older->name, (older == l ? there : l)->name);
				if (older == l)
					return;
			}
			posting_put(p, l);
			return;
		}
	}
	posting *p = posting_new(l);
	posting_put(p, l);
	g_ptr_array_add(postings, p);
}

static guint shared_subjects(const posting *a, const posting *b)
{
	guint n = 0;
	GHashTableIter it;
	gpointer key;
	g_hash_table_iter_init(&it, a->subjects);
	while (g_hash_table_iter_next(&it, &key, NULL))
		n += g_hash_table_contains(b->subjects, key);
	return n;
}

/* Whether `b` is a newer revision of `a`. */
static bool supersedes(const posting *b, const posting *a)
{
	guint shared = shared_subjects(a, b);
	if (b->version != a->version)
		return b->version > a->version && (shared || a->total == b->total);
	/* Posted anew without a version: most subjects are the same, the count is not. */
	guint smaller = MIN(g_hash_table_size(a->subjects), g_hash_table_size(b->subjects));
	return a->total != b->total && shared && shared * 2 >= smaller &&
	       (b->newest > a->newest || (b->newest == a->newest && b->first > a->first));
}

/* A revision of which only some patches were sent again is completed from the one before. */
static void fill_from(posting *newer, const posting *older, GPtrArray *notes)
{
	if (newer->total != older->total)
		return;
	guint taken = 0;
	for (unsigned n = 1; n <= newer->total; n++) {
		letter *l = posting_get(older, n);
		if (!l || posting_get(newer, n))
			continue;
		posting_put(newer, l);
		taken++;
	}
	if (taken)
		say(notes, "v%u has only some of its %u patches: %u taken from v%u", newer->version,
			newer->total, taken, older->version);
}

static int by_version(gconstpointer a, gconstpointer b)
{
	const posting *p = *(posting *const *)a, *q = *(posting *const *)b;
	if (p->version != q->version)
		return p->version > q->version ? -1 : 1;
	return p->first < q->first ? -1 : p->first > q->first;
}

static void choose_revisions(GPtrArray *postings, const order_options *options, GPtrArray *notes)
{
	bool wanted = false;
	for (guint i = 0; i < postings->len; i++)
		wanted = wanted ||
			 ((posting *)g_ptr_array_index(postings, i))->version == options->version;
	/* Newest first, so that v3 is completed from v2 and that, in turn, was not from v1. */
	g_ptr_array_sort(postings, by_version);
	for (guint i = 0; i < postings->len; i++) {
		posting *newer = g_ptr_array_index(postings, i);
		if (wanted && newer->version > options->version) {
			newer->by = newer;
			say(notes, "revision v%u left out: v%u was asked for", newer->version,
				options->version);
			continue;
		}
		if (newer->by)
			continue;
		for (guint k = 0; k < postings->len; k++) {
			posting *older = g_ptr_array_index(postings, k);
			if (older == newer || older->by || !supersedes(newer, older))
				continue;
			older->by = newer;
			g_autofree char *word = version_word(older->version);
			g_autofree char *new_word = version_word(newer->version);
			say(notes,
				"older revision of %u patches (%s0/%u) left out: %s0/%u is taken",
				g_hash_table_size(older->numbers), word, older->total, new_word,
				newer->total);
			fill_from(newer, older, notes);
		}
	}
}

/* "3, 5-9" */
static void say_missing(const posting *p, GPtrArray *notes)
{
	g_autoptr(GString) list = g_string_new(NULL);
	guint missing = 0;
	for (unsigned n = 1; n <= p->total; n++) {
		if (posting_get(p, n))
			continue;
		unsigned last = n;
		while (last < p->total && !posting_get(p, last + 1))
			last++;
		g_string_append_printf(list, "%s%u", list->len ? ", " : "", n);
		if (last > n)
			g_string_append_printf(list, "-%u", last);
		missing += last - n + 1;
		n = last;
	}
	g_autofree char *word = version_word(p->version);
	if (missing == 1)
		say(notes, "patch %s%s/%u is missing", word, list->str, p->total);
	else if (missing)
		say(notes, "patches %s%s of %u are missing", word, list->str, p->total);
}

/* A reply with a patch counts only where no other letter has its number, or where nothing but
 * replies is there. */
static bool take_reply(GPtrArray *postings, bool others, letter *l)
{
	if (l->error)
		return false;
	if (!l->numbered)
		return !others;
	for (guint i = 0; i < postings->len; i++) {
		posting *p = g_ptr_array_index(postings, i);
		if (p->total == l->patch->total && p->version == l->patch->version && !p->by) {
			if (posting_get(p, l->patch->number))
				return false;
			posting_put(p, l);
			return true;
		}
	}
	return !others;
}

/* Where a letter stands in the series: its posting's first letter, then its number. */
typedef struct slot {
	guint first;
	unsigned number;
	letter *letter;
} slot;

static int by_slot(gconstpointer a, gconstpointer b)
{
	const slot *s = a, *t = b;
	if (s->first != t->first)
		return s->first < t->first ? -1 : 1;
	if (s->number != t->number)
		return s->number < t->number ? -1 : 1;
	return s->letter->index < t->letter->index ? -1 : s->letter->index > t->letter->index;
}

/* Single patches of which a later version is in the box. */
static bool outdated_single(GHashTable *versions, const letter *l)
{
	guint newest = GPOINTER_TO_UINT(g_hash_table_lookup(versions, l->patch->subject));
	return newest > l->patch->version;
}

/* The same mail once more, as when boxes of several lists were put together. */
static bool is_seen(GHashTable *seen, const letter *l, GPtrArray *notes)
{
	const letter *there = l->patch->message_id && *l->patch->message_id
				      ? g_hash_table_lookup(seen, l->patch->message_id)
				      : NULL;
	if (!there && l->patch->message_id)
		g_hash_table_insert(seen, l->patch->message_id, (gpointer)l);
	if (!there || strcmp(there->patch->subject, l->patch->subject) != 0)
		return false;
	say(notes, "%s left out: the same mail as %s", l->name, there->name);
	return true;
}

bool order_letters(GPtrArray **out, GPtrArray *letters, const order_options *options,
	GPtrArray *notes, GError **err)
{
	g_autoptr(GPtrArray) postings =
		g_ptr_array_new_with_free_func((GDestroyNotify)posting_free);
	g_autoptr(GPtrArray) singles = g_ptr_array_new();
	g_autoptr(GPtrArray) replies = g_ptr_array_new();
	g_autoptr(GPtrArray) covers = g_ptr_array_new();
	g_autoptr(GHashTable) versions = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) mails = g_hash_table_new(g_str_hash, g_str_equal);
	guint talk = 0;
	for (guint i = 0; i < letters->len; i++) {
		letter *l = g_ptr_array_index(letters, i);
		if (is_seen(mails, l, notes))
			continue;
		if (l->reply && l->has_diff) {
			g_ptr_array_add(replies, l);
		} else if (l->reply) {
			talk++;
		} else if (l->numbered && !l->patch->number) {
			g_ptr_array_add(covers, l);
			say(notes, "cover letter '%s' (%s) left out", l->patch->subject, l->name);
		} else if (!l->has_diff) {
			say(notes, "%s (%s) left out: there is no patch in it", l->name,
				l->patch->subject);
		} else if (l->numbered && l->patch->total > 1) {
			place_letter(postings, l, notes);
			if (postings->len > MAX_POSTINGS)
				return error_set(err, TRUCE_ERROR_LIMIT,
					"put the mails of one series into a box of their own",
					"more than %u different series in one box", MAX_POSTINGS);
		} else {
			g_ptr_array_add(singles, l);
			guint seen =
				GPOINTER_TO_UINT(g_hash_table_lookup(versions, l->patch->subject));
			if (l->patch->version > seen)
				g_hash_table_insert(versions, l->patch->subject,
					GUINT_TO_POINTER(l->patch->version));
		}
	}
	if (talk)
		say(notes,
			talk == 1 ? "%u reply without a patch left out"
				  : "%u replies without a patch left out",
			talk);
	for (guint i = 0; i < covers->len; i++) {
		letter *l = g_ptr_array_index(covers, i);
		for (guint k = 0; k < postings->len; k++) {
			posting *p = g_ptr_array_index(postings, k);
			if (p->total == l->patch->total && p->version == l->patch->version)
				g_hash_table_add(p->subjects, l->patch->subject);
		}
	}
	choose_revisions(postings, options, notes);
	g_autoptr(GArray) slots = g_array_new(FALSE, FALSE, sizeof(slot));
	bool others = postings->len || singles->len;
	for (guint i = 0; i < replies->len; i++) {
		letter *l = g_ptr_array_index(replies, i);
		guint before = postings->len;
		if (!take_reply(postings, others, l)) {
			say(notes, "reply %s (%s) left out, though a patch is in it", l->name,
				l->patch->subject);
		} else if (!others || before != postings->len) {
			slot s = {l->index, l->patch->number, l};
			g_array_append_val(slots, s);
		}
	}
	for (guint i = 0; i < singles->len; i++) {
		letter *l = g_ptr_array_index(singles, i);
		if (outdated_single(versions, l)) {
			say(notes, "%s (%s) left out: a newer revision is taken", l->name,
				l->patch->subject);
			continue;
		}
		slot s = {l->index, 0, l};
		g_array_append_val(slots, s);
	}
	for (guint i = 0; i < postings->len; i++) {
		posting *p = g_ptr_array_index(postings, i);
		if (p->by)
			continue;
		for (unsigned n = 1; n <= p->total; n++) {
			letter *l = posting_get(p, n);
			slot s = {options->keep_order && l ? l->index : p->first, n, l};
			if (l)
				g_array_append_val(slots, s);
		}
		say_missing(p, notes);
	}
	g_array_sort(slots, by_slot);
	GPtrArray *chosen = g_ptr_array_new();
	for (guint i = 0; i < slots->len; i++)
		g_ptr_array_add(chosen, g_array_index(slots, slot, i).letter);
	*out = chosen;
	return true;
}
