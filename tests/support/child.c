/* Another process for a test. */
#include "support/child.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The user and group "nobody" of every Linux. */
#define NOBODY 65534

static void give_up_root(void)
{
	if (geteuid() != 0)
		return;
	g_assert(setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
}

static void send_all(int to, const char *text)
{
	for (size_t sent = 0, len = strlen(text); sent < len;) {
		ssize_t n = write(to, text + sent, len - sent);
		if (n <= 0)
			_exit(99);
		sent += (size_t)n;
	}
}

char *child_answer(char *(*work)(void *data), void *data, bool nobody)
{
	int ends[2];
	g_assert(pipe(ends) == 0);
	pid_t child = fork();
	g_assert(child >= 0);
	if (!child) {
		close(ends[0]);
		if (nobody)
			give_up_root();
		char *text = work(data);
		send_all(ends[1], text ? text : "");
		_exit(0);
	}
	close(ends[1]);
	GString *answer = g_string_new(NULL);
	char buffer[4096];
	ssize_t n;
	while ((n = read(ends[0], buffer, sizeof buffer)) > 0)
		g_string_append_len(answer, buffer, n);
	close(ends[0]);
	int status = child_wait(child);
	if (status < 0)
		g_string_printf(answer, "signal %d", -status);
	return g_string_free(answer, FALSE);
}

pid_t child_start(void (*work)(void *data), void *data)
{
	pid_t child = fork();
	g_assert(child >= 0);
	if (!child) {
		work(data);
		_exit(0);
	}
	return child;
}

int child_wait(pid_t child)
{
	int status;
	pid_t got;
	while ((got = waitpid(child, &status, 0)) < 0 && errno == EINTR)
		;
	g_assert(got == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
