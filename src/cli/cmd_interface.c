/* truce interface: the catalogue of the common interface, drafted, checked, explained, tried. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/interface_json.h"
#include "cli/suggest.h"
#include "engine/interface.h"
#include "report/sheet.h"
#include "report/table.h"
#include "report/tally.h"

/* --- what the commands share --- */

#define DEFAULT_REV "HEAD"
#define HELP_JSON "as JSON (docs/truce-interface-1.schema.json)"
#define HELP_RULES "the catalogue, by name or path; when not given, the one that fits the tree"

/* The repository when there is one: names and paths of packs work outside of it too. */
static repo *maybe_repo(void)
{
	repo *r = NULL;
	return repo_open(&r, NULL, NULL) ? r : NULL;
}

/* The point of that id; else of that member; else of any of its names. */
static bool find_point(guint *at, const GPtrArray *points, const char *name)
{
	for (unsigned pass = 0; pass < 3; pass++)
		for (guint i = 0; i < points->len; i++) {
			const point *p = g_ptr_array_index(points, i);
			bool hit = pass == 0   ? !strcmp(p->id, name)
				   : pass == 1 ? !strcmp(p->member, name)
					       : point_is_named(p, name);
			if (hit) {
				*at = i;
				return true;
			}
		}
	return false;
}

static bool no_point(const interface_pack *pack, const char *name, GError **err)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < pack->points->len; i++) {
		const point *p = g_ptr_array_index(pack->points, i);
		g_ptr_array_add(names, strchr(name, '.') ? p->id : p->member);
	}
	const char *near = suggest(name, (const char *const *)names->pdata, names->len);
	g_autofree char *hint = near ? g_strdup_printf("did you mean '%s'?", near)
				     : g_strdup_printf("`truce interface list %s` shows its points",
					       pack->info->name);
	return error_set(
		err, TRUCE_ERROR_NOT_FOUND, hint, "%s has no point '%s'", pack->info->name, name);
}

/* --- list --- */

typedef struct list_options {
	const char *tree;
	bool json;
} list_options;

static const option list_table[] = {
	{0, "tree", OPTION_TEXT, "REV", "the tree that catalogues are held against (HEAD)",
		G_STRUCT_OFFSET(list_options, tree), NULL},
	{0, "json", OPTION_FLAG, NULL, HELP_JSON, G_STRUCT_OFFSET(list_options, json), NULL},
	{0},
};

static void list_packs(sheet *s, GPtrArray *packs)
{
	g_autoptr(table) t = table_new();
	table_column(t, "PACK", TABLE_LEFT, false);
	table_column(t, "VERSION", TABLE_LEFT, false);
	table_column(t, "POINTS", TABLE_RIGHT, false);
	table_column(t, "FITS", TABLE_LEFT, false);
	table_column(t, "WHAT", TABLE_LEFT, true);
	for (guint i = 0; i < packs->len; i++) {
		const interface_pack *p = g_ptr_array_index(packs, i);
		table_cell(t, STYLE_NAME, p->info->name);
		table_cell(t, STYLE_PLAIN, p->info->version);
		table_number(t, STYLE_PLAIN, p->points->len);
		table_cell(t, p->fits ? STYLE_GOOD : STYLE_DIM, p->fits ? "yes" : "");
		table_cell(t, STYLE_PLAIN, p->info->title);
	}
	table_print(t, s, 0);
}

static void list_points(sheet *s, const interface_pack *p)
{
	g_autofree char *note = g_strdup_printf("%s, %u points", p->info->version, p->points->len);
	sheet_section(s, p->info->name, note);
	sheet_wrap(s, STYLE_PLAIN, 0, 0, p->info->title);
	sheet_newline(s);
	g_autoptr(table) t = table_new();
	table_column(t, "POINT", TABLE_LEFT, false);
	table_column(t, "WHAT", TABLE_LEFT, true);
	table_column(t, "TYPE", TABLE_LEFT, true);
	for (guint i = 0; i < p->points->len; i++) {
		const point *o = g_ptr_array_index(p->points, i);
		table_cell(t, STYLE_NAME, o->id);
		table_cell(t, STYLE_PLAIN, o->title);
		table_cell(t, STYLE_DIM, o->signature);
	}
	table_print(t, s, 0);
}

