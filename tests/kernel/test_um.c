/* ARCH=um: links, a machine's headers, what is asked of the host, programs of user space. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "analyzers/c/c.h"
#include "base/error.h"
#include "kernel/units.h"
#include "support/scratch_repo.h"

typedef struct fixture {
	scratch_repo *r;
	kernel_tree *tree, *tip;
} fixture;

#define DEFINE_H                                                                                   \
	"#define DEFINE(sym, val) asm volatile(\"\\n->\" #sym \" %0 \" #val : : \"i\" (val))\n"

/* What differs between the two machines of an old tree. */
#define KERNEL_OFFSETS                                                                             \
	DEFINE_H                                                                                   \
	"#define STR(x) #x\n"                                                                      \
	"#define DEFINE_STR(sym, val) asm volatile(\"\\n->\" #sym \" \" STR(val) \" \" #val: : "   \
	")\n"                                                                                      \
	"#define BLANK() asm volatile(\"\\n->\" : : )\n"                                           \
	"void foo(void)\n{\n#include <common-offsets.h>\n}\n"
#define USER_OFFSETS                                                                               \
	"#include <stdio.h>\n#include <sys/user.h>\n#include <asm/frame.h>\n" DEFINE_H             \
	"void foo(void)\n{\n\tsize_t any;\n\tDEFINE(HOST_FRAME, FRAME);\n"                         \
	"\tDEFINE(HOST_SIZE, sizeof(struct user_regs_struct));\n}\n"
#define FRAME_H(n) "#ifdef __KERNEL__\n#error for programs\n#endif\n#define FRAME " n "\n"
#define SYSDEP_PTRACE "#include \"uml-config.h\"\n#include \"user_constants.h\"\n"

