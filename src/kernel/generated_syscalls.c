/* Numbers and tables of system calls, as scripts/syscallhdr.sh, syscalltbl.sh and syscallnr.sh (and
 * before them those of each architecture) make them of "NUMBER ABI NAME ENTRY COMPAT". */
#include "kernel/generated.h"

#include <stdlib.h>
#include <string.h>

/* Numbers that a table may skip, and that are filled with "not implemented"; 6.1's largest gap is
 * x32's of under 200. */
#define TABLE_GAP 4096

typedef enum form {
	NUMBERS,       /* #define __NR_<prefix>NAME (<offset> + NUMBER) */
	NUMBERS_COUNT, /* and how many there are */
	ENTRIES,       /* __SYSCALL(NUMBER, ENTRY) */
	PAIRS,	       /* SYSCALL(ENTRY, COMPAT), of s390 */
	COUNT,	       /* #define <prefix> how many there are */
} form;

/* One header of one architecture. */
typedef struct syscall_header {
	const char *table; /* of the tree */
	const char *name;  /* of the header */
	form form;
	const char *abis; /* comma-separated; NULL: all */
	const char *prefix, *offset;
} syscall_header;

#define SYSCALLS(arch) "arch/" arch "/kernel/syscalls/syscall"
#define X86_32 "arch/x86/entry/syscalls/syscall_32.tbl"
#define X86_64 "arch/x86/entry/syscalls/syscall_64.tbl"
#define ARM "arch/arm/tools/syscall.tbl"
#define POWERPC SYSCALLS("powerpc") ".tbl"
#define SPARC SYSCALLS("sparc") ".tbl"
#define M68K SYSCALLS("m68k") ".tbl"
#define MIPS_N32 SYSCALLS("mips") "_n32.tbl"
#define MIPS_N64 SYSCALLS("mips") "_n64.tbl"
#define MIPS_O32 SYSCALLS("mips") "_o32.tbl"
#define S390 SYSCALLS("s390") ".tbl"
#define ARM_BASE "__NR_SYSCALL_BASE"

static const syscall_header headers[] = {
	{X86_32, "unistd_32.h", NUMBERS_COUNT, "i386", "", NULL},
	{X86_32, "unistd_32_ia32.h", NUMBERS_COUNT, "i386", "ia32_", NULL},
	{X86_32, "syscalls_32.h", ENTRIES, "i386", NULL, NULL},
	{X86_64, "unistd_64.h", NUMBERS_COUNT, "common,64", "", NULL},
	{X86_64, "unistd_x32.h", NUMBERS_COUNT, "common,x32", "", "__X32_SYSCALL_BIT"},
	{X86_64, "unistd_64_x32.h", NUMBERS_COUNT, "x32", "x32_", NULL},
	{X86_64, "syscalls_64.h", ENTRIES, "common,64", NULL, NULL},
	{X86_64, "syscalls_x32.h", ENTRIES, "common,x32", NULL, NULL},
	{ARM, "unistd-common.h", NUMBERS, "common", "", ARM_BASE},
	{ARM, "unistd-oabi.h", NUMBERS, "common,oabi", "", ARM_BASE},
	{ARM, "unistd-eabi.h", NUMBERS, "common,eabi", "", ARM_BASE},
	{ARM, "unistd-nr.h", COUNT, NULL, "__NR_syscalls", NULL},
	{ARM, "calls-oabi.S", ENTRIES, "common,oabi", NULL, NULL},
	{ARM, "calls-eabi.S", ENTRIES, "common,eabi", NULL, NULL},
	{POWERPC, "unistd_32.h", NUMBERS_COUNT, "common,nospu,32", "", NULL},
	{POWERPC, "unistd_64.h", NUMBERS_COUNT, "common,nospu,64", "", NULL},
	{POWERPC, "syscall_table_32.h", ENTRIES, "common,nospu,32", NULL, NULL},
	{POWERPC, "syscall_table_64.h", ENTRIES, "common,nospu,64", NULL, NULL},
	{POWERPC, "syscall_table_spu.h", ENTRIES, "common,spu", NULL, NULL},
	{SPARC, "unistd_32.h", NUMBERS_COUNT, "common,32", "", NULL},
	{SPARC, "unistd_64.h", NUMBERS_COUNT, "common,64", "", NULL},
	{SPARC, "syscall_table_32.h", ENTRIES, "common,32", NULL, NULL},
	{SPARC, "syscall_table_64.h", ENTRIES, "common,64", NULL, NULL},
	{SPARC, "syscall_table_c32.h", ENTRIES, "common,32", NULL, NULL},
	{M68K, "unistd_32.h", NUMBERS_COUNT, NULL, "", NULL},
	{M68K, "syscall_table.h", ENTRIES, NULL, NULL, NULL},
	{MIPS_N32, "unistd_n32.h", NUMBERS, NULL, "", "__NR_Linux"},
	{MIPS_N64, "unistd_n64.h", NUMBERS, NULL, "", "__NR_Linux"},
	{MIPS_O32, "unistd_o32.h", NUMBERS, NULL, "", "__NR_Linux"},
	{MIPS_N32, "unistd_nr_n32.h", COUNT, NULL, "__NR_N32_Linux_syscalls", NULL},
	{MIPS_N64, "unistd_nr_n64.h", COUNT, NULL, "__NR_64_Linux_syscalls", NULL},
	{MIPS_O32, "unistd_nr_o32.h", COUNT, NULL, "__NR_O32_Linux_syscalls", NULL},
	{MIPS_N32, "syscall_table_n32.h", ENTRIES, NULL, NULL, NULL},
	{MIPS_N64, "syscall_table_n64.h", ENTRIES, NULL, NULL, NULL},
	{MIPS_O32, "syscall_table_o32.h", ENTRIES, NULL, NULL, NULL},
	{S390, "unistd_32.h", NUMBERS, "common,32", "", NULL},
	{S390, "unistd_64.h", NUMBERS, "common,64", "", NULL},
	{S390, "unistd_nr.h", COUNT, NULL, "NR_syscalls", NULL},
	{S390, "syscall_table.h", PAIRS, NULL, NULL, NULL},
};