static bool run_list(context *c, const void *options, GPtrArray *args, GError **err)
{
	const list_options *o = options;
	const char *rev = o->tree ? o->tree : DEFAULT_REV;
	g_autoptr(repo) r = maybe_repo();
	g_autoptr(GString) out = g_string_new(NULL);
	report_options look = context_look(c, false);
	sheet s = sheet_on(out, &look);
	if (args->len) {
		g_autoptr(interface_pack) pack = NULL;
		if (!interface_pack_open(&pack, g_ptr_array_index(args, 0), r, rev, err))
			return false;
		if (o->json)
			interface_json_points(out, "list", pack, pack->points, NULL);
		else
			list_points(&s, pack);
	} else {
		g_autoptr(GPtrArray) packs = NULL;
		if (!interface_packs(&packs, r, o->tree, err))
			return false;
		if (o->json)
			interface_json_packs(out, packs);
		else
			list_packs(&s, packs);
	}
	return context_page(c, out, err);
}

static const command cmd_list = {
	.name = "interface list",
	.summary = "the catalogues, or the points of one",
	.usage = "[PACK] [--tree REV] [--json]",
	.description = "Says of each catalogue whether it fits the tree.",
	.examples = "truce interface list\n"
		    "truce interface list paravirt-i386",
	.options = list_table,
	.options_size = sizeof(list_options),
	.max_args = 1,
	.run = run_list,
};

/* --- show --- */

typedef struct show_options {
	const char *rules, *tree;
	bool json;
} show_options;

static const option show_table[] = {
	{'r', "rules", OPTION_TEXT, "PACK", HELP_RULES, G_STRUCT_OFFSET(show_options, rules), NULL},
	{0, "tree", OPTION_TEXT, "REV", "the tree that the catalogue has to fit (HEAD)",
		G_STRUCT_OFFSET(show_options, tree), NULL},
	{0, "json", OPTION_FLAG, NULL, HELP_JSON, G_STRUCT_OFFSET(show_options, json), NULL},
	{0},
};

/* As `truce show POINT` has them. */
#define INDENT 2u
#define LABEL_COLUMNS 12u

static void label(sheet *s, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	sheet_blank(s, INDENT);
	sheet_cell(s, STYLE_DIM, name, LABEL_COLUMNS);
	sheet_wrap(s, STYLE_PLAIN, INDENT + LABEL_COLUMNS, INDENT + LABEL_COLUMNS, text);
}

static void show_terms(sheet *s, const point *p)
{
	for (guint i = 0; i < p->terms->len; i++) {
		const contract_term *t = g_ptr_array_index(p->terms, i);
		g_autofree char *text =
			*t->of ? g_strdup_printf("%s: %s", t->of, t->value) : g_strdup(t->value);
		label(s, contract_aspect_name(t->aspect), text);
	}
}

static void show_required(sheet *s, const point *p)
{
	static const char *const says[] = {
		[REQUIRED_ALWAYS] = "always",
		[REQUIRED_NEVER] = "never: native code serves",
	};
	g_autofree char *when =
		p->required == REQUIRED_WHEN ? g_strdup_printf("when %s", p->required_when) : NULL;
	if (p->required != REQUIRED_UNSAID)
		label(s, "required", when ? when : says[p->required]);
}

static void show_history(sheet *s, const interface_pack *pack, const point *p)
{
	const char *name = "history";
	for (guint i = 0; i < pack->history->len; i++) {
		const point_event *e = g_ptr_array_index(pack->history, i);
		if (strcmp(e->point, p->id) != 0)
			continue;
		g_autofree char *text = g_strdup_printf("%s: %s", e->version, e->what);
		label(s, name, text);
		name = "";
	}
}

