/* Running the simulated machine. */
#include "conform/machine.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/limits.h"

#define PROGRAM "pv-machine"
#define IMAGE "pv-image"
#define OWN_NAME PROGRAM ": "
/* As often somebody asks whether Ctrl-C came, in milliseconds. */
#define LOOK_EVERY 200

typedef struct child {
	GPid pid;
	int fd[2]; /* its stdout and stderr; -1: at their end */
	GString *said[2];
	bool ended, late;
	int status;
} child;

/* In the new process, before the program starts: async-signal-safe calls alone. The machine gives up the rest
 * itself once it has read its files. */
static void prepare(gpointer data)
{
	(void)data;
	const struct rlimit none = {0, 0};
	const struct rlimit seconds = {LIMIT_CONFORM_SECONDS, LIMIT_CONFORM_SECONDS};
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_CPU, &seconds);
}

static bool start(child *c, const machine_run *what, GError **err)
{
	g_autofree char *program = g_build_filename(what->folder, PROGRAM, NULL);
	g_autofree char *image = g_build_filename(what->folder, IMAGE, NULL);
	g_autofree char *object = g_canonicalize_filename(what->object, NULL);
	g_autofree char *only = what->only ? g_strconcat("only=", what->only, NULL) : NULL;
	g_autoptr(GError) why = NULL;
	char *argv[] = {program, "--object", object, image, only, NULL};
	char *environment[] = {"LC_ALL=C", NULL};
	if (!g_file_test(program, G_FILE_TEST_IS_EXECUTABLE) ||
		!g_file_test(image, G_FILE_TEST_IS_REGULAR))
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"build truce with its folder reference/ (x86-64), or install the whole package",
			"no simulated machine: %s and %s are not in %s", PROGRAM, IMAGE, what->folder);
	if (g_spawn_async_with_pipes("/", argv, environment, G_SPAWN_DO_NOT_REAP_CHILD, prepare, NULL,
		    &c->pid, NULL, &c->fd[0], &c->fd[1], &why))
		return true;
	return error_set(err, TRUCE_ERROR_IO, NULL, "%s: %s", program, why->message);
}

/* Takes what there is; false at the end, and when it is more than any report. */
static bool take(int fd, GString *into)
{
	char part[8192];
	ssize_t n = read(fd, part, sizeof part);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	g_string_append_len(into, part, n);
	return n > 0 && into->len <= LIMIT_CONFORM_BYTES;
}

/* Until both ends are closed, it is too late, or somebody wants no more. */
static void listen_to(child *c)
{
	gint64 end = g_get_monotonic_time() + LIMIT_CONFORM_PATIENCE * G_USEC_PER_SEC;
	while (c->fd[0] >= 0 || c->fd[1] >= 0) {
		struct pollfd wait[2] = {{c->fd[0], POLLIN, 0}, {c->fd[1], POLLIN, 0}};
		c->late = g_get_monotonic_time() > end;
		if (c->late || cancelled())
			return;
		if (poll(wait, 2, LOOK_EVERY) <= 0)
			continue;
		for (unsigned i = 0; i < 2; i++) {
			if (!wait[i].revents || take(c->fd[i], c->said[i]))
				continue;
			close(c->fd[i]);
			c->fd[i] = -1;
		}
	}
	c->ended = true;
}

static void finish(child *c)
{
	for (unsigned i = 0; i < 2; i++) {
		if (c->fd[i] >= 0)
			close(c->fd[i]);
	}
	if (!c->ended)
		kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
		;
	g_spawn_close_pid(c->pid);
}

/* What the process ended with: its words, or how it was ended. */
static bool judge(const child *c, const char *object, GError **err)
{
	if (!cancel_check(err))
		return false;
	if (c->late)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL, "%s: no end after %u s", object,
			LIMIT_CONFORM_PATIENCE);
	if (WIFSIGNALED(c->status))
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
			"%s: the simulated machine was ended by signal %d", object,
			WTERMSIG(c->status));
	if (WEXITSTATUS(c->status) < 2)
		return true;
	g_autofree char *words = g_strstrip(g_strndup(c->said[1]->str, strcspn(c->said[1]->str, "\n")));
	const char *why = g_str_has_prefix(words, OWN_NAME) ? words + strlen(OWN_NAME) : words;
	return error_set(err, TRUCE_ERROR_INPUT,
		"docs/interface.md says how a backend is compiled, and what it defines", "%s",
		*why ? why : "the simulated machine did not start");
}

bool conform_machine_run(GString **text, const machine_run *what, GError **err)
{
	child c = {.fd = {-1, -1}};
	if (!start(&c, what, err))
		return false;
	c.said[0] = g_string_new(NULL);
	c.said[1] = g_string_new(NULL);
	listen_to(&c);
	finish(&c);
	bool ok = judge(&c, what->object, err);
	g_string_free(c.said[1], TRUE);
	if (ok)
		*text = c.said[0];
	else
		g_string_free(c.said[0], TRUE);
	return ok;
}