/* As in 2.6.16. */
static oid old_tree(scratch_repo *r)
{
	oid tree = scratch_tree(r, NULL, "Makefile",
		"VERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 16\ncore-y := kernel/\n", "Kbuild", "\n",
		"scripts/Makefile.lib", "x = KBUILD_STR(y)\n", "arch/um/Makefile",
		"ARCH_DIR := arch/um\nOS := $(shell uname -s)\n"
		"core-y += $(ARCH_DIR)/kernel/ $(ARCH_DIR)/os-$(OS)/\n"
		"SYMLINK_HEADERS := ptrace.h\n"
		"SYMLINK_HEADERS := $(foreach h,$(SYMLINK_HEADERS),include/asm-um/$(h))\n"
		"ARCH_INCLUDE := -I$(ARCH_DIR)/include\n"
		"CFLAGS += -D__arch_um__ -DSUBARCH=\\\"$(SUBARCH)\\\" $(ARCH_INCLUDE)\n"
		"USER_CFLAGS := $(patsubst -I%,,$(CFLAGS)) $(ARCH_INCLUDE) -DPROGRAM\n"
		"CFLAGS += -Derrno=kernel_errno\n"
		"include $(srctree)/$(ARCH_DIR)/Makefile-$(SUBARCH)\n"
		"$(ARCH_DIR)/include/uml-config.h: x\n$(ARCH_DIR)/include/user_constants.h: x\n"
		"$(ARCH_DIR)/include/kern_constants.h: x\n",
		"arch/um/Makefile-i386",
		"core-y += arch/um/sys-i386/\nCFLAGS += -U__$(SUBARCH)__\n",
		"arch/um/Makefile-x86_64", "core-y += arch/um/sys-x86_64/\n", "arch/um/Kconfig",
		"config UML\n\tbool\n\tdefault y\nsource \"arch/um/Kconfig.arch\"\n",
		"arch/um/Kconfig.i386",
		"config 64BIT\n\tbool\n\tdefault n\nconfig NARROW\n\tbool\n\tdefault y\n",
		"arch/um/Kconfig.x86_64", "config 64BIT\n\tbool\n\tdefault y\n",
		"arch/um/defconfig", "", "arch/um/scripts/Makefile.rules",
		"USER_OBJS += $(filter %_user.o,$(obj-y))\n"
		"USER_OBJS := $(foreach f,$(USER_OBJS),$(obj)/$(f))\n",
		"arch/um/include/os.h", "#include \"../os/include/file.h\"\n",
		"arch/um/os-Linux/include/file.h", "extern int os_file;\n",
		"arch/um/os-Linux/Makefile",
		"obj-y := syms.o\nobj-$(CONFIG_NARROW) += file.o\nUSER_OBJS := file.o\n"
		"include arch/um/scripts/Makefile.rules\n",
		"arch/um/os-Linux/file.c", "#include <stdio.h>\nint file;\n",
		"arch/um/os-Linux/syms.c", "int syms;\n", "arch/um/kernel/Makefile",
		"obj-y := mem.o trap_user.o\ninclude arch/um/scripts/Makefile.rules\n",
		"arch/um/kernel/trap_user.c", "#include <signal.h>\n",
		"arch/um/kernel/asm-offsets.c", "#include \"sysdep/kernel-offsets.h\"\n",
		"arch/um/include/common-offsets.h",
		"DEFINE(UM_PAGE, 4096);\nDEFINE_STR(UM_ERR, \"<3>\");\n"
		"DEFINE_STR(UM_ODD, \"\\\"\");\nBLANK();\n",
		"arch/um/include/sysdep-i386/kernel-offsets.h", KERNEL_OFFSETS,
		"arch/um/include/sysdep-x86_64/kernel-offsets.h", KERNEL_OFFSETS,
		"arch/um/include/sysdep-i386/ptrace.h", SYSDEP_PTRACE,
		"arch/um/include/sysdep-x86_64/ptrace.h", SYSDEP_PTRACE,
		"include/asm-um/ptrace-i386.h",
		"#include \"sysdep/ptrace.h\"\n#include \"asm/arch/bits.h\"\n",
		"include/asm-um/ptrace-x86_64.h",
		"#include \"sysdep/ptrace.h\"\n#include \"asm/arch/bits.h\"\n",
		"include/asm-i386/bits.h", "#define BITS_OF_MACHINE 32\n",
		"include/asm-x86_64/bits.h", "#define BITS_OF_MACHINE 64\n",
		"include/asm-i386/frame.h", FRAME_H("17"), "include/asm-x86_64/frame.h",
		FRAME_H("27"), "arch/um/sys-i386/user-offsets.c", USER_OFFSETS,
		"arch/um/sys-x86_64/user-offsets.c", USER_OFFSETS, "arch/um/sys-i386/Makefile",
		"obj-y := bits.o\n", "arch/um/sys-i386/bits.c", "int bits;\n",
		"arch/um/sys-x86_64/Makefile", "obj-y := bits.o\n", "arch/um/sys-x86_64/bits.c",
		"int bits;\n", "arch/um/kernel/mem.c",
		"#include <asm/ptrace.h>\n#include \"os.h\"\n#include \"kern_constants.h\"\n"
		"#if BITS_OF_MACHINE == 32 && defined(UML_CONFIG_NARROW) && HOST_FRAME == 17 && "
		"\\\n"
		"	HOST_SIZE == 68 && UM_PAGE == 4096 && !defined(UM_ODD)\n"
		"int narrow(void)\n{\n\treturn os_file + sizeof(UM_ERR \"x\");\n}\n"
		"#elif BITS_OF_MACHINE == 64 && !defined(UML_CONFIG_NARROW) && HOST_FRAME == 27 && "
		"\\\n"
		"	HOST_SIZE == 216\n"
		"int wide(void)\n{\n\treturn os_file + sizeof(UM_ERR \"x\");\n}\n#endif\n",
		NULL);
	return tree;
}