/* Where a table lay before: v3.3 to v4.1. */
static const char *const moved[][2] = {
	{X86_32, "arch/x86/syscalls/syscall_32.tbl"}, {X86_64, "arch/x86/syscalls/syscall_64.tbl"}};

static GPtrArray *read_table(tree_arch *a, const char *path)
{
	GPtrArray *table = generated_lines(a, path);
	for (size_t i = 0; !table && i < G_N_ELEMENTS(moved); i++)
		if (!strcmp(path, moved[i][0]))
			table = generated_lines(a, moved[i][1]);
	return table;
}

static bool has_abi(const char *abis, const char *abi)
{
	g_auto(GStrv) list = abis ? g_strsplit(abis, ",", -1) : NULL;
	return !abis || g_strv_contains((const char *const *)list, abi);
}

static void append_call(GString *out, const tree_arch *a, const syscall_header *h, long number,
	char *const *line, guint n)
{
	/* Before v5.12 x86's tables were other macros: __SYSCALL_64(nr, sym, ) and its like. */
	bool old = a->tree->version < 5 || (a->tree->version == 5 && a->tree->patchlevel < 12);
	const char *entry = n > 3 ? line[3] : "sys_ni_syscall";
	if (old && g_str_has_prefix(h->table, "arch/x86/")) {
		const char *kind = !strcmp(line[1], "i386")  ? "I386"
				   : !strcmp(line[1], "x32") ? "X32"
							     : "64";
		bool qualified =
			a->tree->version > 4 || (a->tree->version == 4 && a->tree->patchlevel >= 5);
		g_string_append_printf(out, "__SYSCALL_%s(%ld, %s, %s)\n",
			!strcmp(line[1], "common") && !qualified ? "COMMON" : kind, number, entry,
			n > 4 && !strcmp(kind, "I386") ? line[4]
			: qualified		       ? ""
						       : entry);
		return;
	}
	if (n > 4)
		g_string_append_printf(
			out, "__SYSCALL_WITH_COMPAT(%ld, %s, %s)\n", number, entry, line[4]);
	else
		g_string_append_printf(out, "__SYSCALL(%ld, %s)\n", number, entry);
}

/* Before v5.12 tables had no line for what is not implemented. */
static bool fills_gaps(const kernel_tree *t)
{
	return t->version > 5 || (t->version == 5 && t->patchlevel >= 12);
}

