/* The kernel's architectures and clang's targets. */
#include "kernel/arch.h"

#include <string.h>

typedef struct arch {
	const char *folder;
	const char *narrow, *wide; /* targets without and with the symbol `wide_symbol` */
	const char *wide_symbol;
	const char *little, *little_wide; /* with CPU_LITTLE_ENDIAN; NULL: the same */
} arch;

/* From `clang-14 --print-targets`. Absent here and not in `untargeted`: taken for the host's. */
static const arch archs[] = {
	{"i386", "i386-linux-gnu", NULL, NULL, NULL, NULL},
	{"x86_64", "x86_64-linux-gnu", NULL, NULL, NULL, NULL},
	{"x86", "i386-linux-gnu", "x86_64-linux-gnu", "64BIT", NULL, NULL},
	{"um", "i386-linux-gnu", "x86_64-linux-gnu", "64BIT", NULL, NULL},
	{"arm", "arm-linux-gnueabi", NULL, NULL, NULL, NULL},
	{"arm64", "aarch64-linux-gnu", NULL, NULL, NULL, NULL},
	{"powerpc", "powerpc-linux-gnu", "powerpc64-linux-gnu", "PPC64", "powerpcle-linux-gnu",
		"powerpc64le-linux-gnu"},
	{"ppc", "powerpc-linux-gnu", NULL, NULL, NULL, NULL},
	{"ppc64", "powerpc64-linux-gnu", NULL, NULL, NULL, NULL},
	{"s390", "s390x-linux-gnu", NULL, NULL, NULL, NULL},
	{"sparc", "sparc-linux-gnu", "sparc64-linux-gnu", "SPARC64", NULL, NULL},
	{"sparc64", "sparc64-linux-gnu", NULL, NULL, NULL, NULL},
	{"mips", "mips-linux-gnu", "mips64-linux-gnu", "64BIT", "mipsel-linux-gnu",
		"mips64el-linux-gnu"},
	{"m68k", "m68k-linux-gnu", NULL, NULL, NULL, NULL},
	{"m68knommu", "m68k-linux-gnu", NULL, NULL, NULL, NULL},
	{"riscv", "riscv32-linux-gnu", "riscv64-linux-gnu", "64BIT", NULL, NULL},
	{"hexagon", "hexagon-unknown-linux", NULL, NULL, NULL, NULL},
};

static const char *const untargeted[] = {"alpha", "arc", "arm26", "avr32", "blackfin", "c6x",
	"cris", "csky", "frv", "h8300", "ia64", "loongarch", "m32r", "metag", "microblaze",
	"mn10300", "nds32", "nios2", "openrisc", "parisc", "score", "sh", "sh64", "tile",
	"unicore32", "v850", "xtensa"};

/* um on an x86_64, where that is another SUBARCH than on an i386. */
#define UM_64 "um-x86_64"

const char *arch_make_name(const char *name)
{
	return strcmp(name, UM_64) ? name : "um";
}

const char *arch_subarch(const char *name, bool one_x86)
{
	if (strcmp(arch_make_name(name), "um") != 0)
		return NULL;
	return one_x86 ? "x86" : strcmp(name, UM_64) ? "i386" : "x86_64";
}

char *arch_of_path(const char *path)
{
	static const char link[] = "include/asm-", folder[] = "arch/";
	bool old = g_str_has_prefix(path, link);
	const char *start = old				     ? path + strlen(link)
			    : g_str_has_prefix(path, folder) ? path + strlen(folder)
							     : NULL;
	const char *slash = start ? strchr(start, '/') : NULL;
	if (!slash)
		return NULL;
	if (!old && g_str_has_prefix(slash, "/um/"))
		return g_strdup("um");
	g_autofree char *name = g_strndup(start, (size_t)(slash - start));
	return old && !strcmp(name, "generic") ? NULL : g_steal_pointer(&name);
}

/* Whether a path names a machine: sys-i386/, ptrace-i386.h, Kconfig.i386. */
static bool names_machine(const char *path, const char *machine)
{
	size_t len = strlen(machine);
	for (const char *at = path; (at = strstr(at, machine)); at += len)
		if (at > path && strchr("-.", at[-1]) && strchr("./", at[len]))
			return true;
	return false;
}

const char *const *arch_um_names(const char *path)
{
	static const char *const all[] = {"um", UM_64, NULL};
	static const char *const narrow[] = {"um", NULL};
	if (names_machine(path, "x86_64"))
		return all + 1;
	return names_machine(path, "i386") ? narrow : all;
}

const char *arch_folder(
	const char *name, bool (*has_folder)(const char *name, void *data), void *data)
{
	static const char *const moved[][2] = {{"i386", "x86"}, {"x86_64", "x86"},
		{"ppc", "powerpc"}, {"ppc64", "powerpc"}, {"sparc64", "sparc"}, {"sh64", "sh"},
		{"m68knommu", "m68k"}, {UM_64, "um"}};
	if (has_folder(name, data))
		return name;
	for (size_t i = 0; i < G_N_ELEMENTS(moved); i++)
		if (!strcmp(name, moved[i][0]) && has_folder(moved[i][1], data))
			return moved[i][1];
	return name;
}

const char *arch_target(const char *folder, kconfig_values *v)
{
	for (size_t i = 0; i < G_N_ELEMENTS(untargeted); i++)
		if (!strcmp(folder, untargeted[i]))
			return NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(archs); i++) {
		const arch *a = &archs[i];
		if (strcmp(folder, a->folder) != 0)
			continue;
		bool wide = a->wide && (!v || kconfig_tristate(v, a->wide_symbol) != TRI_N);
		bool little = a->little && v && kconfig_tristate(v, "CPU_LITTLE_ENDIAN") != TRI_N;
		if (little)
			return wide ? a->little_wide : a->little;
		return wide ? a->wide : a->narrow;
	}
	return "x86_64-linux-gnu";
}

void arch_forms(const char *folder, const char **narrow, const char **wide, const char **symbol)
{
	*narrow = arch_target(folder, NULL);
	*wide = *symbol = NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(archs); i++)
		if (!strcmp(folder, archs[i].folder)) {
			*narrow = archs[i].narrow;
			*wide = archs[i].wide;
			*symbol = archs[i].wide_symbol;
		}
}

const char *const *arch_settings(const char *folder)
{
	/* clang has no 31-bit s390. */
	static const char *const s390[] = {"64BIT", "y", "ARCH_S390X", "y", NULL};
	return strcmp(folder, "s390") ? NULL : s390;
}

const char *const *arch_macros(const char *folder)
{
	/* gcc of a 32-bit mips kernel says so; clang's mips-linux does as well. Old ARM sources ask
	 * for the architecture by gcc's own macro of -march, which the Makefile gives. */
	static const char *const arm[] = {"-march=armv7-a", NULL};
	return strcmp(folder, "arm") ? NULL : arm;
}