/* As in 6.1. */
static oid new_tree(scratch_repo *r)
{
	oid tree = scratch_tree(r, NULL, "Makefile",
		"VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\n# include/generated/autoconf.h\n",
		"scripts/subarch.include",
		"SUBARCH := $(shell uname -m | sed -e s/i.86/x86/ -e s/x86_64/x86/)\n", "Kconfig",
		"source \"arch/$(SRCARCH)/Kconfig\"\n", "arch/um/Kconfig",
		"config UML\n\tdef_bool y\nsource \"arch/$(HEADER_ARCH)/um/Kconfig\"\n",
		"arch/x86/um/Kconfig",
		"config 64BIT\n\tbool \"wide\" if \"$(SUBARCH)\" = \"x86\"\n"
		"\tdefault \"$(SUBARCH)\" != \"i386\"\n",
		"arch/um/configs/i386_defconfig", "# CONFIG_64BIT is not set\n",
		"arch/um/configs/x86_64_defconfig", "CONFIG_64BIT=y\n", "arch/um/Makefile",
		"ifeq ($(SUBARCH),x86)\nifeq ($(shell uname -m),x86_64)\n"
		"KBUILD_DEFCONFIG := x86_64_defconfig\nelse\nKBUILD_DEFCONFIG := i386_defconfig\n"
		"endif\nendif\nHEADER_ARCH := $(SUBARCH)\n"
		"ifneq ($(filter $(SUBARCH),x86 x86_64 i386),)\n\tHEADER_ARCH := x86\nendif\n"
		"HOST_DIR := arch/$(HEADER_ARCH)\ncore-y += $(HOST_DIR)/um/\n"
		"KBUILD_CPPFLAGS += -I$(srctree)/$(HOST_DIR)/um\n"
		"USER_CFLAGS = $(patsubst -I%,,$(KBUILD_CFLAGS)) -D__KERNEL__ -DPROGRAM\n"
		"KBUILD_CPPFLAGS += -I$(srctree)/$(HOST_DIR)/include "
		"-I$(objtree)/$(HOST_DIR)/include/generated "
		"-I$(objtree)/$(HOST_DIR)/include/generated/uapi\n",
		"arch/x86/um/Makefile",
		"ifeq ($(CONFIG_64BIT),y)\nBITS := 64\nelse\nBITS := 32\nendif\n"
		"obj-y := bits_$(BITS).o stub.o\nUSER_OBJS := fault_$(BITS).o\n"
		"UNPROFILE_OBJS := stub.o\nobj-y += $(USER_OBJS)\n"
		"include/generated/user_constants.h: x\n",
		"arch/x86/um/user-offsets.c",
		"#include <asm/frame.h>\n" DEFINE_H
		"#ifdef PROGRAM\nvoid foo(void)\n{\n\tDEFINE(HOST_FRAME, FRAME);\n}\n#endif\n",
		"arch/x86/um/asm/own.h", "#include <generated/user_constants.h>\n",
		"arch/x86/um/bits_64.c",
		"#include <asm/own.h>\n#include <asm/gap.h>\n#include <asm/wrapped.h>\n"
		"#include <asm/unistd_64.h>\n#if HOST_FRAME == 27\n"
		"int right = __NR_read + GAP + WRAPPED;\n#endif\n",
		"arch/x86/um/bits_32.c", "int bits;\n", "arch/x86/um/fault_32.c",
		"#include <stdio.h>\n", "arch/x86/um/fault_64.c", "#include <stdio.h>\n",
		"arch/x86/um/stub.c", "#include <stdio.h>\n", "arch/x86/Makefile", "",
		"arch/x86/kernel/x.c", "int x;\n", "arch/um/include/asm/Kbuild",
		"generic-y += y.h\n", "arch/x86/include/asm/Kbuild", "generic-y += wrapped.h\n",
		"arch/x86/include/uapi/asm/frame.h", "#define FRAME 27\n",
		"arch/x86/entry/syscalls/syscall_64.tbl", "0 common read sys_read\n",
		"include/asm-generic/Kbuild", "mandatory-y += gap.h\n", "include/asm-generic/gap.h",
		"#define GAP 1\n", "include/asm-generic/wrapped.h", "#define WRAPPED 1\n",
		"include/uapi/linux/types.h", "\n", "kernel/x.c", "int x;\n", NULL);
	return tree;
}

