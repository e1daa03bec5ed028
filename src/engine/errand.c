/* Errands: jobs for the readers of a file. */
#include "engine/errand.h"

#include "analyzers/list.h"
#include "base/error.h"
#include "base/text.h"
#include "engine/archs.h"
#include "engine/choices.h"
#include "engine/internal.h"

read_job *errand_make_job(facts_reader *f, guint tree, const analyzer *reader, analysis_unit *unit)
{
	tree_facts *t = g_ptr_array_index(f->trees, tree);
	reuse_place where = {t->kernel, t->tree, t->wanted};
	return read_job_new(tree, reader, unit, &where);
}

const analyzer *compiler_of(const char *path)
{
	g_autoptr(GPtrArray) readers = g_ptr_array_new();
	analyzers_for(readers, path);
	for (guint i = 0; i < readers->len; i++) {
		const analyzer *a = g_ptr_array_index(readers, i);
		if (a->needs_layout)
			return a;
	}
	return NULL;
}

/* ---- a compiler's readers ---- */

/* A file that one unit is asked of. */
typedef struct single {
	kernel_tree *tree;
	char *path, *arch;
	char **symbols; /* NULL: the first configuration */
	bool header;
} single;

static void single_free(gpointer data)
{
	single *q = data;
	g_free(q->path);
	g_free(q->arch);
	g_strfreev(q->symbols);
	g_free(q);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(single, single_free)

static bool make_single(analysis_unit **out, void *data, GError **err)
{
	const single *q = data;
	if (q->header)
		return kernel_tree_header_unit(out, q->tree, q->path, q->arch, err);
	if (!q->symbols)
		return kernel_tree_unit(out, q->tree, q->path, q->arch, err);
	return kernel_tree_unit_with(
		out, q->tree, q->path, q->arch, (const char *const *)q->symbols, NULL, err);
}

/* The caller's; NULL when the tree has no such file. A header's own content decides nothing. */
static char *single_key(const facts_reader *f, const single *q)
{
	oid blob;
	g_auto(digest) d = {0};
	if (!kernel_tree_blob(q->tree, q->path, &blob))
		return NULL;
	choices_key_begin(&d, q->header ? "header" : "file", f->given, q->tree);
	digest_add_text(&d, q->path);
	digest_add(&d, blob.bytes, q->header ? 0 : OID_BYTES);
	digest_add_text(&d, q->arch);
	digest_add_number(&d, q->symbols != NULL);
	choices_key_texts(&d, (const char *const *)q->symbols);
	return digest_hex(&d);
}

/* Asks the kernel: *unit NULL when there is none. */
static bool ask_single(analysis_unit **unit, const single *q, GError **err)
{
	g_autoptr(GError) why = NULL;
	if (make_single(unit, (void *)q, &why))
		return true;
	if (g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND) ||
		g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_INPUT))
		return true;
	g_propagate_error(err, g_steal_pointer(&why));
	return false;
}

/* The unit, or what stands for it, when there is one; from what is kept, else made. */
static bool find_single(analysis_unit **unit, facts_reader *f, const single *q, GError **err)
{
	store *s = f->engine->store;
	g_autofree char *key = single_key(f, q);
	g_autoptr(kernel_units) kept = NULL;
	if (key && !choices_find(&kept, s, key, q->tree, NULL, err))
		return false;
	if (kept) {
		if (kept->units->len)
			*unit = g_steal_pointer(
				&((kernel_unit *)g_ptr_array_index(kept->units, 0))->unit);
		return true;
	}
	if (!ask_single(unit, q, err))
		return false;
	if (!key)
		return true;
	g_autoptr(kernel_units) answer = kernel_units_new();
	kernel_unit *u = *unit ? kernel_unit_new() : NULL;
	answer->by_includes = q->header;
	if (u) {
		unit_tell_how(*unit);
		u->unit = *unit;
		g_ptr_array_add(answer->units, u);
	}
	bool ok = choices_keep(s, key, q->path, q->tree, NULL, answer, err);
	if (u)
		u->unit = NULL; /* is the caller's */
	return ok;
}

