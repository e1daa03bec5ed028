/* Questions: which units show these lines of a file, answered from what is kept or by the kernel.
 */
#include "engine/question.h"

#include "base/error.h"
#include "engine/batch.h"
#include "engine/choices.h"
#include "kernel/ground.h"

struct question {
	tree_facts *facts;
	const char *given;
	question_terms terms;
	guint moment;	      /* see tree_facts_reaches */
	GHashTable *files;    /* char * (set): that were asked what they reach */
	kernel_units *answer; /* the kernel's; NULL: not asked, or given away */
};

question *question_new(tree_facts *t, const char *given, const question_terms *terms)
{
	question *q = g_new0(question, 1);
	q->facts = t;
	q->given = given;
	q->terms = *terms;
	g_array_ref(q->terms.ranges);
	g_ptr_array_ref(q->terms.parsed);
	if (q->terms.others)
		g_ptr_array_ref(q->terms.others);
	q->moment = tree_facts_moment(t);
	q->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return q;
}

void question_free(question *q)
{
	if (!q)
		return;
	g_array_unref(q->terms.ranges);
	g_ptr_array_unref(q->terms.parsed);
	g_clear_pointer(&q->terms.others, g_ptr_array_unref);
	g_hash_table_unref(q->files);
	kernel_units_free(q->answer);
	g_free(q);
}

static bool reaches(const char *file, const char *header, void *data)
{
	const question *q = data;
	return tree_facts_reaches(q->facts, file, header, q->moment);
}

static bool reaches_noted(const char *file, const char *header, void *data)
{
	question *q = data;
	if (!g_hash_table_contains(q->files, file))
		g_hash_table_add(q->files, g_strdup(file));
	return reaches(file, header, data);
}

/* Asks the kernel. */
static bool ask(question *q, GError **err)
{
	kernel_wish wish = {.path = q->terms.path,
		.prefer = q->terms.prefer,
		.ranges = q->terms.ranges,
		.parsed = (const char *const *)q->terms.parsed->pdata,
		.macros = q->terms.macros,
		.assume = q->terms.assume,
		.alone = q->terms.alone,
		.others = q->terms.others,
		.reaches = reaches_noted,
		.data = q};
	if (!kernel_units_for(&q->answer, q->facts->kernel, &wish, err))
		return false;
	for (guint i = 0; i < q->answer->units->len; i++)
		unit_tell_how(((kernel_unit *)g_ptr_array_index(q->answer->units, i))->unit);
	return true;
}

/* The caller's; NULL when the tree has no such file. Of a header only its lines' conditions count:
 * it is never compiled itself. */
static char *key_of(const question *q)
{
	kernel_tree *t = q->facts->kernel;
	const question_terms *x = &q->terms;
	bool header = !g_str_has_suffix(x->path, ".c") && !g_str_has_suffix(x->path, ".S");
	oid blob;
	g_auto(digest) d = {0};
	if (!kernel_tree_blob(t, x->path, &blob))
		return NULL;
	choices_key_begin(&d, "lines", q->given, t);
	digest_add_text(&d, x->path);
	digest_add_text(&d, header ? kernel_lines_shape(t, x->path) : NULL);
	digest_add(&d, blob.bytes, header ? 0 : OID_BYTES);
	digest_add_text(&d, x->macros ? kernel_ground_sources(t) : NULL);
	digest_add_number(&d, x->assume);
	digest_add_number(&d, x->alone);
	choices_key_texts(&d, x->prefer);
	choices_key_ranges(&d, x->ranges);
	choices_key_texts(&d, (const char *const *)x->parsed->pdata);
	digest_add_number(&d, x->others != NULL);
	return digest_hex(&d);
}

bool question_answer(kernel_units **units, question *q, store *db, GError **err)
{
	kernel_tree *t = q->facts->kernel;
	const choice_sight sight = {q->terms.others, reaches, q, q->files};
	g_autofree char *key = key_of(q);
	g_autoptr(GError) why = NULL;
	*units = NULL;
	if (key && !choices_find(units, db, key, t, &sight, err))
		return false;
	if (*units)
		return true;
	if (!ask(q, &why)) {
		if (g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND) ||
			g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_INPUT))
			return true;
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	*units = g_steal_pointer(&q->answer);
	return !key || choices_keep(db, key, q->terms.path, t, &sight, *units, err);
}

bool question_make(analysis_unit **out, question *q, guint n, GError **err)
{
	if (!q->answer && !ask(q, err))
		return false;
	kernel_unit *u = n < q->answer->units->len ? g_ptr_array_index(q->answer->units, n) : NULL;
	if (!u || !u->unit)
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
			"%s: what was chosen is not what was kept", q->terms.path);
	*out = g_steal_pointer(&u->unit);
	return true;
}
