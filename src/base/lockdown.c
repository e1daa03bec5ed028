/* Locking a process down. */
#include "base/lockdown.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- Landlock --- */

/* Rights by the version of the interface that brought them; a kernel refuses what it does not know.
 * The headers of the build may be older than the kernel of the run. */
#define FS_V1 ((UINT64_C(1) << 13) - 1)
#define FS_REFER (UINT64_C(1) << 13)	/* 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14) /* 3 */
#define NET_TCP UINT64_C(3)		/* 4: bind and connect */
#define FS_IOCTL (UINT64_C(1) << 15)	/* 5 */
#define SCOPE_ALL UINT64_C(3)		/* 6: abstract sockets and signals */

/* struct landlock_ruleset_attr as of version 6; older kernels take a shorter one. */
typedef struct ruleset {
	guint64 fs, net, scope;
} ruleset;

static bool allow_reading(int rules, const char *folder)
{
	int fd = open(folder, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT;
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
		.parent_fd = fd,
	};
	long code = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	close(fd);
	return !code;
}

static bool lock_files(const char *const *readable)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 1)
		return false;
	ruleset all = {.fs = FS_V1};
	size_t size = sizeof all.fs;
	if (version >= 2)
		all.fs |= FS_REFER;
	if (version >= 3)
		all.fs |= FS_TRUNCATE;
	if (version >= 4) {
		all.net = NET_TCP;
		size += sizeof all.net;
	}
	if (version >= 5)
		all.fs |= FS_IOCTL;
	if (version >= 6) {
		all.scope = SCOPE_ALL;
		size += sizeof all.scope;
	}
	int rules = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
	if (rules < 0)
		return false;
	bool ok = true;
	for (; *readable && ok; readable++)
		ok = allow_reading(rules, *readable);
	ok = ok && !syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
	return ok;
}

/* --- seccomp --- */

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OWN_ARCH AUDIT_ARCH_RISCV64
#endif

#ifdef OWN_ARCH

/* Calls that no reader makes. The list names what is refused, not what is allowed: what libc and a
 * compiler's library call changes with their versions. */
static const int refused[] = {
	/* network */
	SYS_socket,
	SYS_socketpair,
	SYS_connect,
	SYS_bind,
	SYS_listen,
	SYS_accept,
	SYS_accept4,
	SYS_sendmsg,
	SYS_sendmmsg,
	/* programs and other processes */
	SYS_execve,
	SYS_execveat,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_pidfd_open,
	SYS_pidfd_getfd,
	SYS_pidfd_send_signal,
	SYS_rt_sigqueueinfo,
	SYS_rt_tgsigqueueinfo,
	SYS_tkill,
	SYS_kcmp,
	SYS_setpgid,
	SYS_setsid,
	/* files, beside opening */
	SYS_openat2,
	SYS_open_by_handle_at,
	SYS_name_to_handle_at,
	SYS_unlinkat,
	SYS_renameat2,
	SYS_mkdirat,
	SYS_linkat,
	SYS_symlinkat,
	SYS_mknodat,
	SYS_fchmod,
	SYS_fchmodat,
	SYS_fchown,
	SYS_fchownat,
	SYS_truncate,
	SYS_ftruncate,
	SYS_fallocate,
	SYS_utimensat,
	SYS_setxattr,
	SYS_lsetxattr,
	SYS_fsetxattr,
	SYS_removexattr,
	SYS_lremovexattr,
	SYS_fremovexattr,
	/* the system */
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_unshare,
	SYS_setns,
	SYS_move_mount,
	SYS_open_tree,
	SYS_fsopen,
	SYS_fsmount,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_userfaultfd,
	SYS_io_uring_setup,
	SYS_io_uring_enter,
	SYS_io_uring_register,
	SYS_keyctl,
	SYS_add_key,
	SYS_request_key,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_reboot,
	SYS_swapon,
	SYS_swapoff,
	SYS_quotactl,
	SYS_personality,
	SYS_sethostname,
	SYS_setdomainname,
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_adjtimex,
	SYS_clock_adjtime,
	SYS_acct,
	SYS_syslog,
	SYS_vhangup,
#ifdef SYS_open /* machines with the first Linux calls */
	SYS_creat,
	SYS_unlink,
	SYS_rename,
	SYS_mkdir,
	SYS_rmdir,
	SYS_link,
	SYS_symlink,
	SYS_mknod,
	SYS_chmod,
	SYS_chown,
	SYS_lchown,
	SYS_utime,
	SYS_utimes,
	SYS_futimesat,
	SYS_fork,
	SYS_vfork,
#endif
#ifdef SYS_renameat
	SYS_renameat,
#endif
};

