/* What a mail's subject line says about its place in a series. */
#include "series/subject.h"

#include <string.h>

/* No series has more; larger numbers are years, bug numbers, dates. */
#define MAX_NUMBER 100000u

static bool read_uint(const char **p, unsigned *out)
{
	const char *s = *p;
	unsigned value = 0;
	if (!g_ascii_isdigit(*s))
		return false;
	for (; g_ascii_isdigit(*s); s++) {
		value = value * 10 + (unsigned)(*s - '0');
		if (value > MAX_NUMBER)
			return false;
	}
	*p = s;
	*out = value;
	return true;
}

/* "v2", "V3"; a fraction ("v1.1") is dropped. */
static bool read_version(const char *word, unsigned *version)
{
	if (word[0] != 'v' && word[0] != 'V')
		return false;
	const char *p = word + 1;
	unsigned value;
	if (!read_uint(&p, &value) || (*p && *p != '.'))
		return false;
	*version = MAX(value, 1u);
	return true;
}

static bool read_count(const char *word, unsigned *number, unsigned *total)
{
	const char *p = word;
	unsigned n, m;
	if (!read_uint(&p, &n) || *p++ != '/' || !read_uint(&p, &m) || *p || !m || n > m)
		return false;
	*number = n;
	*total = m;
	return true;
}

/* Reads what stands inside one pair of brackets; true when it is about the mail: PATCH, RFC, n/m or
 * a version. */
static bool read_tag(subject *s, const char *tag)
{
	g_auto(GStrv) words = g_strsplit_set(tag, " ,\t-:()", -1);
	bool known = false;
	for (guint i = 0; words[i]; i++) {
		const char *w = words[i], *rest = w;
		unsigned n, m;
		if (!g_ascii_strncasecmp(w, "patch", 5)) {
			/* PATCHv2, PATCHES; [PATCH] alone */
			s->patch = known = true;
			read_version(w + 5, &s->version);
		} else if (read_version(w, &s->version) || read_count(w, &n, &m)) {
			known = true;
		} else if (!g_ascii_strcasecmp(w, "rfc") || !g_ascii_strcasecmp(w, "rft") ||
			   !g_ascii_strcasecmp(w, "resend") || !g_ascii_strcasecmp(w, "repost")) {
			known = true;
		}
		bool counted = read_count(w, &n, &m);
		if (!counted && read_uint(&rest, &n) && !*rest && words[i + 1] && words[i + 2] &&
			!g_ascii_strcasecmp(words[i + 1], "of")) {
			/* "3 of 5" */
			const char *q = words[i + 2];
			counted = read_uint(&q, &m) && !*q && m && n <= m;
		}
		if (counted && !s->numbered) {
			s->numbered = known = true;
			s->number = n;
			s->total = m;
		}
	}
	return known;
}

/* Skips "Re:", "Re[2]:", "Fwd:" and the like; tells whether there was one. */
static bool skip_reply(const char **p)
{
	static const char *const marks[] = {"re", "aw", "antw", "sv", "fw", "fwd", "vs"};
	for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
		size_t n = strlen(marks[i]);
		if (g_ascii_strncasecmp(*p, marks[i], n))
			continue;
		const char *q = *p + n;
		if (*q == '[') {
			q += strspn(q + 1, "0123456789") + 1;
			if (*q++ != ']')
				continue;
		}
		if (*q != ':')
			continue;
		*p = q + 1;
		return true;
	}
	return false;
}

void subject_parse(subject *out, const char *line)
{
	*out = (subject){.version = 1};
	const char *p = line;
	bool tagged = false; /* a [PATCH ...] or [n/m] was seen: later [..] are the author's */
	for (;;) {
		p += strspn(p, " \t\r\n:");
		if (skip_reply(&p)) {
			out->reply = true;
			continue;
		}
		const char *close = *p == '[' ? strchr(p, ']') : NULL;
		if (!close)
			break;
		g_autofree char *tag = g_strndup(p + 1, (gsize)(close - p - 1));
		subject before = *out;
		bool known = read_tag(out, tag);
		bool again = before.patch && strcasestr(tag, "patch");
		if (tagged && (!known || again)) {
			/* [PATCH] [SCSI] fix; also [PATCH] [PATCH] fix, a commit of 2005 */
			*out = before;
			break;
		}
		tagged = tagged || out->patch || out->numbered;
		p = close + 1;
	}
	out->text = g_strchomp(g_strdup(p));
}

void subject_clear(subject *s)
{
	g_clear_pointer(&s->text, g_free);
}
