/* Tables of one architecture: a line in, a #define out. */
#include "kernel/generated.h"

#include <stdlib.h>
#include <string.h>

GPtrArray *generated_lines(tree_arch *a, const char *path)
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

/* ---- arm64 ---- */

static void put_cpucaps(tree_arch *a, tree_config *c)
{
	g_autoptr(GPtrArray) table = generated_lines(a, "arch/arm64/tools/cpucaps");
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
	g_autoptr(GPtrArray) table = generated_lines(a, "arch/arm64/tools/sysreg");
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
	g_autoptr(GPtrArray) table = generated_lines(a, "arch/arm/tools/mach-types");
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

/* ---- s390 ---- */

/* Facilities are bits of doublewords, the highest is number 0; a list may have those of 6.1: 197.
 */
#define FACILITIES_MOST 1024u

typedef struct facility_list {
	GString *out;
	tree_config *c;
	guint64 words[FACILITIES_MOST / 64];
	unsigned used; /* of them */
	unsigned off;  /* nested #ifdefs of symbols that are off */
	bool open;
} facility_list;

static void end_facilities(facility_list *f)
{
	for (unsigned i = 0; f->open && i < f->used; i++)
		g_string_append_printf(f->out, "%s_AC(0x%016" G_GINT64_MODIFIER "x,UL)",
			i ? "," : "", f->words[i]);
	g_string_append(f->out, f->open ? "\n" : "");
	memset(f->words, 0, sizeof f->words);
	f->used = 1;
	f->open = false;
}

/* A line of gen_facilities.c: "#ifdef CONFIG_X", ".name = "X",", "18, / * ... * /", "-1". */
static void facility_line(facility_list *f, const char *line)
{
	const char *symbol = strstr(line, "#ifdef CONFIG_");
	const char *name = strstr(line, ".name = \"");
	char *end;
	long bit = strtol(line, &end, 10);
	if (symbol) {
		g_autofree char *config = g_strstrip(g_strdup(symbol + strlen("#ifdef CONFIG_")));
		bool on = f->c->values && kconfig_tristate(f->c->values, config) != TRI_N;
		f->off += f->off || !on;
	} else if (g_str_has_prefix(line, "#endif")) {
		f->off -= f->off > 0;
	} else if (name) {
		name += strlen(".name = \"");
		end_facilities(f);
		f->open = true;
		g_string_append_printf(f->out, "#define %.*s ", (int)strcspn(name, "\""), name);
	} else if (end > line && bit < 0) {
		end_facilities(f);
	} else if (end > line && f->open && !f->off && bit < (long)FACILITIES_MOST) {
		unsigned word = (unsigned)bit / 64;
		f->words[word] |= (guint64)1 << (63 - (bit & 63));
		f->used = MAX(f->used, word + 1);
	}
}

static void put_facilities(tree_arch *a, tree_config *c)
{
	g_autoptr(GBytes) bytes = tree_read(a->tree, "arch/s390/tools/gen_facilities.c");
	if (!bytes)
		return;
	gsize len;
	const char *data = g_bytes_get_data(bytes, &len);
	g_autofree char *text = g_strndup(data ? data : "", len);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	facility_list f = {.out = g_string_new(NULL), .c = c, .used = 1};
	for (char **l = lines; *l; l++)
		facility_line(&f, g_strstrip(*l));
	generated_put(a, c, "arch/s390/include/generated/asm/facility-defs.h",
		g_string_free(f.out, FALSE));
}

void generated_tables(tree_arch *a, tree_config *c)
{
	if (!strcmp(a->folder, "arm64")) {
		put_cpucaps(a, c);
		put_sysregs(a, c);
	} else if (!strcmp(a->folder, "arm")) {
		put_machines(a, c);
	} else if (!strcmp(a->folder, "s390")) {
		put_facilities(a, c);
	}
}