static int setup(void **state, oid (*make)(scratch_repo *r))
{
	fixture *f = g_new0(fixture, 1);
	f->r = scratch_repo_new();
	oid tree = make(f->r);
	g_autofree char *cache = g_build_filename(f->r->dir, "cache", NULL);
	assert_true(kernel_tree_open(&f->tree, f->r->repo, &tree, cache, NULL));
	/* A machine's makefile that a tip changes alone, and a header behind a link. */
	oid changed = scratch_tree(f->r, &tree, "arch/um/Makefile-i386",
		"core-y += arch/um/sys-i386/ arch/um/more/\n", "arch/um/more/Makefile",
		"obj-y := more.o\n", "arch/um/more/more.c",
		"#include <asm/arch/fresh.h>\nint more = FRESH;\n", "include/asm-i386/fresh.h",
		"#define FRESH 1\n", NULL);
	assert_true(kernel_tree_tip(&f->tip, f->tree, &changed, NULL));
	*state = f;
	return 0;
}

static int setup_old(void **state)
{
	return setup(state, old_tree);
}

static int setup_new(void **state)
{
	return setup(state, new_tree);
}

static int teardown(void **state)
{
	fixture *f = *state;
	kernel_tree_free(f->tip);
	kernel_tree_free(f->tree);
	scratch_repo_free(f->r);
	g_free(f);
	return 0;
}

static void check_archs(kernel_tree *t, const char *path, const char *expected)
{
	g_auto(GStrv) archs = kernel_tree_archs(t, path, NULL);
	g_autofree char *joined = g_strjoinv(" ", archs);
	assert_string_equal(joined, expected);
}

static analysis_unit *unit_of(kernel_tree *t, const char *path, const char *arch)
{
	analysis_unit *u = NULL;
	assert_true(kernel_tree_unit(&u, t, path, arch, NULL));
	return u;
}

static bool has_argument(const analysis_unit *u, const char *argument)
{
	for (guint i = 0; i < u->args->len; i++)
		if (!strcmp(g_ptr_array_index(u->args, i), argument))
			return true;
	return false;
}

/* The text of a made header; NULL: none. Stays for ever. */
static const char *made(const analysis_unit *u, const char *path)
{
	g_autofree char *full = g_build_filename(u->root, path, NULL);
	for (guint i = 0; i < u->memory->len; i++) {
		const memory_file *m = g_ptr_array_index(u->memory, i);
		if (strcmp(m->path, full) != 0)
			continue;
		g_autofree char *text =
			g_strndup(g_bytes_get_data(m->data, NULL), g_bytes_get_size(m->data));
		return g_intern_string(text);
	}
	return NULL;
}

/* Reads the unit, which must have no error; whether it compiled that line. */
static bool compiles(analysis_unit *u, unsigned line)
{
	g_auto(fact_sink) sink = {0};
	fact_sink_init(&sink);
	assert_true(c_analyzer.run(u, &sink, NULL));
	const fact_set *set = fact_sink_file(&sink, u->path, &u->blob);
	for (guint i = 0; i < set->diagnostics->len; i++) {
		const diagnostic *d = &g_array_index(set->diagnostics, diagnostic, i);
		print_message("%s:%u: %s\n", d->path, d->line, d->text);
	}
	assert_int_equal(set->diagnostics->len, 0);
	return fact_set_line_seen(set, line);
}