static void show_described(sheet *s, const interface_pack *pack, const point *p)
{
	g_autofree char *from = g_strdup_printf("%s %s", pack->info->name, pack->info->version);
	sheet_print(s, STYLE_NAME, "%s", p->id);
	sheet_blank(s, 2);
	sheet_print(s, STYLE_DIM, "%s", from);
	sheet_newline(s);
	sheet_wrap(s, STYLE_HEAD, 0, 0, p->title);
	sheet_newline(s);
	label(s, "signature", p->signature);
	for (guint i = 0; i < p->variants->len; i++)
		label(s, "or", g_ptr_array_index(p->variants, i));
	label(s, "contract", p->contract);
	show_terms(s, p);
	show_required(s, p);
	label(s, "native", p->native);
	for (guint i = 0; i < p->aliases->len; i++)
		label(s, i ? "" : "aliases", g_ptr_array_index(p->aliases, i));
	show_history(s, pack, p);
}

/* Who hooks it how, when an analysis is there: a line a series. `truce show` has the code. */
static void show_sides(sheet *s, const mediation *m, const point *p)
{
	const point_result *r = mediation_point(m, p->id);
	const char *name = "series";
	for (guint i = 0; r && i < r->sides->len; i++) {
		const point_side *side = g_ptr_array_index(r->sides, i);
		const series *of = g_ptr_array_index(m->series, i);
		const evidence *e = tally_side_evidence(side);
		const char *state = point_state_name(side->state);
		g_autofree char *how = tally_side_how(side, 0);
		g_autofree char *text = e ? g_strdup_printf("%s: %s (%s) at %s:%u", of->name, state,
						    how, e->path, e->line)
					  : g_strdup_printf("%s: %s", of->name, state);
		label(s, name, text);
		name = "";
	}
}

/* `m` NULL: without what series do. */
static void show_points(
	context *c, GString *out, const interface_pack *pack, GPtrArray *points, const mediation *m)
{
	report_options look = context_look(c, false);
	sheet s = sheet_on(out, &look);
	for (guint i = 0; i < points->len; i++) {
		const point *p = g_ptr_array_index(points, i);
		if (i)
			sheet_newline(&s);
		show_described(&s, pack, p);
		if (m)
			show_sides(&s, m, p);
	}
}

static bool run_show(context *c, const void *options, GPtrArray *args, GError **err)
{
	const show_options *o = options;
	g_autoptr(repo) r = maybe_repo();
	g_autoptr(interface_pack) pack = NULL;
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) m = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	/* Without an analysis the catalogue alone speaks. */
	if (r && context_open(c, &e, true, NULL) && !engine_load(e, &m, NULL))
		m = NULL;
	const char *known = !o->rules && !o->tree && m && m->catalogue ? m->catalogue->name : NULL;
	if (!(known && interface_pack_open(&pack, known, r, NULL, NULL)) &&
		!interface_pack_open(&pack, o->rules, r, o->tree ? o->tree : DEFAULT_REV, err))
		return false;
	/* The one that the base under mediation was read with. */
	pack->fits |= known != NULL;
	g_autoptr(GPtrArray) points = g_ptr_array_new();
	for (guint i = 0; i < args->len; i++) {
		guint at;
		if (!find_point(&at, pack->points, g_ptr_array_index(args, i)))
			return no_point(pack, g_ptr_array_index(args, i), err);
		g_ptr_array_add(points, g_ptr_array_index(pack->points, at));
	}
	bool analysed = m && m->catalogue && !strcmp(m->catalogue->name, pack->info->name);
	if (o->json)
		interface_json_points(out, "show", pack, points, analysed ? m : NULL);
	else
		show_points(c, out, pack, points, analysed ? m : NULL);
	return context_page(c, out, err);
}

