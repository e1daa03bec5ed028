/* A mail to the authors, as merge trees and build robots write: who collides where, between which
 * commits, the hunks of both, what to do, and how to see it again. Plain text of 72 columns, hunks
 * as they are. Open findings only; the sender adds From and Date. Its readers have no database, so
 * it names rulings, not commands. */
#include <string.h>

#include "report/advice.h"
#include "report/diff.h"
#include "report/report.h"
#include "report/sheet.h"
#include "report/tally.h"

#define MAIL_WIDTH 72u
#define INDENT 4u
/* Digits of a commit's id, as the kernel's Fixes: lines have. */
#define COMMIT_DIGITS 12

/* --- head --- */

static bool is_ascii(const char *text)
{
	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p >= 0x80)
			return false;
	}
	return true;
}

/* Text of a header: as it is, or as an encoded word of RFC 2047. The caller's. */
static char *header_text(const char *raw)
{
	g_autofree char *line = sheet_line(raw);
	if (is_ascii(line))
		return g_steal_pointer(&line);
	g_autofree char *coded = g_base64_encode((const guchar *)line, strlen(line));
	return g_strdup_printf("=?UTF-8?B?%s?=", coded);
}

/* An address that a mail reaches: truce's own, of what is no commit or mail, is none. */
static bool can_get_mail(const person *who)
{
	const char *at = who->email ? strchr(who->email, '@') : NULL;
	return at && strcmp(at, "@localhost") && !strpbrk(who->email, "<> \t\r\n,") &&
	       is_ascii(who->email);
}

/* "Name <mail>" of every author, each once; the name quoted where a header needs it. */
static void append_authors(GString *out, const mediation *m)
{
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
	bool first = true;
	for (guint i = 0; i < m->series->len; i++) {
		const series *s = g_ptr_array_index(m->series, i);
		for (guint k = 0; k < s->commits->len; k++) {
			const person *who =
				&((const series_commit *)g_ptr_array_index(s->commits, k))->author;
			if (!can_get_mail(who) || !g_hash_table_add(known, who->email))
				continue;
			g_autofree char *name = header_text(who->name ? who->name : "");
			bool coded = g_str_has_prefix(name, "=?");
			g_strdelimit(name, "\"\\", ' ');
			const char *quote = *name && !coded ? "\"" : "";
			g_string_append_printf(out, "%s%s%s%s <%s>", first ? "To: " : ",\n\t",
				quote, name, quote, who->email);
			first = false;
		}
	}
	if (!first)
		g_string_append_c(out, '\n');
}

static char *series_names(const mediation *m)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < m->series->len; i++)
		g_ptr_array_add(names, ((series *)g_ptr_array_index(m->series, i))->name);
	return tally_join_names(names);
}

static void append_head(GString *out, const mediation *m)
{
	finding_tally t = tally_findings(m->findings);
	g_autofree char *names = series_names(m);
	g_autofree char *errors = tally_count(t.by_severity[SEVERITY_ERROR], "error", "errors");
	g_autofree char *warnings =
		tally_count(t.by_severity[SEVERITY_WARNING], "warning", "warnings");
	g_autofree char *subject = g_strdup_printf("[truce] %s on %s: %s, %s", names,
		m->base_rev ? m->base_rev : "the base", errors, warnings);
	g_autofree char *coded = header_text(subject);
	append_authors(out, m);
	g_string_append_printf(out,
		"Subject: %s\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
		"Content-Transfer-Encoding: 8bit\n\n",
		coded);
}

/* --- body --- */

static void say(sheet *s, unsigned indent, const char *text)
{
	sheet_blank(s, indent);
	sheet_wrap(s, STYLE_PLAIN, indent, indent, text);
}

static void section(sheet *s, const char *title)
{
	sheet_newline(s);
	sheet_print(s, STYLE_PLAIN, "%s", title);
	sheet_newline(s);
	g_autofree char *rule = g_strnfill(strlen(title), '-');
	sheet_put(s, STYLE_PLAIN, rule);
	sheet_newline(s);
}

