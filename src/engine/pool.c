/* A pool of forked processes. */
#include "engine/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/limits.h"

/* An answer is the facts of one translation unit; the largest file of 6.1 gives under 40 MB. A
 * child that claims more is broken. */
#define POOL_ANSWER_BYTES ((guint64)1 << 30)
/* How often the parent looks for Ctrl-C and hanging children. */
#define POOL_TICK_MS 200

/* Files that an older kernel's process is taken to have open at most: the usual limit. */
#define POOL_OLD_FILES 1024

#define NO_JOB ((size_t)-1)

typedef struct worker {
	pid_t pid;
	int fd;		 /* -1: none */
	size_t job;	 /* NO_JOB: idle */
	gint64 deadline; /* monotonic microseconds */
	GByteArray *in;	 /* what came of the answer so far: 8 bytes of length, then the bytes */
} worker;

unsigned pool_cores(void)
{
	cpu_set_t set;
	if (!sched_getaffinity(0, sizeof set, &set))
		return (unsigned)MAX(1, CPU_COUNT(&set));
	return (unsigned)MAX(1, sysconf(_SC_NPROCESSORS_ONLN));
}

static bool write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static bool read_all(int fd, void *data, size_t len)
{
	char *p = data;
	while (len) {
		ssize_t n = read(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* Closes what a fork inherits: the database, the repository, the user's terminal. */
static void seal(int keep)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= 2 && null >= 0; fd++) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
		if (fd == 2)
			continue; /* where a sanitizer complains */
#endif
		dup2(null, fd);
	}
	unsigned own = (unsigned)keep;
	bool closed = (own <= 3 || !syscall(SYS_close_range, 3u, own - 1, 0)) &&
		      !syscall(SYS_close_range, own + 1, ~0u, 0);
	for (int fd = 3; !closed && fd < POOL_OLD_FILES; fd++) { /* before Linux 5.9 */
		if (fd != keep)
			close(fd);
	}
}

/* What a job may ask for comes on top of what the child has from its parent: libraries, and the
 * packs of a repository that are mapped. */
static inline void limit_memory(void)
{
	g_autofree char *text = NULL;
	guint64 pages = 0;
	if (g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
		pages = g_ascii_strtoull(text, NULL, 10);
	rlim_t bytes = pages * (rlim_t)sysconf(_SC_PAGESIZE) + LIMIT_PARSE_BYTES;
	struct rlimit memory = {bytes, bytes};
	setrlimit(RLIMIT_AS, &memory);
}

/* The limit of time is the process' own, over all of its jobs: it is moved on before each. */
static void limit_time(unsigned seconds)
{
	struct rusage used;
	struct rlimit now;
	if (getrusage(RUSAGE_SELF, &used) || getrlimit(RLIMIT_CPU, &now))
		return;
	rlim_t until = (rlim_t)used.ru_utime.tv_sec + (rlim_t)used.ru_stime.tv_sec + seconds + 1;
	now.rlim_cur = MIN(until, now.rlim_max);
	setrlimit(RLIMIT_CPU, &now);
}

/* The child's life: read a job's number, do it, answer; end with the parent. */
static void child_loop(int fd, const pool_job *job)
{
	/* The terminal's Ctrl-C is the parent's to handle; when the parent dies, so does the child.
	 */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	limit_memory(); /* a sanitizer's shadow alone is larger */
#endif
	struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	if (job->sealed)
		seal(fd);
	if (job->enter)
		job->enter(job->data);
	guint64 index;
	while (read_all(fd, &index, sizeof index)) {
		if (job->processor_seconds)
			limit_time(job->processor_seconds);
		GBytes *answer = job->work((size_t)index, job->data);
		gsize len;
		const void *data = g_bytes_get_data(answer, &len);
		guint64 frame = len;
		if (!write_all(fd, &frame, sizeof frame) || !write_all(fd, data, len))
			break;
		g_bytes_unref(answer);
	}
	_exit(0);
}

static bool start_worker(
	worker *workers, unsigned count, unsigned i, const pool_job *job, GError **err)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return error_set(err, TRUCE_ERROR_IO, NULL, "cannot make a socket for a worker: %s",
			g_strerror(errno));
	pid_t pid = fork();
	if (pid < 0) {
		int why = errno;
		close(pair[0]);
		close(pair[1]);
		return error_set(err, TRUCE_ERROR_IO, "try again with --jobs 1",
			"cannot start a worker process: %s", g_strerror(why));
	}
	if (!pid) {
		for (unsigned k = 0; k < count; k++) {
			if (workers[k].fd >= 0)
				close(workers[k].fd);
		}
		close(pair[0]);
		child_loop(pair[1], job);
	}
	close(pair[1]);
	workers[i].pid = pid;
	workers[i].fd = pair[0];
	workers[i].job = NO_JOB;
	g_byte_array_set_size(workers[i].in, 0);
	return true;
}

