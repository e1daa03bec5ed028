/* Errors of truce: one GError domain, with a hint. */
#include "base/error.h"

#include <string.h>

G_DEFINE_QUARK(truce-error-quark, truce_error)

bool error_set(GError **err, truce_error code, const char *hint, const char *fmt, ...)
{
	if (!err)
		return false;
	va_list ap;
	va_start(ap, fmt);
	g_autofree char *text = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	/* A newline separates message and hint; one inside the message would hide the rest. */
	g_strdelimit(text, "\n", ' ');
	if (hint)
		g_set_error(err, TRUCE_ERROR, (int)code, "%s\n%s", text, hint);
	else
		g_set_error_literal(err, TRUCE_ERROR, (int)code, text);
	return false;
}

void error_prefix(GError **err, const char *fmt, ...)
{
	if (!err || !*err)
		return;
	va_list ap;
	va_start(ap, fmt);
	g_autofree char *text = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	g_prefix_error(err, "%s: ", text);
}

char *error_text(const GError *err)
{
	const char *newline = strchr(err->message, '\n');
	return newline ? g_strndup(err->message, (gsize)(newline - err->message))
		       : g_strdup(err->message);
}

const char *error_hint(const GError *err)
{
	const char *newline = strchr(err->message, '\n');
	return newline ? newline + 1 : NULL;
}
