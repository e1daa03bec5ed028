/* Standard output: is it a terminal, how wide, with which colours, and its pager. */
#include "cli/terminal.h"

#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

#define DEFAULT_WIDTH 80u
/* Beyond this nobody reads a line; also bounds a COLUMNS gone wrong. */
#define MAX_WIDTH 1000u

bool terminal_is(int fd)
{
	return isatty(fd);
}

unsigned terminal_width(void)
{
	const char *columns = g_getenv("COLUMNS");
	guint64 number;
	if (columns && g_ascii_string_to_unsigned(columns, 10, 1, MAX_WIDTH, &number, NULL))
		return (unsigned)number;
	struct winsize size;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return MIN(size.ws_col, MAX_WIDTH);
	return DEFAULT_WIDTH;
}

bool terminal_unicode(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

bool terminal_dumb(void)
{
	const char *term = g_getenv("TERM");
	return !term || !strcmp(term, "dumb");
}

bool terminal_colour(const char *when, const char *setting)
{
	const char *no_colour = g_getenv("NO_COLOR");
	if (!when && no_colour && *no_colour)
		return false;
	if (!when)
		when = setting ? setting : "auto";
	if (!strcmp(when, "always"))
		return true;
	/* git's booleans: true means auto. */
	if (!strcmp(when, "never") || !g_ascii_strcasecmp(when, "false") ||
		!g_ascii_strcasecmp(when, "no") || !g_ascii_strcasecmp(when, "off") ||
		!strcmp(when, "0"))
		return false;
	return terminal_is(STDOUT_FILENO) && !terminal_dumb();
}

static bool write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

bool terminal_write(const char *text, size_t len, GError **err)
{
	if (write_all(STDOUT_FILENO, text, len) || errno == EPIPE)
		return true;
	return error_set(err, TRUCE_ERROR_IO, NULL, "cannot write to standard output: %s",
		g_strerror(errno));
}

/* less shows a short text without taking the screen, and leaves it there, as under git. */
static char **pager_environment(void)
{
	char **env = g_get_environ();
	env = g_environ_setenv(env, "LESS", "FRX", FALSE);
	return g_environ_setenv(env, "LV", "-c", FALSE);
}

bool terminal_page(const char *pager, const char *text, size_t len, GError **err)
{
	const char *argv[] = {"/bin/sh", "-c", pager, NULL};
	g_auto(GStrv) env = pager_environment();
	GPid pid;
	int in;
	if (!g_spawn_async_with_pipes(NULL, (char **)argv, env, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
		    NULL, &pid, &in, NULL, NULL, NULL))
		return terminal_write(text, len, err);
	/* While the pager is up, Ctrl-C is a key of its own. */
	signal(SIGINT, SIG_IGN);
	write_all(in, text, len); /* a pager that was left early is no error */
	close(in);
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	g_spawn_close_pid(pid);
	/* 127: the shell did not find it. Nothing was shown then. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return terminal_write(text, len, err);
	return true;
}
