/* One run of the program: settings, the engine, output. */
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/terminal.h"

#define WRITE_HINT "is the directory there, and may you write to it?"

char *context_setting(context *c, const char *key)
{
	if (!c->settings_tried) {
		c->settings_tried = true;
		if (!repo_open(&c->settings, NULL, NULL))
			c->settings = NULL;
	}
	return c->settings ? repo_config(c->settings, key) : NULL;
}

static bool jobs_of(context *c, unsigned *jobs, GError **err)
{
	*jobs = c->common.jobs;
	g_autofree char *setting = *jobs ? NULL : context_setting(c, "truce.jobs");
	if (!setting)
		return true;
	guint64 number;
	if (!g_ascii_string_to_unsigned(setting, 10, 0, G_MAXINT, &number, NULL))
		return error_set(err, TRUCE_ERROR_USAGE, "set it with `git config truce.jobs N`",
			"the setting truce.jobs is no number: '%s'", setting);
	*jobs = (unsigned)number;
	return true;
}

static bool check_db(const char *path, GError **err)
{
	static const char hint[] = "name a file, as in --db DIR/truce.db";
	if (path && !*path)
		return error_set(err, TRUCE_ERROR_USAGE, hint, "option '--db' names no file");
	if (path && g_file_test(path, G_FILE_TEST_IS_DIR))
		return error_set(
			err, TRUCE_ERROR_USAGE, hint, "'%s' is a directory, not a database", path);
	return true;
}

bool context_open(context *c, engine **out, bool read_only, GError **err)
{
	engine_options o = {.db_path = c->common.db, .read_only = read_only};
	o.progress = terminal_is(STDERR_FILENO) ? PROGRESS_BAR : PROGRESS_LINES;
	return check_db(o.db_path, err) && jobs_of(c, &o.jobs, err) && engine_open(out, &o, err);
}

bool context_need_series(engine *e, GError **err)
{
	g_autoptr(GPtrArray) list = NULL;
	if (!store_series_list(engine_store(e), &list, err))
		return false;
	return list->len ||
	       error_set(err, TRUCE_ERROR_NOT_FOUND,
		       "start with `truce mediate --base REV --series NAME=SPEC ...` or "
		       "`truce series add NAME SPEC`",
		       "no series are under mediation here");
}

/* Base or series are not those that the analysis is of. */
static bool is_stale(engine *e, const mediation *m)
{
	g_autoptr(GPtrArray) now = NULL;
	oid base;
	if (!engine_base(e, &base, NULL, NULL) || !store_series_list(engine_store(e), &now, NULL))
		return false;
	if (!oid_equal(&base, &m->base) || now->len != m->series->len)
		return true;
	for (guint i = 0; i < now->len; i++) {
		const series *s = g_ptr_array_index(now, i);
		const series *analysed = g_ptr_array_index(m->series, i);
		if (strcmp(s->name, analysed->name) || !oid_equal(&s->tip, &analysed->tip))
			return true;
	}
	return false;
}

void context_note_stale(engine *e, const mediation *m)
{
	if (is_stale(e, m))
		context_note("the series changed since they were analysed; `truce analyze` brings "
			     "points, findings and plan up to date");
}

bool context_load(context *c, engine **e, mediation **m, GError **err)
{
	if (!context_open(c, e, true, err) || !context_need_series(*e, err) ||
		!engine_load(*e, m, err))
		return false;
	context_note_stale(*e, *m);
	return true;
}

report_options context_look(context *c, bool verbose)
{
	g_autofree char *own = context_setting(c, "color.truce");
	g_autofree char *ui = own ? NULL : context_setting(c, "color.ui");
	report_options o = {.width = terminal_width(), .verbose = verbose};
	o.colour = terminal_colour(c->common.color, own ? own : ui);
	o.unicode = terminal_unicode();
	return o;
}

/* What git would take, with truce's own settings first. The caller's. */
static char *pager_of(context *c)
{
	const char *env = g_getenv("TRUCE_PAGER");
	if (env)
		return g_strdup(env);
	char *setting = context_setting(c, "truce.pager");
	if (setting)
		return setting;
	if (terminal_dumb())
		return g_strdup(""); /* other pagers ask for RETURN there, and then write lines */
	if ((env = g_getenv("GIT_PAGER")))
		return g_strdup(env);
	if ((setting = context_setting(c, "core.pager")))
		return setting;
	env = g_getenv("PAGER");
	return g_strdup(env ? env : "less");
}

