/* Parsing files of other trees than base and tips, for a reader that knows those. */
#include "engine/archs.h"
#include "engine/build.h"
#include "engine/errand.h"
#include "engine/reading.h"

static guint count_errors(const fact_set *set)
{
	guint errors = 0;
	for (guint i = 0; i < set->diagnostics->len; i++)
		errors += g_array_index(set->diagnostics, diagnostic, i).level == DIAGNOSTIC_ERROR;
	return errors;
}

/* A question at work. */
typedef struct parsing {
	parse_request *request;
	tree_facts *facts;
	GPtrArray *jobs; /* read_job * */
} parsing;

static void parsing_free(gpointer data)
{
	parsing *p = data;
	g_ptr_array_unref(p->jobs); /* jobs borrow from the tree: they go first */
	tree_facts_free(p->facts);
	g_free(p);
}

/* Questions whose trees are open at the same time: enough that the workers have something to do
 * while a tree is opened; each holds some MB. */
#define PARSING_AHEAD 6u

static void free_set(gpointer set)
{
	fact_set_free(set); /* NULL is fine */
}

/* Opens the question's tree and begins to parse. */
static bool begin_parsing(engine *e, facts_reader *f, batch *b, parsing *p, GError **err)
{
	tree_facts *base = g_ptr_array_index(f->trees, 0);
	const parse_request *r = p->request;
	bool ok = oid_equal(&r->tree, &base->tree)
			  ? build_open_tree(&p->facts->kernel, e, &r->tree, err)
			  : kernel_tree_tip(&p->facts->kernel, base->kernel, &r->tree, err);
	guint index = f->trees->len;
	g_ptr_array_add(f->trees, p->facts);
	/* All are wanted before the first is begun: what is asked for never depends on the time. */
	for (guint i = 0; ok && i < r->paths->len; i++) {
		oid blob;
		const char *path = g_ptr_array_index(r->paths, i);
		if (kernel_tree_blob(p->facts->kernel, path, &blob))
			tree_facts_want(p->facts, path, &blob);
	}
	for (guint i = 0; ok && i < r->paths->len; i++) {
		errand x = {.tree = index,
			.path = g_ptr_array_index(r->paths, i),
			.reader = compiler_of(g_ptr_array_index(r->paths, i)),
			.symbols = r->symbols};
		read_job *j;
		if (!x.reader || !g_hash_table_contains(p->facts->wanted, x.path))
			continue;
		ok = errand_compiler_job(&j, f, &x, err);
		if (!ok || !j)
			continue;
		g_ptr_array_add(p->jobs, j);
		ok = batch_add(b, j, err);
	}
	(void)g_ptr_array_steal_index(f->trees, index);
	return ok;
}

static bool is_parsed(const parsing *p)
{
	for (guint i = 0; i < p->jobs->len; i++) {
		if (!read_job_is_done(g_ptr_array_index(p->jobs, i)))
			return false;
	}
	return true;
}

/* Hands the answers over. */
static void end_parsing(facts_reader *f, parsing *p)
{
	parse_request *r = p->request;
	guint index = f->trees->len;
	g_ptr_array_add(f->trees, p->facts);
	for (guint i = 0; i < p->jobs->len; i++)
		((read_job *)g_ptr_array_index(p->jobs, i))->tree = index;
	tree_facts_collect(f->trees, p->jobs);
	(void)g_ptr_array_steal_index(f->trees, index);
	r->sets = g_ptr_array_new_with_free_func(free_set);
	for (guint i = 0; i < r->paths->len; i++) {
		gpointer set = NULL;
		g_hash_table_steal_extended(
			p->facts->sets, g_ptr_array_index(r->paths, i), NULL, &set);
		g_ptr_array_add(r->sets, set);
	}
}

/* Ends what is parsed, oldest first, and waits until at most `most` questions are open. */
static bool end_some(facts_reader *f, batch *b, GPtrArray *open, guint most, GError **err)
{
	while (open->len) {
		if (is_parsed(g_ptr_array_index(open, 0))) {
			end_parsing(f, g_ptr_array_index(open, 0));
			g_ptr_array_remove_index(open, 0);
		} else if (open->len <= most) {
			return true;
		} else if (!batch_turn(b, true, err)) {
			return false;
		}
	}
	return true;
}

bool facts_reader_parse(
	engine *e, facts_reader *f, const char *title, GPtrArray *requests, GError **err)
{
	guint total = 0;
	for (guint i = 0; i < requests->len; i++)
		total += ((parse_request *)g_ptr_array_index(requests, i))->paths->len;
	if (!total)
		return true;
	/* Jobs go before the batch that knows them. */
	g_autoptr(batch) b = batch_new(e, title, total);
	g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(parsing_free);
	for (guint i = 0; i < requests->len; i++) {
		parse_request *r = g_ptr_array_index(requests, i);
		if (!r->paths->len)
			continue;
		parsing *p = g_new0(parsing, 1);
		p->request = r;
		p->facts = tree_facts_new(&r->tree);
		p->jobs = g_ptr_array_new_with_free_func(errand_free_job);
		g_ptr_array_add(open, p);
		if (!begin_parsing(e, f, b, p, err) || !end_some(f, b, open, PARSING_AHEAD, err))
			return false;
	}
	return end_some(f, b, open, 0, err);
}

parse_request *parse_request_new(const oid *tree, const char *const *symbols)
{
	parse_request *r = g_new0(parse_request, 1);
	r->tree = *tree;
	r->paths = g_ptr_array_new_with_free_func(g_free);
	r->symbols = symbols;
	return r;
}

void parse_request_free(parse_request *r)
{
	if (!r)
		return;
	g_ptr_array_unref(r->paths);
	g_clear_pointer(&r->sets, g_ptr_array_unref);
	g_free(r);
}

const fact_set *parse_request_set(const parse_request *r, guint i)
{
	return r->sets ? g_ptr_array_index(r->sets, i) : NULL;
}

guint parse_request_errors(const parse_request *r, guint i)
{
	const fact_set *set = parse_request_set(r, i);
	return set && set->units ? count_errors(set) : G_MAXUINT;
}

char *facts_reader_includer(const facts_reader *f, guint series_index, const char *header)
{
	tree_facts *tip = g_ptr_array_index(f->trees, series_index + 1);
	g_autofree char *arch = archs_first(f, tip, header);
	char *path = NULL;
	return arch && kernel_tree_includer(&path, tip->kernel, header, arch, NULL) ? path : NULL;
}

/* Nothing of it was seen, and what is told of it stands in no line. */
static bool no_reader_survived(const fact_set *set)
{
	for (guint i = 0; i < set->diagnostics->len; i++)
		if (!g_array_index(set->diagnostics, diagnostic, i).line)
			return !set->seen->len;
	return false;
}

bool facts_reader_survived(const facts_reader *f, const char *path)
{
	bool read = false;
	for (guint i = 1; i < f->trees->len; i++) {
		const tree_facts *tip = g_ptr_array_index(f->trees, i);
		const fact_set *set = g_hash_table_lookup(tip->sets, path);
		if (set && !no_reader_survived(set))
			return true;
		read |= set != NULL;
	}
	return !read;
}

bool facts_reader_knows_errors(
	guint *errors, const facts_reader *f, guint series_index, const char *path)
{
	const tree_facts *tip = g_ptr_array_index(f->trees, series_index + 1);
	const fact_set *set = g_hash_table_lookup(tip->sets, path);
	if (set)
		*errors = set->units ? count_errors(set) : G_MAXUINT;
	return set != NULL;
}
