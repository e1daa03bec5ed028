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

/* Tasks that a process holds at most while its parent is busy: the one at work, and one to go on
 * with. */
#define POOL_AHEAD 2u
/* Room asked for in a socket, for a whole task or answer to lie in while the other side is busy;
 * the system may give less. */
#define POOL_ROOM_BYTES (1 << 20)

/* A task that waits or is at work. */
typedef struct order {
	const pool_client *client;
	size_t index;
} order;

typedef struct worker {
	pid_t pid;
	int fd;			/* -1: none */
	order held[POOL_AHEAD]; /* the first is at work */
	unsigned count;
	gint64 deadline; /* of the first; monotonic microseconds */
	GByteArray *in;	 /* what came of the answer so far: 8 bytes of length, then the bytes */
	GByteArray *out; /* what is still to be sent, framed the same way */
} worker;

struct pool {
	pool_worker work;
	worker *workers;
	unsigned count;
	GQueue waiting; /* order * */
};

unsigned pool_cores(void)
{
	cpu_set_t set;
	if (!sched_getaffinity(0, sizeof set, &set))
		return (unsigned)MAX(1, CPU_COUNT(&set));
	return (unsigned)MAX(1, sysconf(_SC_NPROCESSORS_ONLN));
}

/* Blocks until all is written: the child's way. */
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

/* The child's life: read a task, do it, answer; end with the parent. */
static void child_loop(int fd, const pool_worker *work)
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
	if (work->sealed)
		seal(fd);
	if (work->enter)
		work->enter(work->data);
	guint64 frame;
	while (read_all(fd, &frame, sizeof frame)) {
		g_autofree guint8 *bytes = g_malloc((gsize)frame + 1);
		if (!read_all(fd, bytes, (size_t)frame))
			break;
		if (work->processor_seconds)
			limit_time(work->processor_seconds);
		g_autoptr(GBytes) task = g_bytes_new_take(g_steal_pointer(&bytes), (gsize)frame);
		g_autoptr(GBytes) answer = work->work(task, work->data);
		gsize len;
		const void *data = g_bytes_get_data(answer, &len);
		frame = len;
		if (!write_all(fd, &frame, sizeof frame) || !write_all(fd, data, len))
			break;
	}
	_exit(0);
}

static bool start_worker(pool *p, worker *w, GError **err)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return error_set(err, TRUCE_ERROR_IO, NULL, "cannot make a socket for a worker: %s",
			g_strerror(errno));
	int room = POOL_ROOM_BYTES;
	for (int i = 0; i < 2; i++)
		(void)setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	pid_t pid = fork();
	if (pid < 0) {
		int why = errno;
		close(pair[0]);
		close(pair[1]);
		return error_set(err, TRUCE_ERROR_IO, "try again with --jobs 1",
			"cannot start a worker process: %s", g_strerror(why));
	}
	if (!pid) {
		for (unsigned k = 0; k < p->count; k++) {
			if (p->workers[k].fd >= 0)
				close(p->workers[k].fd);
		}
		close(pair[0]);
		child_loop(pair[1], &p->work);
	}
	close(pair[1]);
	w->pid = pid;
	w->fd = pair[0];
	w->count = 0;
	g_byte_array_set_size(w->in, 0);
	g_byte_array_set_size(w->out, 0);
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

/* The worker is gone: what it was at has failed, what it held beside waits again. */
static void report_death(pool *p, worker *w, bool late)
{
	int status = end_worker(w, late);
	while (w->count > 1)
		g_queue_push_head(&p->waiting, g_memdup2(&w->held[--w->count], sizeof(order)));
	if (!w->count)
		return;
	w->count = 0;
	g_autofree char *why = NULL;
	if (late)
		why = g_strdup_printf("took longer than %u s", p->work.seconds);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		why = g_strdup_printf(
			"took more than %u s of processor time", p->work.processor_seconds);
	else if (WIFSIGNALED(status))
		why = g_strdup_printf("crashed (SIG%s)", sigabbrev_np(WTERMSIG(status)));
	else
		why = g_strdup_printf("ended with status %d", WEXITSTATUS(status));
	order failed = w->held[0];
	failed.client->done(failed.index, NULL, why, failed.client->data);
}

static void set_deadline(const pool *p, worker *w)
{
	w->deadline = g_get_monotonic_time() + (gint64)p->work.seconds * G_USEC_PER_SEC;
}

/* Hands on the answers that are whole; false for what no worker says. */
static bool take_answers(const pool *p, worker *w)
{
	guint64 len;
	while (w->in->len >= sizeof len) {
		memcpy(&len, w->in->data, sizeof len);
		if (!w->count || len > POOL_ANSWER_BYTES)
			return false;
		if (w->in->len - sizeof len < len)
			return true;
		g_autoptr(GBytes) answer = g_bytes_new(w->in->data + sizeof len, (gsize)len);
		g_byte_array_remove_range(w->in, 0, (guint)(sizeof len + len));
		order o = w->held[0];
		w->count--;
		memmove(w->held, w->held + 1, w->count * sizeof *w->held);
		set_deadline(p, w);
		o.client->done(o.index, answer, NULL, o.client->data);
	}
	return true;
}