static void append_entry(
	GString *out, const tree_arch *a, const syscall_header *h, long next, char *const *line)
{
	long number = strtol(line[0], NULL, 0);
	guint n = g_strv_length((char **)line);
	if (h->form == ENTRIES && fills_gaps(a->tree))
		for (; next < number && number - next < TABLE_GAP; next++)
			g_string_append_printf(out, "__SYSCALL(%ld, sys_ni_syscall)\n", next);
	if (h->form == ENTRIES)
		append_call(out, a, h, number, line, n);
	else if (h->form != COUNT && h->offset)
		g_string_append_printf(out, "#define __NR_%s%s (%s + %ld)\n", h->prefix, line[2],
			h->offset, number);
	else if (h->form != COUNT)
		g_string_append_printf(out, "#define __NR_%s%s %ld\n", h->prefix, line[2], number);
}

/* s390 has one entry a number, though 32 and 64 bits may each have a line. */
static const char *entry_of(char *const *line, guint at, const char *other)
{
	const char *entry = g_strv_length((char **)line) > at ? line[at] : "-";
	return strcmp(entry, "-") ? entry : other;
}

static void append_pairs(GString *out, const GPtrArray *table)
{
	g_string_append(out, "#define NI_SYSCALL SYSCALL(sys_ni_syscall,sys_ni_syscall)\n");
	long next = 0;
	for (guint i = 0; i < table->len; i++) {
		char **line = g_ptr_array_index(table, i);
		if (!g_ascii_isdigit(line[0][0]))
			continue;
		long number = strtol(line[0], NULL, 0);
		const char *wide = entry_of(line, 3, "sys_ni_syscall");
		const char *narrow = entry_of(line, 4, "sys_ni_syscall");
		for (; i + 1 < table->len; i++) {
			char **more = g_ptr_array_index(table, i + 1);
			if (strcmp(more[0], line[0]) != 0)
				break;
			wide = entry_of(more, 3, wide);
			narrow = entry_of(more, 4, narrow);
		}
		for (; next < number && number - next < TABLE_GAP; next++)
			g_string_append(out, "NI_SYSCALL\n");
		g_string_append_printf(out, "SYSCALL(%s,%s)\n", wide, narrow);
		next = number + 1;
	}
}

static char *header_text(const tree_arch *a, const GPtrArray *table, const syscall_header *h)
{
	GString *out = g_string_new(NULL);
	long next = 0;
	if (h->form == PAIRS)
		append_pairs(out, table);
	for (guint i = 0; h->form != PAIRS && i < table->len; i++) {
		char **line = g_ptr_array_index(table, i);
		if (g_strv_length(line) < 3 || !g_ascii_isdigit(line[0][0]) ||
			!has_abi(h->abis, line[1]))
			continue;
		append_entry(out, a, h, next, line);
		next = strtol(line[0], NULL, 0) + 1;
	}
	if (h->form == COUNT)
		g_string_append_printf(out, "#define %s %ld\n", h->prefix, next);
	if (h->form == NUMBERS_COUNT)
		g_string_append_printf(out,
			"#ifdef __KERNEL__\n#define __NR_%ssyscalls %ld\n#endif\n", h->prefix,
			next);
	return g_string_free(out, FALSE);
}

void generated_syscalls(tree_arch *a, tree_config *c)
{
	bool has_uapi = tree_index_has_folder(a->tree->index, "include/uapi");
	/* um's are those of its host. */
	const char *folder = a->host ? a->host : a->folder;
	g_autofree char *own = g_strdup_printf("arch/%s/", folder);
	g_autoptr(GPtrArray) table = NULL;
	const char *read = "";
	for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
		const syscall_header *h = &headers[i];
		if (!g_str_has_prefix(h->table, own))
			continue;
		if (strcmp(read, h->table) != 0) {
			g_clear_pointer(&table, g_ptr_array_unref);
			table = read_table(a, h->table);
			read = h->table;
		}
		/* Numbers are for user space too, but for those of other calling conventions. */
		bool uapi = has_uapi && h->form != COUNT && h->prefix && !*h->prefix;
		g_autofree char *to = g_strdup_printf(
			"arch/%s/include/generated/%sasm/%s", folder, uapi ? "uapi/" : "", h->name);
		if (table)
			generated_put(a, c, to, header_text(a, table, h));
	}
}
