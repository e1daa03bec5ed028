/* Headers made of tables: a line in, a #define out. */
#include "kernel/generated.h"

#include <stdlib.h>
#include <string.h>

/* Numbers that a table may skip, and that are filled with "not implemented"; 6.1's largest gap is
 * x32's of under 200. */
#define TABLE_GAP 4096

/* Lines of a file of the tree, split into words; NULL-terminated vectors. The caller's; NULL when
 * there is no such file. */
static GPtrArray *table_read(tree_arch *a, const char *path)
{
	g_autoptr(GBytes) bytes = tree_read(a->tree, path);
	if (!bytes)
		return NULL;
	gsize len;
	const char *data = g_bytes_get_data(bytes, &len);
	g_autofree char *text = g_strndup(data ? data : "", len);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GPtrArray *out = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	for (char **l = lines; *l; l++) {
		g_strstrip(*l);
		if (**l && **l != '#')
			g_ptr_array_add(out, make_words(*l));
	}
	return out;
}

/* ---- system calls: scripts/syscalltbl.sh and syscallhdr.sh ---- */

typedef struct syscall_header {
	const char *name;   /* of the header */
	const char *abis;   /* comma-separated; NULL: all */
	const char *prefix; /* of __NR_<prefix><name>; NULL: a table of __SYSCALL() */
	const char *offset; /* added to each number; NULL: nothing */
} syscall_header;

static bool has_abi(const char *abis, const char *abi)
{
	g_auto(GStrv) list = abis ? g_strsplit(abis, ",", -1) : NULL;
	return !abis || g_strv_contains((const char *const *)list, abi);
}