static void say_opening(sheet *s, const mediation *m)
{
	g_autofree char *names = series_names(m);
	finding_tally t = tally_findings(m->findings);
	point_tally p = tally_points(m);
	g_autofree char *base = tally_short_oid(&m->base);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *errors = tally_count(t.by_severity[SEVERITY_ERROR], "error", "errors");
	g_autofree char *warnings =
		tally_count(t.by_severity[SEVERITY_WARNING], "warning", "warnings");
	g_autofree char *notes = tally_count(t.by_severity[SEVERITY_NOTE], "note", "notes");
	g_string_append_printf(text,
		"%s, put together on %s (%s): %s, %s and %s, %u of them without a ruling.", names,
		m->base_rev ? m->base_rev : "the base", base, errors, warnings, notes, t.open);
	if (m->catalogue)
		g_string_append_printf(text, " %u of the %u operations of %s are contested.",
			p.contested, p.all, m->catalogue->name);
	say(s, 0, text->str);
}

static const series_commit *commit_of(const mediation *m, int index, unsigned n)
{
	if (index < 0 || (guint)index >= m->series->len || !n)
		return NULL;
	const series *s = g_ptr_array_index(m->series, index);
	for (guint i = 0; i < s->commits->len; i++) {
		const series_commit *c = g_ptr_array_index(s->commits, i);
		if (c->n == n)
			return c;
	}
	return NULL;
}

/* "between commit HASH ("subject") of NAME" for the first place of each party. */
static void say_commits(sheet *s, const mediation *m, const finding *f)
{
	const char *lead = f->parties->len > 1 ? "between " : "";
	g_autoptr(GHashTable) told = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < f->locations->len; i++) {
		const location *l = g_ptr_array_index(f->locations, i);
		const series_commit *c = commit_of(m, l->series, l->patch);
		if (!c || !g_hash_table_add(told, GINT_TO_POINTER(l->series)))
			continue;
		char hex[OID_HEX + 1];
		g_autofree char *id = oid_is_zero(&c->commit)
					      ? g_strdup_printf("patch %u", c->n)
					      : g_strdup_printf("commit %.*s", COMMIT_DIGITS,
							oid_format(hex, &c->commit));
		g_autofree char *place = tally_place(l->path, l->line, l->end_line);
		g_autofree char *text = g_strdup_printf("%s%s (\"%s\") of %s, %s",
			g_hash_table_size(told) == 1 ? lead : "and ", id, c->subject,
			tally_series_name(m, l->series), place);
		say(s, INDENT, text);
	}
}

/* Hunks are quoted as they are: broken lines could not be compared. */
static void say_hunks(sheet *s, const mediation *m, const finding *f, const report_options *options)
{
	for (int i = 0; i < (int)m->series->len; i++) {
		g_autoptr(GString) hunks = g_string_new(NULL);
		if (!diff_of_side(hunks, m, f, i, options))
			continue;
		g_autofree char *lead = g_strdup_printf("%s:", tally_series_name(m, i));
		sheet_newline(s);
		say(s, INDENT, lead);
		sheet_newline(s);
		sheet_put(s, STYLE_PLAIN, hunks->str);
	}
}

static void say_finding(
	sheet *s, const mediation *m, const finding *f, unsigned n, const report_options *options)
{
	sheet_newline(s);
	g_autofree char *title = g_strdup_printf(
		"[%u] %s, %s: %s", n, severity_name(f->severity), f->kind, f->title);
	sheet_wrap(s, STYLE_PLAIN, 0, INDENT, title);
	say_commits(s, m, f);
	if (f->explanation)
		say(s, INDENT, f->explanation);
	g_autofree char *advice = advice_words(f);
	if (*advice) {
		g_autofree char *text = g_strdup_printf("What to do: %s", advice);
		say(s, INDENT, text);
	}
	if (f->severity == SEVERITY_ERROR)
		say_hunks(s, m, f, options);
}

/* Findings that the mail tells one by one, numbered from 1: open ones. Notes are left out, and
 * contested points have a list of their own. */
static bool is_told(const finding *f)
{
	return !f->decision && f->severity != SEVERITY_NOTE && strcmp(f->kind, "point.contested");
}

static void say_findings(sheet *s, const mediation *m, const report_options *options)
{
	unsigned n = 0;
	for (guint i = 0; i < m->findings->len; i++) {
		const finding *f = g_ptr_array_index(m->findings, i);
		if (!is_told(f))
			continue;
		if (!n) {
			section(s, "What collides");
			sheet_newline(s);
			say(s, 0,
				"Words in quotes, as \"both\" or \"take NAME\", are rulings that "
				"who keeps this mediation can make: an answer to this mail that "
				"names one and the number in brackets is enough.");
		}
		say_finding(s, m, f, ++n, options);
	}
}