/* *job NULL: there is no unit. Takes what is asked. */
static bool single_job(read_job **job, facts_reader *f, guint tree, const analyzer *reader,
	single *take, GError **err)
{
	g_autoptr(single) q = take;
	g_autoptr(analysis_unit) unit = NULL;
	*job = NULL;
	if (!find_single(&unit, f, q, err))
		return false;
	if (unit && !reader)
		reader = compiler_of(unit->path);
	if (!unit || !reader)
		return true;
	*job = errand_make_job(f, tree, reader, g_steal_pointer(&unit));
	(*job)->maker = (unit_maker){make_single, g_steal_pointer(&q), single_free};
	return true;
}

static single *single_new(tree_facts *t, const char *path, const char *arch)
{
	single *q = g_new0(single, 1);
	q->tree = t->kernel;
	q->path = g_strdup(path);
	q->arch = g_strdup(arch);
	return q;
}

bool errand_compiler_job(read_job **job, facts_reader *f, const errand *x, GError **err)
{
	tree_facts *t = g_ptr_array_index(f->trees, x->tree);
	g_autofree char *arch = x->arch ? g_strdup(x->arch) : archs_first(f, t, x->path);
	*job = NULL;
	if (!arch)
		return true;
	single *q = single_new(t, x->path, arch);
	q->symbols = g_strdupv((char **)x->symbols);
	return single_job(job, f, x->tree, x->reader, q, err);
}

bool errand_header_job(
	read_job **job, facts_reader *f, guint tree, const char *header, GError **err)
{
	tree_facts *t = g_ptr_array_index(f->trees, tree);
	g_autofree char *arch = archs_first(f, t, header);
	*job = NULL;
	if (!arch)
		return true;
	single *q = single_new(t, header, arch);
	q->header = true;
	return single_job(job, f, tree, NULL, q, err);
}

/* Symbols as an answer that is kept: each in the place of a reason. */
static kernel_units *symbols_answer(char **symbols)
{
	kernel_units *answer = kernel_units_new();
	for (; *symbols; symbols++) {
		kernel_unreached *u = g_new0(kernel_unreached, 1);
		u->reason = g_strdup(*symbols);
		g_ptr_array_add(answer->unreached, u);
	}
	return answer;
}

static char **answer_symbols(const kernel_units *answer)
{
	GPtrArray *out = g_ptr_array_new();
	for (guint i = 0; i < answer->unreached->len; i++)
		g_ptr_array_add(
			out, g_strdup(((kernel_unreached *)g_ptr_array_index(answer->unreached, i))
					      ->reason));
	g_ptr_array_add(out, NULL);
	return (char **)g_ptr_array_free(out, FALSE);
}

bool errand_switches(
	char ***out, const facts_reader *f, tree_facts *t, const char *arch, GError **err)
{
	store *s = f->engine->store;
	g_autoptr(kernel_units) answer = NULL;
	g_auto(digest) d = {0};
	choices_key_begin(&d, "symbols", f->given, t->kernel);
	digest_add_text(&d, arch);
	g_autofree char *key = digest_hex(&d);
	if (!choices_find(&answer, s, key, t->kernel, NULL, err))
		return false;
	if (!answer) {
		g_auto(GStrv) symbols = kernel_tree_new_symbols(t->kernel, arch);
		answer = symbols_answer(symbols);
		if (!choices_keep(s, key, arch, t->kernel, NULL, answer, err))
			return false;
	}
	*out = answer_symbols(answer);
	return true;
}

bool errand_text_job(read_job **job, engine *e, facts_reader *f, const errand *x, GError **err)
{
	g_autoptr(GBytes) text = NULL;
	*job = NULL;
	if (!repo_read_source(e->repo, &text, x->blob, err))
		return false;
	gsize len = 0;
	const char *bytes = text ? g_bytes_get_data(text, &len) : NULL;
	if (!text || text_is_binary(bytes, len))
		return true;
	analysis_unit *unit = g_new0(analysis_unit, 1);
	unit->path = g_strdup(x->path);
	unit->blob = *x->blob;
	unit->text = g_steal_pointer(&text);
	unit->arch = g_strdup("");
	unit->bodies = true;
	*job = errand_make_job(f, x->tree, x->reader, unit);
	return true;
}

void errand_free_job(gpointer job)
{
	read_job_free(job); /* NULL is fine */
}
