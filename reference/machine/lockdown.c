/* From here on the process can compute, take memory, write what it has open, and end: seccomp kills it for anything else,
 * where the kernel has Landlock no file can be reached either, and time and memory are limited. */
#include "machine.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	SECONDS_MOST = 60,	   /* of the processor: the longest run takes 1 */
	OUTPUT_MOST = 16 << 20,	   /* bytes; the longest report has 64 KiB */
	LANDLOCK_FILES = 0x1fff,   /* every right of version 1 of the interface */
};
#define MEMORY_MOST (UINT64_C(256) << 20)

#define ALLOW(number) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* No right to any file. A kernel without Landlock is no reason to stop: seccomp lets no file be opened. */
static void lock_files(void)
{
	struct landlock_ruleset_attr all = {.handled_access_fs = LANDLOCK_FILES};
	int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);

	if (rules < 0)
		return;
	syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
}

static bool limit(int what, uint64_t most)
{
	const struct rlimit both = {most, most};

	return setrlimit((__rlimit_resource_t)what, &both) == 0;
}

bool machine_lock_down(void)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(SYS_write),
		ALLOW(SYS_brk),
		ALLOW(SYS_mmap),
		ALLOW(SYS_munmap),
		ALLOW(SYS_mremap),
		ALLOW(SYS_fstat),
		ALLOW(SYS_newfstatat),
		ALLOW(SYS_close),
		ALLOW(SYS_exit_group),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	const struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	lock_files();
	return limit(RLIMIT_CPU, SECONDS_MOST) && limit(RLIMIT_AS, MEMORY_MOST) &&
	       limit(RLIMIT_FSIZE, OUTPUT_MOST) && limit(RLIMIT_CORE, 0) &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
