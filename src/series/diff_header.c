/* What stands in the header lines of a diff: names with their quoting and time stamps, modes, blob
 * ids, line numbers. The facts follow git-diff(1), "Generating patch text with -p", and what GNU
 * diff writes. */
#include "series/diff_header.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

/* Beyond any file that LIMIT_FILE_BYTES allows; keeps sums of two numbers inside an unsigned. */
#define MAX_LINE_NUMBER 1000000000u

/* Blanks of a "diff --git" line at which the two names are parted to see whether they are one. */
#define MAX_BLANKS 256u

/* Unquotes a C-style "name" as git writes it; *rest gets what follows the closing quote. NULL when
 * it is not well-formed or holds a NUL. */
static char *unquote(span s, span *rest)
{
	g_autoptr(GString) out = g_string_new(NULL);
	size_t i = 1;
	for (; i < s.len && s.at[i] != '"'; i++) {
		char c = s.at[i];
		if (c == '\\') {
			static const char from[] = "abfnrtv\\\"", to[] = "\a\b\f\n\r\t\v\\\"";
			if (++i >= s.len)
				return NULL;
			const char *known = s.at[i] ? strchr(from, s.at[i]) : NULL;
			if (known) {
				c = to[known - from];
			} else {
				unsigned value = 0;
				for (int n = 0; n < 3; n++, i++) {
					if (i >= s.len || s.at[i] < '0' || s.at[i] > '7')
						return NULL;
					value = value * 8 + (unsigned)(s.at[i] - '0');
				}
				i--;
				if (value > 255)
					return NULL;
				c = (char)value;
			}
		}
		if (!c)
			return NULL;
		g_string_append_c(out, c);
	}
	if (i >= s.len)
		return NULL;
	*rest = diff_after(s, i + 1);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* A whole header value that is one name, quoted or not. */
char *diff_whole_name(span s)
{
	span rest;
	if (s.len && s.at[0] == '"')
		return unquote(s, &rest);
	if (memchr(s.at, 0, s.len))
		return NULL;
	return g_strndup(s.at, s.len);
}

static bool two_digits(const char *p, int *out)
{
	if (!g_ascii_isdigit(p[0]) || !g_ascii_isdigit(p[1]))
		return false;
	*out = (p[0] - '0') * 10 + p[1] - '0';
	return true;
}

/* Length of "YYYY-MM-DD HH:MM:SS[.fraction][ +ZZZZ]" at the start of s, 0 when there is none.
 * *epoch: it is the very second 0, with which diff -N marks a file that does not exist. Without a
 * zone any local midnight of the epoch counts. */
static size_t iso_stamp(span s, bool *epoch)
{
	int month, day, hour, minute, second, offset = 0;
	*epoch = false;
	if (s.len < 19 || s.at[4] != '-' || s.at[7] != '-' || s.at[10] != ' ' || s.at[13] != ':' ||
		s.at[16] != ':')
		return 0;
	for (int i = 0; i < 4; i++)
		if (!g_ascii_isdigit(s.at[i]))
			return 0;
	int year = (int)strtol(s.at, NULL, 10);
	if (!two_digits(s.at + 5, &month) || !two_digits(s.at + 8, &day) ||
		!two_digits(s.at + 11, &hour) || !two_digits(s.at + 14, &minute) ||
		!two_digits(s.at + 17, &second))
		return 0;
	size_t n = 19;
	bool zero = true, zone = false;
	if (n < s.len && s.at[n] == '.')
		for (n++; n < s.len && g_ascii_isdigit(s.at[n]); n++)
			zero = zero && s.at[n] == '0';
	if (n + 6 <= s.len && s.at[n] == ' ' && (s.at[n + 1] == '+' || s.at[n + 1] == '-')) {
		int hours, minutes;
		if (two_digits(s.at + n + 2, &hours) && two_digits(s.at + n + 4, &minutes)) {
			offset = (hours * 60 + minutes) * (s.at[n + 1] == '-' ? -1 : 1);
			zone = true;
			n += 6;
		}
	}
	int utc = hour * 60 + minute - offset;
	bool first = year == 1970 && month == 1 && day == 1;
	bool eve = year == 1969 && month == 12 && day == 31;
	if (zero && !second && (first || eve))
		*epoch = zone ? utc == (eve ? 24 * 60 : 0) : minute % 30 == 0;
	return n;
}

/* Length of "Thu Jan  1 00:00:00 1970", the stamp of older diffs and BitKeeper's exports. */
static size_t ctime_stamp(span s, bool *epoch)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	*epoch = false;
	if (s.len < 24 || s.at[3] != ' ' || s.at[7] != ' ' || s.at[10] != ' ' || s.at[13] != ':' ||
		s.at[16] != ':' || s.at[19] != ' ')
		return 0;
	bool day = false;
	for (int i = 0; i < 7; i++)
		day = day || !memcmp(s.at, days + i * 3, 3);
	if (!day)
		return 0;
	bool date = !memcmp(s.at + 4, "Jan  1", 6) && !memcmp(s.at + 20, "1970", 4);
	bool eve = !memcmp(s.at + 4, "Dec 31", 6) && !memcmp(s.at + 20, "1969", 4);
	*epoch = (date || eve) && !memcmp(s.at + 17, "00", 2) &&
		 (!memcmp(s.at + 14, "00", 2) || !memcmp(s.at + 14, "30", 2));
	return 24;
}