typedef struct program {
	GArray *code; /* struct sock_filter */
} program;

static void emit(program *p, guint16 op, guint8 yes, guint8 no, guint32 k)
{
	struct sock_filter f = {op, yes, no, k};
	g_array_append_val(p->code, f);
}

static void give(program *p, guint32 answer)
{
	emit(p, BPF_RET | BPF_K, 0, 0, answer);
}

static void load(program *p, size_t offset)
{
	emit(p, BPF_LD | BPF_W | BPF_ABS, 0, 0, (guint32)offset);
}

/* The low half of an argument. */
static size_t argument(unsigned n)
{
	size_t at = offsetof(struct seccomp_data, args) + n * sizeof(guint64);
	return G_BYTE_ORDER == G_LITTLE_ENDIAN ? at : at + sizeof(guint32);
}

static guint32 refuse(int why)
{
	return SECCOMP_RET_ERRNO | ((guint32)why & SECCOMP_RET_DATA);
}

/* `call` is refused when argument n has one of the bits (any) or lacks them (!any). */
static void check_bits(program *p, int call, unsigned n, guint32 bits, bool any)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, (guint32)call);
	load(p, argument(n));
	emit(p, BPF_JMP | BPF_JSET | BPF_K, any ? 0 : 1, any ? 1 : 0, bits);
	give(p, refuse(EACCES));
	give(p, SECCOMP_RET_ALLOW);
}

/* `call` is refused unless argument n is `value`. */
static void check_value(program *p, int call, unsigned n, guint32 value)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, (guint32)call);
	load(p, argument(n));
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, value);
	give(p, refuse(EACCES));
	give(p, SECCOMP_RET_ALLOW);
}

static void write_program(program *p)
{
	const guint32 writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
	load(p, offsetof(struct seccomp_data, arch));
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, OWN_ARCH);
	give(p, refuse(ENOSYS));
	load(p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	emit(p, BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x40000000); /* the x32 numbers */
	give(p, refuse(ENOSYS));
	check_bits(p, SYS_open, 1, writing, true);
#endif
	check_bits(p, SYS_openat, 2, writing, true);
	/* Threads, no processes; libc asks by the older call when there is no newer one. */
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_clone3);
	give(p, refuse(ENOSYS));
	check_bits(p, SYS_clone, 0, CLONE_THREAD, false);
	/* abort() signals this process; answers go through a socket that is connected. */
	check_value(p, SYS_tgkill, 0, (guint32)getpid());
	check_value(p, SYS_kill, 0, (guint32)getpid());
	check_value(p, SYS_sendto, 5, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (guint32)refused[i]);
		give(p, refuse(EPERM));
	}
	give(p, SECCOMP_RET_ALLOW);
}

static bool lock_calls(void)
{
	program p = {g_array_new(FALSE, FALSE, sizeof(struct sock_filter))};
	write_program(&p);
	struct sock_fprog filter = {
		(unsigned short)p.code->len, (struct sock_filter *)p.code->data};
	bool ok = !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
	g_array_unref(p.code);
	return ok;
}

#else

static bool lock_calls(void)
{
	return false;
}

#endif

/* --- both --- */

lockdown lockdown_enter(const char *const *readable)
{
	lockdown l = {false, false};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return l;
	l.files = lock_files(readable);
	l.calls = lock_calls();
	return l;
}

lockdown lockdown_probe(void)
{
	static const char *const nothing[] = {NULL};
	pid_t child = fork();
	if (!child) {
		lockdown l = lockdown_enter(nothing);
		_exit((l.files ? 1 : 0) | (l.calls ? 2 : 0));
	}
	int status = 0;
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	int held = child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	return (lockdown){(held & 1) != 0, (held & 2) != 0};
}

const char *lockdown_describe(lockdown l)
{
	if (l.files && l.calls)
		return "Landlock and seccomp";
	if (l.files)
		return "Landlock; no seccomp: programs and other processes are not barred";
	if (l.calls)
		return "seccomp; no Landlock: files outside of the tree can be opened for reading";
	return "none: this kernel has neither Landlock nor seccomp";
}