/* Ends a worker; returns its wait status. */
static int end_worker(worker *w, bool force)
{
	int status = 0;
	if (w->fd < 0)
		return 0;
	if (force)
		kill(w->pid, SIGKILL);
	close(w->fd);
	w->fd = -1;
	while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static void report_death(worker *w, const pool_job *job, bool late, unsigned seconds)
{
	size_t index = w->job;
	int status = end_worker(w, late);
	w->job = NO_JOB;
	if (index == NO_JOB)
		return;
	g_autofree char *why = NULL;
	if (late)
		why = g_strdup_printf("took longer than %u s", seconds);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		why = g_strdup_printf(
			"took more than %u s of processor time", job->processor_seconds);
	else if (WIFSIGNALED(status))
		why = g_strdup_printf("crashed (SIG%s)", sigabbrev_np(WTERMSIG(status)));
	else
		why = g_strdup_printf("ended with status %d", WEXITSTATUS(status));
	job->done(index, NULL, why, job->data);
}

/* Takes what the worker sent; true while it lives. */
static bool receive(worker *w, const pool_job *job)
{
	guint8 chunk[65536];
	ssize_t n = read(w->fd, chunk, sizeof chunk);
	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0 || w->job == NO_JOB)
		return false;
	g_byte_array_append(w->in, chunk, (guint)n);
	guint64 len;
	if (w->in->len < sizeof len)
		return true;
	memcpy(&len, w->in->data, sizeof len);
	if (len > POOL_ANSWER_BYTES)
		return false;
	if (w->in->len < sizeof len + len)
		return true;
	g_autoptr(GBytes) answer = g_bytes_new(w->in->data + sizeof len, (gsize)len);
	size_t index = w->job;
	w->job = NO_JOB;
	g_byte_array_set_size(w->in, 0);
	job->done(index, answer, NULL, job->data);
	return true;
}

/* One round: hand out jobs, wait for answers, bury the dead. */
static bool turn(worker *workers, unsigned count, size_t *next, size_t total, size_t *finished,
	unsigned seconds, const pool_job *job, GError **err)
{
	for (unsigned i = 0; i < count && *next < total; i++) {
		worker *w = &workers[i];
		if (w->fd < 0 && !start_worker(workers, count, i, job, err))
			return false;
		if (w->job != NO_JOB)
			continue;
		guint64 index = *next;
		w->job = (*next)++;
		w->deadline = g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;
		/* A worker that died idle is seen below, as an end of its stream. */
		(void)write_all(w->fd, &index, sizeof index);
	}
	g_autofree struct pollfd *fds = g_new0(struct pollfd, count);
	for (unsigned i = 0; i < count; i++)
		fds[i] = (struct pollfd){.fd = workers[i].fd, .events = POLLIN};
	if (poll(fds, count, POOL_TICK_MS) < 0 && errno != EINTR)
		return error_set(err, TRUCE_ERROR_IO, NULL, "poll: %s", g_strerror(errno));
	gint64 now = g_get_monotonic_time();
	for (unsigned i = 0; i < count; i++) {
		worker *w = &workers[i];
		if (w->fd < 0)
			continue;
		bool busy = w->job != NO_JOB;
		if (fds[i].revents && !receive(w, job))
			report_death(w, job, false, seconds);
		else if (w->job != NO_JOB && now > w->deadline)
			report_death(w, job, true, seconds);
		if (busy && w->job == NO_JOB)
			(*finished)++;
	}
	return true;
}

bool pool_run(size_t count, unsigned workers, unsigned seconds, const pool_job *job, GError **err)
{
	if (!count)
		return true;
	unsigned n = workers ? workers : pool_cores();
	if (n > count)
		n = (unsigned)count;
	g_autofree worker *all = g_new0(worker, n);
	for (unsigned i = 0; i < n; i++) {
		all[i].fd = -1;
		all[i].job = NO_JOB;
		all[i].in = g_byte_array_new();
	}
	bool ok = true;
	size_t next = 0, finished = 0;
	while (ok && finished < count)
		ok = cancel_check(err) && turn(all, n, &next, count, &finished, seconds, job, err);
	for (unsigned i = 0; i < n; i++) {
		end_worker(&all[i], !ok);
		g_byte_array_unref(all[i].in);
	}
	return ok;
}