bool context_page(context *c, const GString *text, GError **err)
{
	if (c->common.no_pager || !terminal_is(STDOUT_FILENO))
		return context_print(c, text, err);
	g_autofree char *pager = pager_of(c);
	if (!*pager || !strcmp(pager, "cat"))
		return context_print(c, text, err);
	return terminal_page(pager, text->str, text->len, err);
}

bool context_print(context *c, const GString *text, GError **err)
{
	(void)c;
	return terminal_write(text->str, text->len, err);
}

void context_note(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	g_autofree char *raw = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	g_autofree char *text = text_printable(raw, strlen(raw));
	g_printerr("truce: %s\n", text);
}

static bool find_format(const report_format **out, const char *name, const char *path, GError **err)
{
	*out = name ? report_format_find(name) : report_format_of_file(path);
	if (*out)
		return true;
	if (!name) {
		*out = report_format_find(strcmp(path, "-") ? "markdown" : "text");
		return true;
	}
	g_autoptr(GString) names = g_string_new("there are");
	for (const report_format *f = report_formats; f->name; f++)
		g_string_append_printf(names, "%s %s", f == report_formats ? "" : ",", f->name);
	return error_set(err, TRUCE_ERROR_USAGE, names->str, "no report format '%s'", name);
}

/* A regular file appears whole or not at all; what is none (a pipe, or a link as /dev/stdout is) is
 * written to where it is, never replaced. */
bool context_write(context *c, const char *path, const GString *text, GError **err)
{
	struct stat st;
	g_autoptr(GError) why = NULL;
	if (!strcmp(path, "-"))
		return context_print(c, text, err);
	if (!lstat(path, &st) && !S_ISREG(st.st_mode)) {
		FILE *file = fopen(path, "w");
		bool ok = file && fwrite(text->str, 1, text->len, file) == text->len;
		int saved = errno;
		if (file && fclose(file) && ok)
			return error_set(err, TRUCE_ERROR_IO, NULL, "cannot write %s: %s", path,
				g_strerror(errno));
		return ok || error_set(err, TRUCE_ERROR_IO, NULL, "cannot write %s: %s", path,
				     g_strerror(saved));
	}
	if (g_file_set_contents_full(
		    path, text->str, (gssize)text->len, G_FILE_SET_CONTENTS_CONSISTENT, 0666, &why))
		return true;
	return error_set(
		err, TRUCE_ERROR_IO, WRITE_HINT, "cannot write the report: %s", why->message);
}

bool context_can_report(const char *path, GError **err)
{
	g_autofree char *directory = g_path_get_dirname(path);
	bool special = (g_file_test(path, G_FILE_TEST_EXISTS) &&
			       !g_file_test(path, G_FILE_TEST_IS_REGULAR | G_FILE_TEST_IS_DIR)) ||
		       (g_file_test(path, G_FILE_TEST_IS_SYMLINK) &&
			       !g_file_test(path, G_FILE_TEST_IS_DIR));
	if (!strcmp(path, "-") || special)
		return true;
	if (!*path)
		return error_set(err, TRUCE_ERROR_USAGE, "`-` is standard output",
			"cannot write the report: the file's name is empty");
	if (g_file_test(path, G_FILE_TEST_IS_DIR))
		return error_set(err, TRUCE_ERROR_USAGE, "name a file in it",
			"cannot write the report: %s is a directory", path);
	if (!access(directory, W_OK))
		return true;
	return error_set(err, TRUCE_ERROR_IO, WRITE_HINT, "cannot write the report: %s: %s",
		directory, g_strerror(errno));
}

static GBytes *read_code(const oid *blob, void *data)
{
	GBytes *bytes = NULL;
	return repo_read_blob(data, &bytes, blob, NULL) ? bytes : NULL;
}

bool context_report(context *c, engine *e, const mediation *m, const char *format, const char *path,
	bool verbose, GError **err)
{
	const report_format *f;
	g_autoptr(GString) out = g_string_new(NULL);
	if (!find_format(&f, format, path, err))
		return false;
	if (!strcmp(path, "-")) {
		report_options look = context_look(c, verbose);
		look.read = read_code;
		look.read_data = engine_repo(e);
		f->write(out, m, &look);
		return context_page(c, out, err);
	}
	/* A file is the same whatever the terminal is. */
	report_options look = {.unicode = true,
		.verbose = verbose,
		.read = read_code,
		.read_data = engine_repo(e)};
	f->write(out, m, &look);
	return context_write(c, path, out, err);
}
