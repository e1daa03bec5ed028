/* Reading the suite's KTAP. */
#include "conform/ktap.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define INDENT "    "
#define BACKEND "# backend: "
#define BAIL_OUT "Bail out! "
#define SKIP " # SKIP "
#define NOT_REACHED "not reached"

static void failure_free(conform_failure *f)
{
	g_free(f->says);
	g_free(f->reason);
	g_free(f);
}

static conform_operation *operation_new(void)
{
	conform_operation *o = g_new0(conform_operation, 1);
	o->failures = g_ptr_array_new_with_free_func((GDestroyNotify)failure_free);
	o->reached = true;
	return o;
}

static void operation_free(conform_operation *o)
{
	if (!o)
		return;
	g_free(o->id);
	g_ptr_array_unref(o->failures);
	g_free(o);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(conform_operation, operation_free)

void conform_result_free(conform_result *r)
{
	if (!r)
		return;
	g_free(r->backend);
	g_ptr_array_unref(r->operations);
	g_free(r->bail_out);
	g_free(r->text);
	g_free(r);
}

typedef struct reading {
	conform_result *result;
	conform_operation *next; /* whose tests are being read */
	char *comment;		 /* the one before this line, of a test */
	guint64 planned;
	bool begun;
} reading;

/* "ok 3 what it says # SKIP why": false where the line is none of a result. Text is borrowed of `line`,
 * which is cut. */
static bool read_result(
	char *line, bool *failed, guint64 *number, const char **says, const char **skip)
{
	*failed = g_str_has_prefix(line, "not ok ");
	if (!*failed && !g_str_has_prefix(line, "ok "))
		return false;
	char *end, *at = line + (*failed ? strlen("not ok ") : strlen("ok "));
	*number = g_ascii_strtoull(at, &end, 10);
	if (end == at || *end != ' ' || !end[1])
		return false;
	*says = end + 1;
	char *directive = strstr(end, SKIP);
	*skip = directive ? directive + strlen(SKIP) : NULL;
	if (directive)
		*directive = 0;
	return true;
}

static bool read_test(reading *r, char *line)
{
	bool failed;
	guint64 number;
	const char *says, *skip;
	if (g_str_has_prefix(line, "# Subtest: ") || g_str_has_prefix(line, "1..") ||
		!strcmp(line, "KTAP version 1"))
		return true;
	if (g_str_has_prefix(line, "# ")) {
		g_free(r->comment);
		r->comment = g_strdup(line + strlen("# "));
		return true;
	}
	if (!read_result(line, &failed, &number, &says, &skip))
		return false;
	if (failed) {
		conform_failure *f = g_new0(conform_failure, 1);
		f->says = g_strdup(says);
		f->reason = g_steal_pointer(&r->comment);
		g_ptr_array_add(r->next->failures, f);
	}
	if (skip && !strcmp(skip, NOT_REACHED))
		r->next->reached = false;
	g_clear_pointer(&r->comment, g_free);
	return true;
}

/* An operation's own line, after those of its tests. */
static bool end_operation(reading *r, char *line)
{
	conform_result *result = r->result;
	guint64 number;
	const char *says, *skip;
	conform_operation *o = r->next;
	if (!read_result(line, &o->failed, &number, &says, &skip) ||
		number != result->operations->len + 1 || !strchr(says, '.') ||
		o->failed != (o->failures->len > 0))
		return false;
	o->id = g_strdup(says);
	o->skipped = skip != NULL;
	result->failed += o->failed;
	result->unreached += !o->failed && !o->reached;
	result->skipped += !o->failed && o->reached && o->skipped;
	result->ok += !o->failed && o->reached && !o->skipped;
	g_ptr_array_add(result->operations, o);
	r->next = operation_new();
	return true;
}

static bool read_line(reading *r, char *line)
{
	if (g_str_has_prefix(line, BACKEND)) {
		g_free(r->result->backend);
		r->result->backend = g_strdup(line + strlen(BACKEND));
		return true;
	}
	if (g_str_has_prefix(line, BAIL_OUT)) {
		g_free(r->result->bail_out);
		r->result->bail_out = g_strdup(line + strlen(BAIL_OUT));
		return true;
	}
	if (!*line || *line == '#')
		return true;
	if (!r->begun)
		return r->begun = !strcmp(line, "KTAP version 1");
	if (!r->planned && g_str_has_prefix(line, "1.."))
		return (r->planned = g_ascii_strtoull(line + strlen("1.."), NULL, 10)) > 0;
	if (g_str_has_prefix(line, INDENT))
		return read_test(r, line + strlen(INDENT));
	return end_operation(r, line);
}

static bool read_lines(reading *r, char **lines, GError **err)
{
	for (unsigned n = 0; lines[n]; n++) {
		if (!read_line(r, lines[n]))
			return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
				"the suite's report cannot be read: line %u", n + 1);
	}
	if (!r->planned || r->planned != r->result->operations->len)
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
			"the suite's report ends early: %u operations of %" G_GUINT64_FORMAT,
			r->result->operations->len, r->planned);
	return true;
}

bool conform_ktap_read(conform_result **out, const char *text, size_t len, GError **err)
{
	g_autoptr(conform_result) result = g_new0(conform_result, 1);
	result->operations = g_ptr_array_new_with_free_func((GDestroyNotify)operation_free);
	result->text = text_printable(text, len);
	g_auto(GStrv) lines = g_strsplit(result->text, "\n", -1);
	reading r = {.result = result, .next = operation_new()};
	bool ok = read_lines(&r, lines, err);
	operation_free(r.next);
	g_free(r.comment);
	if (ok)
		*out = g_steal_pointer(&result);
	return ok;
}