/* Takes what the worker sent; true while it lives. */
static bool receive(const pool *p, worker *w)
{
	guint8 chunk[1 << 16];
	for (;;) {
		ssize_t n = recv(w->fd, chunk, sizeof chunk, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return true;
		if (n <= 0)
			return false;
		g_byte_array_append(w->in, chunk, (guint)n);
		if (!take_answers(p, w))
			return false;
	}
}

/* Sends what fits into the socket. A worker that died is seen as the end of its stream. */
static void send_some(worker *w)
{
	guint sent = 0;
	while (sent < w->out->len) {
		ssize_t n = send(w->fd, w->out->data + sent, w->out->len - sent,
			MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		sent += (guint)n;
	}
	g_byte_array_remove_range(w->out, 0, sent);
}

/* Gives the next waiting task to a worker. */
static bool hand_out(pool *p, worker *w, GError **err)
{
	if (w->fd < 0 && !start_worker(p, w, err))
		return false;
	g_autofree order *next = g_queue_pop_head(&p->waiting);
	g_autoptr(GBytes) task = next->client->task(next->index, next->client->data);
	gsize len;
	const void *data = g_bytes_get_data(task, &len);
	guint64 frame = len;
	g_byte_array_append(w->out, (const guint8 *)&frame, sizeof frame);
	if (len)
		g_byte_array_append(w->out, data, (guint)len);
	if (!w->count)
		set_deadline(p, w);
	w->held[w->count++] = *next;
	send_some(w);
	return true;
}

/* Idle workers first; those at work get more only when nobody will be there soon to give it. */
static bool hand_out_all(pool *p, bool ahead, GError **err)
{
	for (unsigned depth = 0; depth < (ahead ? POOL_AHEAD : 1); depth++) {
		for (unsigned i = 0; i < p->count && p->waiting.length; i++) {
			worker *w = &p->workers[i];
			if (w->count == depth && !hand_out(p, w, err))
				return false;
		}
	}
	return true;
}

bool pool_turn(pool *p, bool wait, GError **err)
{
	if (!cancel_check(err) || !hand_out_all(p, !wait, err))
		return false;
	g_autofree struct pollfd *fds = g_new0(struct pollfd, p->count);
	bool busy = false;
	for (unsigned i = 0; i < p->count; i++) {
		const worker *w = &p->workers[i];
		short events = w->out->len ? POLLIN | POLLOUT : POLLIN;
		fds[i] = (struct pollfd){.fd = w->fd, .events = events};
		busy |= w->count > 0;
	}
	if (poll(fds, p->count, wait && busy ? POOL_TICK_MS : 0) < 0 && errno != EINTR)
		return error_set(err, TRUCE_ERROR_IO, NULL, "poll: %s", g_strerror(errno));
	gint64 now = g_get_monotonic_time();
	for (unsigned i = 0; i < p->count; i++) {
		worker *w = &p->workers[i];
		if (w->fd < 0)
			continue;
		if (fds[i].revents & POLLOUT)
			send_some(w);
		if (fds[i].revents & ~POLLOUT && !receive(p, w))
			report_death(p, w, false);
		else if (w->count && now > w->deadline)
			report_death(p, w, true);
	}
	/* The parent goes back to its own work: what became free goes on. */
	return wait || hand_out_all(p, true, err);
}

size_t pool_open(const pool *p)
{
	size_t open = p->waiting.length;
	for (unsigned i = 0; i < p->count; i++)
		open += p->workers[i].count;
	return open;
}

void pool_add(pool *p, const pool_client *client, size_t index)
{
	order *o = g_new(order, 1);
	*o = (order){client, index};
	g_queue_push_tail(&p->waiting, o);
}

pool *pool_new(const pool_worker *work, unsigned workers)
{
	pool *p = g_new0(pool, 1);
	p->work = *work;
	p->count = workers ? workers : pool_cores();
	p->workers = g_new0(worker, p->count);
	g_queue_init(&p->waiting);
	for (unsigned i = 0; i < p->count; i++) {
		p->workers[i].fd = -1;
		p->workers[i].in = g_byte_array_new();
		p->workers[i].out = g_byte_array_new();
	}
	return p;
}

void pool_free(pool *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->count; i++) {
		worker *w = &p->workers[i];
		end_worker(w, w->count > 0);
		g_byte_array_unref(w->in);
		g_byte_array_unref(w->out);
	}
	g_queue_clear_full(&p->waiting, g_free);
	g_free(p->workers);
	g_free(p);
}

/* --- the simple case --- */

static GBytes *index_task(size_t index, void *data)
{
	(void)data;
	return g_bytes_new(&index, sizeof index);
}

static GBytes *index_work(GBytes *task, void *data)
{
	const pool_job *job = data;
	size_t index;
	memcpy(&index, g_bytes_get_data(task, NULL), sizeof index);
	return job->work(index, job->data);
}

static void index_done(size_t index, GBytes *answer, const char *why, void *data)
{
	const pool_job *job = data;
	job->done(index, answer, why, job->data);
}

static void index_enter(void *data)
{
	const pool_job *job = data;
	if (job->enter)
		job->enter(job->data);
}

bool pool_run(size_t count, unsigned workers, unsigned seconds, const pool_job *job, GError **err)
{
	if (!count)
		return true;
	unsigned n = workers ? workers : pool_cores();
	pool_worker work = {
		index_work, index_enter, job->sealed, job->processor_seconds, seconds, (void *)job};
	pool_client client = {index_task, index_done, (void *)job};
	g_autoptr(pool) p = pool_new(&work, n > count ? (unsigned)count : n);
	for (size_t i = 0; i < count; i++)
		pool_add(p, &client, i);
	while (pool_open(p)) {
		if (!pool_turn(p, true, err))
			return false;
	}
	return true;
}