static size_t any_stamp(span s, bool *epoch)
{
	size_t n = iso_stamp(s, epoch);
	return n ? n : ctime_stamp(s, epoch);
}

/* Reads what follows "--- " or "+++ ": a name, and mostly a tab and a time stamp. *epoch: the stamp
 * says that the file is absent. NULL for a name that cannot be one. */
char *diff_header_name(span s, bool *epoch)
{
	*epoch = false;
	span rest = {s.at, 0};
	if (s.len && s.at[0] == '"') {
		char *name = unquote(s, &rest);
		if (name && rest.len > 1)
			any_stamp(diff_after(rest, 1), epoch);
		return name;
	}
	const char *tab = memchr(s.at, '\t', s.len);
	if (tab) {
		size_t n = (size_t)(tab - s.at);
		any_stamp(diff_after(s, n + 1), epoch);
		return diff_whole_name((span){s.at, n});
	}
	/* Mails that lost their tabs: the stamp is behind blanks. */
	for (size_t i = 1; i + 19 < s.len; i++) {
		if (s.at[i] != ' ')
			continue;
		size_t n = any_stamp(diff_after(s, i + 1), epoch);
		if (n && i + 1 + n >= s.len)
			return diff_whole_name((span){s.at, i});
		*epoch = false;
	}
	while (s.len && g_ascii_isspace(s.at[s.len - 1]))
		s.len--;
	return diff_whole_name(s);
}

/* Behind the first directory of a name; the name itself when it has none. */
static span behind_prefix(span s)
{
	const char *slash = memchr(s.at, '/', s.len);
	return slash ? diff_after(s, (size_t)(slash - s.at) + 1) : s;
}

static bool same(span a, span b)
{
	return a.len == b.len && !memcmp(a.at, b.at, a.len);
}

/* Takes the two names of a "diff --git" line apart. Plain names may hold blanks: then the one split
 * is right where both halves are the same name behind their prefixes, or without any. */