/* "[2], [5]": where the mail tells of the findings; ids of those that it does not tell. The
 * caller's. */
static char *told_as(const mediation *m, GPtrArray *ids)
{
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < ids->len; i++) {
		const finding *wanted = mediation_finding(m, g_ptr_array_index(ids, i), NULL);
		unsigned n = 0;
		bool told = false;
		for (guint k = 0; k < m->findings->len && !told; k++) {
			const finding *f = g_ptr_array_index(m->findings, k);
			n += is_told(f);
			told = f == wanted && is_told(f);
		}
		g_string_append(out, i ? ", " : "");
		if (told)
			g_string_append_printf(out, "[%u]", n);
		else
			g_string_append(out, wanted ? wanted->title : "?");
	}
	return g_string_free(out, FALSE);
}

static void say_points(sheet *s, const mediation *m)
{
	bool any = false;
	for (guint i = 0; i < m->points->len; i++) {
		const point_result *p = g_ptr_array_index(m->points, i);
		if (p->verdict != VERDICT_CONTESTED)
			continue;
		if (!any)
			section(s, "Operations that more than one brings");
		any = true;
		g_autoptr(GString) text = g_string_new(p->point->id);
		for (guint k = 0; k < p->sides->len; k++) {
			const point_side *side = g_ptr_array_index(p->sides, k);
			const evidence *e = tally_side_evidence(side);
			if (side->state != POINT_HOOKED || !e || !e->path)
				continue;
			g_autofree char *place = tally_place(e->path, e->line, 0);
			g_string_append_printf(
				text, "; %s: %s", tally_series_name(m, (int)k), place);
		}
		sheet_wrap(s, STYLE_PLAIN, 0, INDENT, text->str);
	}
}

static void say_plan(sheet *s, const mediation *m)
{
	if (!m->plan || (!m->plan->steps->len && !m->plan->undecided->len))
		return;
	section(s, "The plan");
	for (guint i = 0; i < m->plan->steps->len; i++) {
		const step *one = g_ptr_array_index(m->plan->steps, i);
		g_autofree char *text = g_strdup_printf("%u. %s: %s%s", one->n,
			step_action_name(one->action), one->title,
			one->verified == VERIFIED_WORSE ? " (its files parse worse than before)"
							: "");
		sheet_wrap(s, STYLE_PLAIN, 0, INDENT, text);
	}
	for (guint i = 0; i < m->plan->undecided->len; i++) {
		const undecided *u = g_ptr_array_index(m->plan->undecided, i);
		g_autofree char *ids = told_as(m, u->findings);
		g_autofree char *hunks = tally_count(u->hunks->len, "hunk", "hunks");
		g_autofree char *text =
			g_strdup_printf("?  to rule: %s (%s, %s)", u->title, hunks, ids);
		sheet_wrap(s, STYLE_PLAIN, 0, INDENT, text);
	}
}

static void say_again(sheet *s, const mediation *m)
{
	char hex[OID_HEX + 1];
	section(s, "To see it again");
	g_autofree char *tool = g_strdup_printf("truce %s, base %s %s", TRUCE_VERSION,
		m->base_rev ? m->base_rev : "", oid_format(hex, &m->base));
	say(s, 0, tool);
	for (guint i = 0; i < m->series->len; i++) {
		const series *one = g_ptr_array_index(m->series, i);
		g_autofree char *sources = tally_join_names(one->specs);
		g_autofree char *text = g_strdup_printf("%s: %u patches from %s; tree %s",
			one->name, one->commits->len, sources, oid_format(hex, &one->tip_tree));
		sheet_wrap(s, STYLE_PLAIN, 0, INDENT, text);
	}
}

void report_mail(GString *out, const mediation *m, const report_options *options)
{
	report_options look = {.width = MAIL_WIDTH, .unicode = true};
	sheet s = sheet_on(out, &look);
	append_head(out, m);
	say_opening(&s, m);
	say_findings(&s, m, options);
	say_points(&s, m);
	say_plan(&s, m);
	say_again(&s, m);
}