static void test_machines(void **state)
{
	fixture *f = *state;
	check_archs(f->tree, "arch/um/kernel/mem.c", "um um-x86_64");
	check_archs(f->tree, "include/asm-um/ptrace-i386.h", "um");
	check_archs(f->tree, "include/asm-um/ptrace-x86_64.h", "um-x86_64");
	check_archs(f->tree, "arch/um/sys-x86_64/bits.c", "um-x86_64");
	check_archs(f->tree, "arch/um/Kconfig.i386", "um");
	check_archs(f->tree, "include/asm-i386/bits.h", "");
}

static void test_flags(void **state)
{
	fixture *f = *state;
	g_autoptr(analysis_unit) narrow = unit_of(f->tree, "arch/um/kernel/mem.c", "um");
	g_autoptr(analysis_unit) wide = unit_of(f->tree, "arch/um/kernel/mem.c", "um-x86_64");
	assert_true(has_argument(narrow, "i386-linux-gnu"));
	assert_true(has_argument(wide, "x86_64-linux-gnu"));
	assert_true(has_argument(narrow, "-DSUBARCH=\"i386\""));
	assert_true(has_argument(wide, "-DSUBARCH=\"x86_64\""));
	assert_true(has_argument(narrow, "-U__i386__"));
	assert_false(has_argument(wide, "-U__i386__"));
	assert_true(has_argument(narrow, "-D__KERNEL__"));
	assert_true(has_argument(narrow, "-Derrno=kernel_errno"));
	assert_false(has_argument(narrow, "-DPROGRAM"));
}

static void test_links(void **state)
{
	fixture *f = *state;
	g_autoptr(analysis_unit) narrow = unit_of(f->tree, "arch/um/kernel/mem.c", "um");
	g_autoptr(analysis_unit) wide = unit_of(f->tree, "arch/um/kernel/mem.c", "um-x86_64");
	assert_string_equal(
		made(narrow, "include/asm-um/ptrace.h"), "#include <asm-um/ptrace-i386.h>\n");
	assert_string_equal(
		made(wide, ".link/um/asm/ptrace.h"), "#include <asm-um/ptrace-x86_64.h>\n");
	assert_string_equal(
		made(narrow, "include/asm-um/arch/bits.h"), "#include <asm-i386/bits.h>\n");
	assert_string_equal(made(narrow, "arch/um/include/sysdep/ptrace.h"),
		"#include <sysdep-i386/ptrace.h>\n");
	/* Kconfig.arch is a link too. */
	assert_string_equal(made(narrow, "arch/um/include/uml-config.h"),
		"#define UML_CONFIG_NARROW 1\n#define UML_CONFIG_UML 1\n");
	assert_string_equal(made(wide, "arch/um/include/uml-config.h"),
		"#define UML_CONFIG_64BIT 1\n#define UML_CONFIG_UML 1\n");
}

/* Numbers and strings of kernel and host, through every link. */
static void test_reading(void **state)
{
	fixture *f = *state;
	g_autoptr(analysis_unit) narrow = unit_of(f->tree, "arch/um/kernel/mem.c", "um");
	g_autoptr(analysis_unit) wide = unit_of(f->tree, "arch/um/kernel/mem.c", "um-x86_64");
	assert_true(compiles(narrow, 8));
	assert_true(compiles(wide, 14));
}

static void test_machine_makefile(void **state)
{
	fixture *f = *state;
	assert_true(kernel_tree_is_built(f->tree, "arch/um/sys-i386/bits.c", "um"));
	assert_false(kernel_tree_is_built(f->tree, "arch/um/sys-i386/bits.c", "um-x86_64"));
	assert_true(kernel_tree_is_built(f->tree, "arch/um/sys-x86_64/bits.c", "um-x86_64"));
	assert_true(kernel_tree_is_built(f->tree, "arch/um/os-Linux/syms.c", "um"));
	/* arch/um/Makefile is the base's, what it includes is not. */
	assert_true(kernel_tree_is_built(f->tip, "arch/um/more/more.c", "um"));
	assert_false(kernel_tree_is_built(f->tip, "arch/um/more/more.c", "um-x86_64"));
	g_autoptr(analysis_unit) u = unit_of(f->tip, "arch/um/more/more.c", "um");
	assert_true(compiles(u, 2));
}