void diff_split_git_line(diff_file *f, span s)
{
	span rest = s;
	/* Four bytes of quoting a byte, two names: beyond that no name can stand in a tree. */
	if (s.len > 8 * (size_t)LIMIT_PATH_BYTES)
		return;
	if (s.len && s.at[0] == '"') {
		f->old_name = unquote(s, &rest);
		if (f->old_name && rest.len > 1)
			f->new_name = diff_whole_name(diff_after(rest, 1));
		return;
	}
	const char *quote = memchr(s.at, '"', s.len);
	if (quote && quote > s.at + 1 && quote[-1] == ' ') {
		f->old_name = diff_whole_name((span){s.at, (size_t)(quote - s.at) - 1});
		f->new_name = unquote(diff_after(s, (size_t)(quote - s.at)), &rest);
		return;
	}
	size_t tried = 0, start = s.len / 2;
	/* From the middle outwards: prefixes are mostly of one length. */
	for (size_t d = 0; d <= start && tried < MAX_BLANKS; d++) {
		for (int side = 0; side < 2; side++) {
			size_t i = side ? start - d : start + d;
			if (i == 0 || i + 1 >= s.len || s.at[i] != ' ')
				continue;
			span a = {s.at, i}, b = diff_after(s, i + 1);
			tried++;
			if (same(behind_prefix(a), behind_prefix(b)) || same(a, b)) {
				f->old_name = diff_whole_name(a);
				f->new_name = diff_whole_name(b);
				return;
			}
		}
	}
}

bool diff_read_mode(span s, unsigned *mode)
{
	unsigned value = 0;
	size_t i = 0;
	for (; i < s.len && s.at[i] >= '0' && s.at[i] <= '7' && i < 7; i++)
		value = value * 8 + (unsigned)(s.at[i] - '0');
	if (i < 5 || (i < s.len && !g_ascii_isspace(s.at[i])))
		return false;
	/* Git knows four kinds of file; old patches carry odd permission bits (100664). */
	switch (value & 0170000) {
	case 0100000:
		*mode = value & 0100 ? 0100755 : 0100644;
		return true;
	case 0120000:
	case 0160000:
		*mode = value & 0170000;
		return true;
	default:
		return false;
	}
}

/* "index 1234567..89abcde 100644" */
bool diff_read_index(patch_file *f, span s)
{
	size_t n = 0;
	while (n < s.len && g_ascii_isxdigit(s.at[n]))
		n++;
	if (n < 4 || n > 64 || n + 2 >= s.len || s.at[n] != '.' || s.at[n + 1] != '.')
		return false;
	span second = diff_after(s, n + 2);
	size_t m = 0;
	while (m < second.len && g_ascii_isxdigit(second.at[m]))
		m++;
	if (m < 4 || m > 64)
		return false;
	g_free(f->old_id);
	g_free(f->new_id);
	f->old_id = g_ascii_strdown(s.at, (gssize)n);
	f->new_id = g_ascii_strdown(second.at, (gssize)m);
	unsigned mode;
	if (m + 1 < second.len && second.at[m] == ' ' &&
		diff_read_mode(diff_after(second, m + 1), &mode)) {
		f->old_mode = f->old_mode ? f->old_mode : mode;
		f->new_mode = f->new_mode ? f->new_mode : mode;
	}
	return true;
}

bool diff_read_number(const char **p, const char *end, unsigned *out)
{
	unsigned value = 0;
	const char *s = *p;
	if (s >= end || !g_ascii_isdigit(*s))
		return false;
	for (; s < end && g_ascii_isdigit(*s); s++) {
		unsigned digit = (unsigned)(*s - '0');
		if (value > (MAX_LINE_NUMBER - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*p = s;
	*out = value;
	return true;
}

static bool read_range(const char **p, const char *end, char sign, unsigned *start, unsigned *count)
{
	if (*p >= end || **p != sign)
		return false;
	(*p)++;
	if (!diff_read_number(p, end, start))
		return false;
	*count = 1;
	if (*p < end && **p == ',') {
		(*p)++;
		return diff_read_number(p, end, count);
	}
	return true;
}

/* "@@ -1,2 +3,4 @@ heading" */
bool diff_read_hunk_header(hunk *h, span line)
{
	const char *p = line.at + 3, *end = line.at + line.len;
	if (!read_range(&p, end, '-', &h->old_start, &h->old_count) || p >= end || *p++ != ' ' ||
		!read_range(&p, end, '+', &h->new_start, &h->new_count))
		return false;
	if (end - p < 3 || memcmp(p, " @@", 3))
		return false;
	p += 3;
	if (p < end && *p == ' ')
		h->heading = g_strndup(p + 1, (gsize)(end - p - 1));
	return true;
}