static const command cmd_show_point = {
	.name = "interface show",
	.summary = "what a point of the interface is",
	.usage = "POINT... [--rules PACK] [--json]",
	.description = "Type, contract, what native code does, its names in other versions, and, "
		       "after an analysis, who hooks it how. `truce show POINT` has the code.",
	.examples = "truce interface show mmu.set_pte --rules paravirt-i386",
	.options = show_table,
	.options_size = sizeof(show_options),
	.min_args = 1,
	.max_args = G_MAXUINT,
	.run = run_show,
};

/* --- extract --- */

typedef struct extract_options {
	const char *tree, *file, *name, *filler;
	bool json;
} extract_options;

static const option extract_table[] = {
	{0, "tree", OPTION_TEXT, "REV", "the tree to read (HEAD)",
		G_STRUCT_OFFSET(extract_options, tree), NULL},
	{0, "file", OPTION_TEXT, "PATH",
		"the file that defines the structs; else the tree is searched",
		G_STRUCT_OFFSET(extract_options, file), NULL},
	{0, "name", OPTION_TEXT, "NAME", "the catalogue's name; else made of the first struct's",
		G_STRUCT_OFFSET(extract_options, name), NULL},
	{0, "filler", OPTION_TEXT, "MACRO",
		"a macro that fills a slot, with the member as its first argument",
		G_STRUCT_OFFSET(extract_options, filler), NULL},
	{0, "json", OPTION_FLAG, NULL, "the operations " HELP_JSON ", no catalogue",
		G_STRUCT_OFFSET(extract_options, json), NULL},
	{0},
};

/* A misspelt filler makes a rule that finds nothing: say so, though a series may bring the macro.
 */
static void note_filler(const interface_draft *d, const interface_filler *f)
{
	if (!f->written)
		context_note(
			"nothing in %s is called '%s': its rule fills slots only where a series "
			"brings it",
			d->rev, d->filler);
	else if (!f->operations)
		context_note("%s has '%s', but never with an operation as its first argument",
			d->rev, d->filler);
	else
		context_note(
			"%s: with %u operations as its first argument", d->filler, f->operations);
}

static bool run_extract(context *c, const void *options, GPtrArray *args, GError **err)
{
	const extract_options *o = options;
	g_autoptr(repo) r = maybe_repo();
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(ops_table) found = NULL;
	g_ptr_array_add(args, NULL);
	const interface_draft draft = {o->tree ? o->tree : DEFAULT_REV,
		(const char *const *)args->pdata, o->file, o->name, o->filler};
	interface_filler filler = {0};
	if (!interface_extract(out, &found, &filler, r, &draft, err))
		return false;
	for (guint i = 0; i < found->records->len; i++) {
		const char *tag = g_ptr_array_index(found->records, i);
		unsigned members = 0;
		for (guint k = 0; k < found->members->len; k++) {
			const ops_member *m = g_ptr_array_index(found->members, k);
			members += !strcmp(m->record, tag);
		}
		context_note("struct %s: %u %s", tag, members,
			members == 1 ? "operation" : "operations");
	}
	if (draft.filler)
		note_filler(&draft, &filler);
	if (o->json) {
		g_string_truncate(out, 0);
		interface_json_table(out, draft.rev, found);
	}
	return context_page(c, out, err);
}

static const command cmd_extract = {
	.name = "interface extract",
	.summary = "draft a catalogue from an ops struct of a tree",
	.usage = "STRUCT... [--tree REV] [--file PATH] [--name NAME] [--filler MACRO]\n"
		 "STRUCT... --json [--tree REV] [--file PATH]",
	.description =
		"Every member that is a pointer to a function becomes a point, whatever #if it "
		"stands under; structs within are followed, and lists of macros in an included "
		"file. The draft is a catalogue that works "
		"for filled slots; the rest is yours to add (docs/rules.md).",
	.examples = "truce interface extract paravirt_ops --tree v2.6.22 >rules/mine.yaml\n"
		    "truce interface extract security_list_options --tree v6.1 \\\n"
		    "      --filler LSM_HOOK_INIT --name lsm",
	.options = extract_table,
	.options_size = sizeof(extract_options),
	.min_args = 1,
	.max_args = G_MAXUINT - 1,
	.run = run_extract,
};