static void test_header_behind_link(void **state)
{
	fixture *f = *state;
	g_autofree char *path = NULL;
	assert_true(
		kernel_tree_includer(&path, f->tree, "include/asm-um/ptrace-i386.h", "um", NULL));
	assert_string_equal(path, "arch/um/kernel/mem.c");
	g_clear_pointer(&path, g_free);
	assert_true(kernel_tree_includer(
		&path, f->tree, "arch/um/include/sysdep-i386/ptrace.h", "um", NULL));
	assert_string_equal(path, "arch/um/kernel/mem.c");
}

static void check_program(kernel_tree *t, const char *path)
{
	g_autoptr(GError) err = NULL;
	analysis_unit *u = NULL;
	assert_false(kernel_tree_unit(&u, t, path, "um", &err));
	assert_true(g_error_matches(err, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND));
	kernel_wish wish = {.path = path};
	g_autoptr(kernel_units) all = NULL;
	assert_true(kernel_units_for(&all, t, &wish, NULL));
	assert_int_equal(all->units->len, 0);
	assert_int_equal(all->unreached->len, 1);
	const kernel_unreached *reason = g_ptr_array_index(all->unreached, 0);
	assert_string_equal(
		reason->reason, "a program of user space: needs the C library's headers");
}

static void test_programs(void **state)
{
	fixture *f = *state;
	check_program(f->tree, "arch/um/os-Linux/file.c");
	check_program(f->tree, "arch/um/kernel/trap_user.c");
	g_autoptr(analysis_unit) u = unit_of(f->tree, "arch/um/os-Linux/syms.c", "um");
	assert_true(compiles(u, 1));
}

static void test_new_tree(void **state)
{
	fixture *f = *state;
	check_archs(f->tree, "arch/x86/um/bits_64.c", "um");
	check_archs(f->tree, "arch/um/Makefile", "um");
	check_archs(f->tree, "arch/x86/kernel/x.c", "x86");
	assert_true(kernel_tree_is_built(f->tree, "arch/x86/um/bits_64.c", "um"));
	assert_true(kernel_tree_is_built(f->tree, "arch/x86/um/bits_32.c", "um"));
	g_autoptr(analysis_unit) wide = unit_of(f->tree, "arch/x86/um/bits_64.c", "um");
	assert_true(has_argument(wide, "x86_64-linux-gnu"));
	assert_true(compiles(wide, 6));
	g_autoptr(analysis_unit) narrow = unit_of(f->tree, "arch/x86/um/bits_32.c", "um");
	assert_true(has_argument(narrow, "i386-linux-gnu"));
	check_program(f->tree, "arch/x86/um/fault_32.c");
	check_program(f->tree, "arch/x86/um/fault_64.c");
	check_program(f->tree, "arch/x86/um/stub.c");
}

/* Generic code of a tree is not read for um unless it is asked for. */
static void test_generic(void **state)
{
	fixture *f = *state;
	check_archs(f->tree, "kernel/x.c", "x86");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_machines, setup_old, teardown),
		cmocka_unit_test_setup_teardown(test_flags, setup_old, teardown),
		cmocka_unit_test_setup_teardown(test_links, setup_old, teardown),
		cmocka_unit_test_setup_teardown(test_reading, setup_old, teardown),
		cmocka_unit_test_setup_teardown(test_machine_makefile, setup_old, teardown),
		cmocka_unit_test_setup_teardown(test_header_behind_link, setup_old, teardown),
		cmocka_unit_test_setup_teardown(test_programs, setup_old, teardown),
		cmocka_unit_test_setup_teardown(test_new_tree, setup_new, teardown),
		cmocka_unit_test_setup_teardown(test_generic, setup_new, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
