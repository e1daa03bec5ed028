/* Errands: jobs for the readers of a file. */
#include "engine/errand.h"

#include "analyzers/list.h"
#include "base/error.h"
#include "base/text.h"
#include "engine/archs.h"
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

/* The job of a compiler's reader. *job NULL: no unit can be made of the file, it is read as text
 * only; coverage says so. */
bool errand_compiler_job(read_job **job, facts_reader *f, const errand *x, GError **err)
{
	tree_facts *t = g_ptr_array_index(f->trees, x->tree);
	g_autofree char *arch = x->arch ? g_strdup(x->arch) : archs_first(f, t, x->path);
	*job = NULL;
	if (!arch)
		return true;
	g_autoptr(analysis_unit) unit = NULL;
	g_autoptr(GError) why = NULL;
	bool made = x->symbols ? kernel_tree_unit_with(
					 &unit, t->kernel, x->path, arch, x->symbols, NULL, &why)
			       : kernel_tree_unit(&unit, t->kernel, x->path, arch, &why);
	if (!made) {
		if (g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND) ||
			g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_INPUT))
			return true;
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	*job = errand_make_job(f, x->tree, x->reader, g_steal_pointer(&unit));
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