/* --- check --- */

typedef struct check_options {
	const char *tree;
	bool json;
} check_options;

static const option check_table[] = {
	{0, "tree", OPTION_TEXT, "REV", "the tree to hold it against (HEAD)",
		G_STRUCT_OFFSET(check_options, tree), NULL},
	{0, "json", OPTION_FLAG, NULL, HELP_JSON, G_STRUCT_OFFSET(check_options, json), NULL},
	{0},
};

static void print_drift(sheet *s, const ops_drift *d)
{
	static const style styles[] = {STYLE_NOTE, STYLE_ERROR, STYLE_WARNING, STYLE_WARNING};
	sheet_cell(s, styles[d->kind], ops_drift_name(d->kind), 10);
	sheet_print(s, STYLE_NAME, "%s", d->name);
	if (d->path) {
		sheet_blank(s, 2);
		if (d->line)
			sheet_print(s, STYLE_DIM, "%s:%u", d->path, d->line);
		else
			sheet_print(s, STYLE_DIM, "%s", d->path);
	}
	sheet_newline(s);
	if (d->was)
		sheet_print(s, STYLE_PLAIN, "%*s- %s\n", 10, "", d->was);
	if (d->was)
		sheet_newline(s);
	if (d->is) {
		sheet_print(s, STYLE_PLAIN, "%*s+ %s", 10, "", d->is);
		sheet_newline(s);
	}
}

static bool run_check(context *c, const void *options, GPtrArray *args, GError **err)
{
	const check_options *o = options;
	const char *rev = o->tree ? o->tree : DEFAULT_REV;
	g_autoptr(repo) r = maybe_repo();
	g_autoptr(GPtrArray) drifts = NULL;
	g_autoptr(interface_pack) pack = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	if (!interface_check(
		    &drifts, &pack, r, rev, args->len ? g_ptr_array_index(args, 0) : NULL, err))
		return false;
	c->status = drifts->len ? 1 : 0;
	if (o->json) {
		interface_json_drift(out, rev, pack, drifts);
		return context_page(c, out, err);
	}
	report_options look = context_look(c, false);
	sheet s = sheet_on(out, &look);
	for (guint i = 0; i < drifts->len; i++)
		print_drift(&s, g_ptr_array_index(drifts, i));
	sheet_print(&s, STYLE_PLAIN, "%s%s%s against %s: ", pack->info->name,
		pack->version ? " as of " : "", pack->version ? pack->version : "", rev);
	if (drifts->len)
		sheet_print(&s, STYLE_WARNING, "%u differences", drifts->len);
	else
		sheet_print(&s, STYLE_GOOD, "no difference in %u operations", pack->compared);
	sheet_newline(&s);
	return context_page(c, out, err);
}

static const command cmd_check = {
	.name = "interface check",
	.summary = "what differs between a catalogue and a tree",
	.usage = "[PACK] [--tree REV] [--json]",
	.description = "Compares the catalogue's points with the structs that it names: operations "
		       "that the tree adds or lacks, that have another name or another type. Exits "
		       "1 when there is a difference.",
	.examples = "truce interface check paravirt-i386 --tree v2.6.22",
	.options = check_table,
	.options_size = sizeof(check_options),
	.max_args = 1,
	.run = run_check,
};

/* --- test --- */

typedef struct test_options {
	const char *rules, *base, *as, *point;
} test_options;

static const option test_table[] = {
	{'r', "rules", OPTION_TEXT, "PACK", HELP_RULES, G_STRUCT_OFFSET(test_options, rules), NULL},
	{'b', "base", OPTION_TEXT, "REV",
		"the tree that the file is laid over; when not given, HEAD, or for REV:PATH that "
		"tree "
		"without the file",
		G_STRUCT_OFFSET(test_options, base), NULL},
	{0, "as", OPTION_TEXT, "PATH", "the path that the file has in the tree",
		G_STRUCT_OFFSET(test_options, as), NULL},
	{'p', "point", OPTION_TEXT, "POINT", "only for this point",
		G_STRUCT_OFFSET(test_options, point), NULL},
	{0},
};

