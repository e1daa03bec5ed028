/* What to do about a finding. Suggestions are stored with ID for the finding that they belong to,
 * and write commands between backticks. */
#include "report/advice.h"

#include <string.h>

static const char *suggestion(const finding *f)
{
	return f->suggestion ? f->suggestion : "";
}

char *advice_commands(const finding *f)
{
	g_autoptr(GString) out = g_string_new(suggestion(f));
	g_autofree char *show = g_strconcat("truce show ", f->id, NULL);
	g_autofree char *decide = g_strconcat("truce decide ", f->id, NULL);
	g_string_replace(out, "truce show ID", show, 0);
	g_string_replace(out, "truce decide ID", decide, 0);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* The end of a ruling's option: "--take NAME" or "--both". */
static const char *ruling_end(const char *option)
{
	const char *end = option + 2;
	while (g_ascii_islower(*end))
		end++;
	if (!g_str_has_prefix(option, "--take "))
		return end;
	for (end++; *end && !strchr(" `,;:)", *end); end++)
		;
	/* The full stop of a sentence is none of a name. */
	return end[-1] == '.' ? end - 1 : end;
}

static bool is_ruling(const char *p)
{
	static const char *const rulings[] = {
		"--take ", "--both", "--interface", "--dismiss", NULL};
	for (const char *const *r = rulings; *r; r++) {
		if (g_str_has_prefix(p, *r))
			return true;
	}
	return false;
}

/* "--take NAME" as "take NAME", in quotes. */
static void put_rulings(GString *out, const char *text)
{
	for (const char *p = text; *p;) {
		if (!is_ruling(p)) {
			g_string_append_c(out, *p++);
			continue;
		}
		const char *end = ruling_end(p);
		g_string_append_printf(out, "\"%.*s\"", (int)(end - p - 2), p + 2);
		p = end;
	}
}

char *advice_words(const finding *f)
{
	g_autoptr(GString) text = g_string_new(suggestion(f));
	g_string_replace(text, " (`truce show ID`)", "", 0);
	g_string_replace(text, ", and run `truce series update`", "", 0);
	g_string_replace(text, " and run `truce series update`", "", 0);
	/* `truce decide ID --both`: the ruling alone, without the backticks around it. */
	g_auto(GStrv) parts = g_strsplit(text->str, "`truce decide ID ", -1);
	g_autoptr(GString) plain = g_string_new(parts[0]);
	for (guint i = 1; parts[0] && parts[i]; i++) {
		char *close = strchr(parts[i], '`');
		if (close)
			memmove(close, close + 1, strlen(close));
		g_string_append(plain, parts[i]);
	}
	g_autoptr(GString) out = g_string_new(NULL);
	put_rulings(out, plain->str);
	return g_string_free(g_steal_pointer(&out), FALSE);
}