static void append_call(GString *out, const tree_arch *a, long number, char *const *line, guint n)
{
	/* Before v5.12 x86's tables were other macros: __SYSCALL_64(nr, sym, ) and its like. */
	bool old = a->tree->version < 5 || (a->tree->version == 5 && a->tree->patchlevel < 12);
	const char *entry = n > 3 ? line[3] : "sys_ni_syscall";
	if (old && !strcmp(a->folder, "x86")) {
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

static char *syscall_text(const tree_arch *a, const GPtrArray *table, const syscall_header *h)
{
	GString *out = g_string_new(NULL);
	bool old = a->tree->version < 5 || (a->tree->version == 5 && a->tree->patchlevel < 12);
	long next = 0;
	for (guint i = 0; i < table->len; i++) {
		char **line = g_ptr_array_index(table, i);
		guint n = g_strv_length(line);
		if (n < 3 || !g_ascii_isdigit(line[0][0]) || !has_abi(h->abis, line[1]))
			continue;
		long number = strtol(line[0], NULL, 0);
		if (h->prefix && h->offset)
			g_string_append_printf(out, "#define __NR_%s%s (%s + %ld)\n", h->prefix,
				line[2], h->offset, number);
		else if (h->prefix)
			g_string_append_printf(
				out, "#define __NR_%s%s %ld\n", h->prefix, line[2], number);
		for (; !h->prefix && !old && next < number && number - next < TABLE_GAP; next++)
			g_string_append_printf(out, "__SYSCALL(%ld, sys_ni_syscall)\n", next);
		if (!h->prefix)
			append_call(out, a, number, line, n);
		next = number + 1;
	}
	if (h->prefix)
		g_string_append_printf(out,
			"#ifdef __KERNEL__\n#define __NR_%ssyscalls %ld\n#endif\n", h->prefix,
			next);
	return g_string_free(out, FALSE);
}

static void put_syscalls(tree_arch *a, tree_config *c, const char *path, const syscall_header *list)
{
	g_autoptr(GPtrArray) table = table_read(a, path);
	for (; table && list->name; list++) {
		bool uapi = list->prefix && !*list->prefix &&
			    tree_index_has_folder(a->tree->index, "include/uapi");
		g_autofree char *to = g_strdup_printf("arch/%s/include/generated/%sasm/%s",
			a->folder, uapi ? "uapi/" : "", list->name);
		generated_put(a, c, to, syscall_text(a, table, list));
	}
}

static void put_x86(tree_arch *a, tree_config *c)
{
	static const syscall_header narrow[] = {{"unistd_32.h", "i386", "", NULL},
		{"unistd_32_ia32.h", "i386", "ia32_", NULL}, {"syscalls_32.h", "i386", NULL, NULL},
		{NULL, NULL, NULL, NULL}};
	static const syscall_header wide[] = {{"unistd_64.h", "common,64", "", NULL},
		{"unistd_x32.h", "common,x32", "", "__X32_SYSCALL_BIT"},
		{"unistd_64_x32.h", "x32", "x32_", NULL},
		{"syscalls_64.h", "common,64", NULL, NULL},
		{"syscalls_x32.h", "common,x32", NULL, NULL}, {NULL, NULL, NULL, NULL}};
	static const char *const places[] = {"arch/x86/entry/syscalls", "arch/x86/syscalls"};
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *low = g_strconcat(places[i], "/syscall_32.tbl", NULL);
		g_autofree char *high = g_strconcat(places[i], "/syscall_64.tbl", NULL);
		put_syscalls(a, c, low, narrow);
		put_syscalls(a, c, high, wide);
	}
}

/* arch/X/kernel/syscalls/syscall.tbl of most others (v5.0 on): one table, several ABIs. */
static void put_others(tree_arch *a, tree_config *c)
{
	static const syscall_header powerpc[] = {{"unistd_32.h", "common,nospu,32", "", NULL},
		{"unistd_64.h", "common,nospu,64", "", NULL},
		{"syscall_table_32.h", "common,nospu,32", NULL, NULL},
		{"syscall_table_64.h", "common,nospu,64", NULL, NULL},
		{"syscall_table_spu.h", "common,spu", NULL, NULL}, {NULL, NULL, NULL, NULL}};
	static const syscall_header sparc[] = {{"unistd_32.h", "common,32", "", NULL},
		{"unistd_64.h", "common,64", "", NULL},
		{"syscall_table_32.h", "common,32", NULL, NULL},
		{"syscall_table_64.h", "common,64", NULL, NULL},
		{"syscall_table_c32.h", "common,32", NULL, NULL}, {NULL, NULL, NULL, NULL}};
	static const syscall_header m68k[] = {{"unistd_32.h", NULL, "", NULL},
		{"syscall_table.h", NULL, NULL, NULL}, {NULL, NULL, NULL, NULL}};
	g_autofree char *table = g_strdup_printf("arch/%s/kernel/syscalls/syscall.tbl", a->folder);
	const syscall_header *list = !strcmp(a->folder, "powerpc") ? powerpc
				     : !strcmp(a->folder, "sparc") ? sparc
				     : !strcmp(a->folder, "m68k")  ? m68k
								   : NULL;
	if (list)
		put_syscalls(a, c, table, list);
	static const syscall_header arm[] = {{"unistd-common.h", "common", "", NULL},
		{"unistd-oabi.h", "oabi", "", NULL}, {"unistd-eabi.h", "eabi", "", NULL},
		{"calls-oabi.S", "common,oabi", NULL, NULL},
		{"calls-eabi.S", "common,eabi", NULL, NULL}, {NULL, NULL, NULL, NULL}};
	if (!strcmp(a->folder, "arm"))
		put_syscalls(a, c, "arch/arm/tools/syscall.tbl", arm);
}

/* scripts/xen-hypercalls.sh: HYPERCALL(name) for every __HYPERVISOR_name with a number of its
 * own. */
static void put_hypercalls(tree_arch *a, tree_config *c)
{
	g_autoptr(GBytes) bytes = tree_read(a->tree, "include/xen/interface/xen.h");
	g_autoptr(GString) out = g_string_new(NULL);
	if (!bytes || strcmp(a->folder, "x86") != 0)
		return;
	gsize len;
	const char *data = g_bytes_get_data(bytes, &len);
	g_autofree char *text = g_strndup(data ? data : "", len);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	static const char *const start = "__HYPERVISOR_";
	for (char **l = lines; *l; l++) {
		g_auto(GStrv) words = make_words(*l);
		if (g_strv_length(words) < 3 || strcmp(words[0], "#define") != 0 ||
			!g_str_has_prefix(words[1], start) ||
			!g_ascii_islower(words[1][strlen(start)]) || !g_ascii_isdigit(*words[2]))
			continue;
		g_string_append_printf(out, "HYPERCALL(%s)\n", words[1] + strlen(start));
	}
	generated_put(a, c, "arch/x86/include/generated/asm/xen-hypercalls.h",
		g_string_free(g_steal_pointer(&out), FALSE));
}

/* ---- arm64 ---- */

static void put_cpucaps(tree_arch *a, tree_config *c)
{
	g_autoptr(GPtrArray) table = table_read(a, "arch/arm64/tools/cpucaps");
	GString *out = g_string_new(NULL);
	for (guint i = 0; table && i < table->len; i++)
		g_string_append_printf(
			out, "#define ARM64_%s %u\n", ((char **)g_ptr_array_index(table, i))[0], i);
	g_string_append_printf(out, "#define ARM64_NCAPS %u\n", table ? table->len : 0);
	char *text = g_string_free(out, FALSE);
	if (table)
		generated_put(a, c, "arch/arm64/include/generated/asm/cpucaps.h", text);
	else
		g_free(text);
}

/* One register of arch/arm64/tools/sysreg, under way. */
typedef struct sysreg {
	GString *out;
	const char *name;  /* borrowed from the table; NULL outside of a register */
	const char *field; /* of an open Enum */
	GString *res0, *res1;
	bool has_own_fields; /* not those of a SysregFields */
} sysreg;

static bool read_bits(const char *text, unsigned *high, unsigned *low)
{
	char *end;
	*high = *low = (unsigned)strtoul(text, &end, 10);
	if (*end == ':')
		*low = (unsigned)strtoul(end + 1, &end, 10);
	return !*end && *high < 64 && *low <= *high;
}

static void append_field(sysreg *r, const char *field, unsigned high, unsigned low)
{
	g_string_append_printf(r->out,
		"#define %s_%s GENMASK(%u, %u)\n#define %s_%s_MASK GENMASK(%u, %u)\n"
		"#define %s_%s_SHIFT %u\n#define %s_%s_WIDTH %u\n",
		r->name, field, high, low, r->name, field, high, low, r->name, field, low, r->name,
		field, high - low + 1);
}

static void start_register(sysreg *r, char *const *w, guint n)
{
	r->name = w[1];
	r->has_own_fields = true;
	g_string_assign(r->res0, "UL(0)");
	g_string_assign(r->res1, "UL(0)");
	if (n < 7)
		return;
	g_string_append_printf(r->out,
		"#define REG_%s S%s_%s_C%s_C%s_%s\n"
		"#define SYS_%s sys_reg(%s, %s, %s, %s, %s)\n"
		"#define SYS_%s_Op0 %s\n#define SYS_%s_Op1 %s\n#define SYS_%s_CRn %s\n"
		"#define SYS_%s_CRm %s\n#define SYS_%s_Op2 %s\n",
		w[1], w[2], w[3], w[4], w[5], w[6], w[1], w[2], w[3], w[4], w[5], w[6], w[1], w[2],
		w[1], w[3], w[1], w[4], w[1], w[5], w[1], w[6]);
}

static void end_register(sysreg *r)
{
	if (r->has_own_fields)
		g_string_append_printf(r->out, "#define %s_RES0 (%s)\n#define %s_RES1 (%s)\n",
			r->name, r->res0->str, r->name, r->res1->str);
	r->name = NULL;
}

static void sysreg_line(sysreg *r, char *const *w)
{
	guint n = g_strv_length((char **)w);
	unsigned high = 0, low = 0;
	bool bits = n > 1 && read_bits(w[1], &high, &low);
	if (n >= 2 && (!strcmp(w[0], "Sysreg") || !strcmp(w[0], "SysregFields")))
		start_register(r, w, n);
	else if (!r->name)
		return;
	else if (!strcmp(w[0], "EndSysreg") || !strcmp(w[0], "EndSysregFields"))
		end_register(r);
	else if (!strcmp(w[0], "EndEnum"))
		r->field = NULL;
	else if (r->field && n == 2 && g_str_has_prefix(w[0], "0b"))
		g_string_append_printf(
			r->out, "#define %s_%s_%s UL(%s)\n", r->name, r->field, w[1], w[0]);
	else if (!strcmp(w[0], "Fields"))
		r->has_own_fields = false;
	else if (bits && (!strcmp(w[0], "Res0") || !strcmp(w[0], "Res1")))
		g_string_append_printf(
			w[0][3] == '0' ? r->res0 : r->res1, " | GENMASK_ULL(%u, %u)", high, low);
	else if (bits && n == 3)
		append_field(r, w[2], high, low);
	if (n == 3 && r->name && strstr(w[0], "Enum"))
		r->field = w[2];
}

static void put_sysregs(tree_arch *a, tree_config *c)
{
	g_autoptr(GPtrArray) table = table_read(a, "arch/arm64/tools/sysreg");
	if (!table)
		return;
	sysreg r = {
		.out = g_string_new(NULL), .res0 = g_string_new(NULL), .res1 = g_string_new(NULL)};
	for (guint i = 0; i < table->len; i++)
		sysreg_line(&r, g_ptr_array_index(table, i));
	g_string_free(r.res0, TRUE);
	g_string_free(r.res1, TRUE);
	generated_put(a, c, "arch/arm64/include/generated/asm/sysreg-defs.h",
		g_string_free(r.out, FALSE));
}

/* ---- arm ---- */

/* tools/gen-mach-types: machine_is_x() for every registered board. */
static void put_machines(tree_arch *a, tree_config *c)
{
	g_autoptr(GPtrArray) table = table_read(a, "arch/arm/tools/mach-types");
	if (!table || strcmp(a->folder, "arm") != 0)
		return;
	GString *out = g_string_new("#ifndef __ASSEMBLY__\n"
				    "extern unsigned int __machine_arch_type;\n#endif\n");
	for (guint i = 0; i < table->len; i++) {
		char **w = g_ptr_array_index(table, i);
		guint n = g_strv_length(w);
		if (n == 4)
			g_string_append_printf(out,
				"#define MACH_TYPE_%s %s\n#ifdef CONFIG_%s\n"
				"# ifdef machine_arch_type\n#  undef machine_arch_type\n"
				"#  define machine_arch_type __machine_arch_type\n# else\n"
				"#  define machine_arch_type MACH_TYPE_%s\n# endif\n"
				"# define machine_is_%s() (machine_arch_type == MACH_TYPE_%s)\n"
				"#else\n# define machine_is_%s() (0)\n#endif\n",
				w[2], w[3], w[1], w[2], w[0], w[2], w[0]);
		else if (n == 3)
			g_string_append_printf(out, "#define machine_is_%s() (0)\n", w[0]);
	}
	g_string_append(out, "#ifndef machine_arch_type\n"
			     "#define machine_arch_type __machine_arch_type\n#endif\n");
	/* include/generated/ since v2.6.33, beside asm before. */
	g_autofree char *text = g_string_free(out, FALSE);
	const char *folder = a->asm_folder ? a->asm_folder : "include/asm";
	g_autofree char *beside = g_strconcat(folder, "/mach-types.h", NULL);
	generated_put(a, c, beside, g_strdup(text));
	generated_put(a, c, "include/generated/mach-types.h", g_strdup(text));
	generated_put(a, c, "arch/arm/include/generated/asm/mach-types.h", g_steal_pointer(&text));
}

/* ---- vdso ---- */

/* Addresses that only a linker knows: the names, all at 0. */
static void put_vdso_offsets(tree_arch *a, tree_config *c)
{
	static const char *const names = "#define vdso_offset_sigtramp 0x0000\n"
					 "#define vdso_offset_rt_sigreturn 0x0000\n"
					 "#define vdso_offset_flush_icache 0x0000\n"
					 "#define compat_vdso_offset_rt_sigreturn 0x0000\n"
					 "#define __vdso_rt_sigreturn_offset 0x0000\n";
	static const char *const files[] = {
		"vdso-offsets.h", "vdso32-offsets.h", "vdso64-offsets.h", "compat_vdso-offsets.h"};
	bool arm64 = !strcmp(a->folder, "arm64"), riscv = !strcmp(a->folder, "riscv");
	for (size_t i = 0; (arm64 || riscv) && i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = g_strconcat("include/generated/", files[i], NULL);
		generated_put(a, c, path, g_strdup(names));
	}
}

void generated_tables(tree_arch *a, tree_config *c)
{
	if (!strcmp(a->folder, "x86")) {
		put_x86(a, c);
		put_hypercalls(a, c);
	} else if (!strcmp(a->folder, "arm64")) {
		put_cpucaps(a, c);
		put_sysregs(a, c);
	} else {
		put_others(a, c);
		put_machines(a, c);
	}
	put_vdso_offsets(a, c);
}