/* The line of the text, without the blanks around it. The caller's. */
static char *line_text(GBytes *text, unsigned line)
{
	gsize len = 0;
	const char *bytes = text ? g_bytes_get_data(text, &len) : NULL;
	if (!bytes)
		return g_strdup("");
	line_index ix;
	line_index_init(&ix, bytes, len);
	span found = line_index_get(&ix, line);
	char *copy = found.len ? g_strndup(found.at, found.len) : g_strdup("");
	line_index_clear(&ix);
	return g_strstrip(copy);
}

static void print_trial(sheet *s, const interface_trial *t)
{
	for (guint i = 0; i < t->evidence->len; i++) {
		const evidence *e = g_ptr_array_index(t->evidence, i);
		const point *p = g_ptr_array_index(t->pack->points, e->point);
		g_autofree char *code =
			line_text(e->at == AT_BASE ? t->base_text : t->text, e->line);
		sheet_print(s, STYLE_PLAIN, "%s:%u: ", e->path, e->line);
		sheet_print(s, STYLE_NAME, "%s", p->id);
		sheet_print(s, STYLE_PLAIN, ": %s, %s, %.0f %%, in %s%s%s%s",
			evidence_weight_name(e->weight), e->kind, e->confidence * 100, e->symbol,
			e->at == AT_BASE ? " (base)" : "", e->note ? ": " : "",
			e->note ? e->note : "");
		sheet_newline(s);
		sheet_print(s, STYLE_DIM, "    %s", code);
		sheet_newline(s);
	}
}

static bool run_test(context *c, const void *options, GPtrArray *args, GError **err)
{
	const test_options *o = options;
	interface_question q = {.pack = o->rules,
		.rule = g_ptr_array_index(args, 0),
		.point = o->point,
		.file = g_ptr_array_index(args, 1),
		.as = o->as,
		.base = o->base};
	g_autoptr(repo) r = maybe_repo();
	g_autoptr(interface_trial) t = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	if (!interface_test(&t, r, &q, err))
		return false;
	report_options look = context_look(c, false);
	sheet s = sheet_on(out, &look);
	print_trial(&s, t);
	context_note("rule %s of %u %s: %u %s of evidence", q.rule, t->tried,
		t->tried == 1 ? "point" : "points", t->evidence->len,
		t->evidence->len == 1 ? "piece" : "pieces");
	if (t->why)
		context_note("why: %s", t->why);
	c->status = t->evidence->len ? 0 : 1;
	return context_page(c, out, err);
}

static const command cmd_test = {
	.name = "interface test",
	.summary = "try one rule alone on a file",
	.usage = "RULE FILE [--rules PACK] [--base REV] [--as PATH] [--point POINT]",
	.description =
		"FILE is a file on disk, or REV:PATH of a tree. It is laid over the base as if a "
		"series did that, and read by the text readers alone. Shows the evidence with its "
		"lines; where there is none, what came nearest, and exits 1.",
	.examples = "truce interface test slot v2.6.23:arch/i386/kernel/paravirt.c\n"
		    "truce interface test slot draft.c --base v2.6.23 \\\n"
		    "      --as arch/i386/kernel/draft.c",
	.options = test_table,
	.options_size = sizeof(test_options),
	.min_args = 2,
	.max_args = 2,
	.run = run_test,
};

static const command *const subcommands[] = {
	&cmd_list,
	&cmd_show_point,
	&cmd_extract,
	&cmd_check,
	&cmd_test,
	&cmd_conform,
	NULL,
};

const command cmd_interface = {
	.name = "interface",
	.summary = "the catalogue: list, show, extract, check, test; conform",
	.usage = "COMMAND [OPTIONS]",
	.examples = "truce interface list\n"
		    "truce interface extract paravirt_ops --tree v2.6.22\n"
		    "truce interface check paravirt-i386 --tree v2.6.23",
	.subcommands = subcommands,
};
