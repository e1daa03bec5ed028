/* Headers that a kernel's own programs write in a build: what is made, and who gets it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "kernel/header_rules.h"
#include "kernel/tree.h"
#include "support/scratch_repo.h"

typedef struct fixture {
	scratch_repo *r;
	kernel_tree *tree;
} fixture;

static int setup(void **state)
{
	fixture *f = g_new0(fixture, 1);
	f->r = scratch_repo_new();
	oid tree = scratch_tree(f->r, NULL, "Makefile",
		"VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\nobj-y := lib/ security/ drivers/\n",
		"Kconfig", "config CRC32_SLICEBY4\n\tdef_bool y\n", "arch/x86/Makefile", "",
		"arch/x86/defconfig", "", "arch/mips/Makefile", "", "arch/mips/defconfig", "",
		"arch/s390/Makefile", "", "arch/s390/defconfig", "", "include/uapi/linux/types.h",
		"", "lib/Makefile",
		"obj-y := crc32.o plain.o\n$(obj)/crc32.o: $(obj)/crc32table.h\n"
		"$(obj)/crc64.o: $(obj)/crc64table.h\n$(obj)/o.o: $(obj)/oid_registry_data.c\n",
		"lib/plain.c", "int plain;\n", "lib/crc32.c", "#include \"crc32table.h\"\n",
		"lib/gen_crc32table.c", "crc32ctable_le\n", "lib/crc64.c",
		"#include \"crc64table.h\"\n", "lib/gen_crc64table.c", "crc64rocksofttable\n",
		"lib/oid_registry.c", "#include \"oid_registry_data.c\"\n",
		"include/linux/oid_registry.h",
		"enum OID {\n\tOID_rsa,\t/* 1.2.840.113549 */\n\tOID_none,\n"
		"\tOID_top,\t/* 2.5 */\n\tOID__NR\n};\n",
		/* Rules. */
		"include/uapi/linux/capability.h",
		"#define CAP_CHOWN            0\n#define CAP_FS_MASK 1\n#define CAP_LEASE\t28\n",
		"security/apparmor/Makefile", "$(obj)/capability_names.h: x\n",
		"security/apparmor/capability.c", "#include \"capability_names.h\"\n",
		"include/xen/interface/xen.h",
		"#define __HYPERVISOR_set_gdt  2\n#define __HYPERVISOR_arch_0 48\n"
		"#define __HYPERVISOR_old __HYPERVISOR_set_gdt\n#define __HYPERVISOR_UP 1\n",
		"arch/x86/entry/syscalls/Makefile", "out := xen-hypercalls.h\n",
		/* SELinux. */
		"security/selinux/Makefile", "$(obj)/flask.h $(obj)/av_permissions.h: x\n",
		"scripts/selinux/genheaders/genheaders.c", "security_is_socket_class\n",
		"security/selinux/include/classmap.h",
		"#define COMMON \"read\", \\\n\t\"write\"\n"
		"struct security_class_mapping secclass_map[] = {\n"
		"\t{ \"file\", { COMMON, \"execute\", NULL } }, /* \"no\" */\n"
		"\t{ \"tcp_socket\", { COMMON, NULL } },\n\t{ NULL }\n};\n",
		"security/selinux/include/initial_sid_to_string.h",
		"static const char *const initial_sid_to_string[] = {\n\tNULL,\n\t\"kernel\",\n"
		"\tNULL,\n\t\"init\",\n};\n",
		"security/selinux/ss/deep.c", "int deep;\n",
		/* Others. */
		"drivers/gpu/drm/radeon/Makefile", "obj-y := chip.o\n",
		"drivers/gpu/drm/radeon/reg_srcs/chip", "chip 0x0100\n0x0004 FIRST\n0x00fc LAST\n",
		"drivers/gpu/drm/radeon/chip.c", "#include \"chip_reg_safe.h\"\n",
		"arch/x86/boot/Makefile", "$(obj)/cpu.o: $(obj)/cpustr.h\n", "arch/x86/boot/cpu.c",
		"#include \"cpustr.h\"\n", "arch/x86/boot/compressed/far.c",
		"#include \"../cpustr.h\"\n", "arch/x86/boot/other/deep/no.c",
		"#include \"../cpustr.h\"\n", "arch/x86/include/asm/cpufeatures.h",
		"#define NCAPINTS 1\n#define X86_FEATURE_FPU ( 0*32+ 0) /* \"\" silent */\n"
		"#define X86_FEATURE_VME ( 0*32+ 1) /* mode */\n"
		"#define X86_FEATURE_XMM ( 0*32+25) /* \"sse\" */\n",
		"security/tomoyo/Makefile", "$(obj)/builtin-policy.h: x\n",
		"security/tomoyo/policy/profile.conf.default", "a \"b\"\\\nc\n",
		"security/tomoyo/common.c", "#include \"builtin-policy.h\"\n",
		/* System calls. */
		"arch/mips/kernel/syscalls/syscall_o32.tbl",
		"0 o32 syscall sys_syscall\n"
		"3 o32 read sys_read compat_read\n",
		"arch/s390/kernel/syscalls/syscall.tbl",
		"1 common exit sys_exit sys_exit\n3 32 lchown - sys_lchown16\n"
		"3 64 lchown sys_lchown -\n",
		"arch/s390/tools/gen_facilities.c",
		"\t\t.name = \"FACILITIES_ALS\",\n\t\t.bits = (int[]){\n#ifdef CONFIG_OFF\n"
		"\t\t\t4,\n#endif\n\t\t\t0, /* N3 */\n\t\t\t65,\n\t\t\t-1\n\t\t}\n",
		"mm/x.c", "int x;\n", NULL);
	g_autofree char *cache = g_build_filename(f->r->dir, "cache", NULL);
	assert_true(kernel_tree_open(&f->tree, f->r->repo, &tree, cache, NULL));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture *f = *state;
	kernel_tree_free(f->tree);
	scratch_repo_free(f->r);
	g_free(f);
	return 0;
}

/* The header that the file is given; NULL: none. The caller's. */
static char *given(void **state, const char *path, const char *arch, const char *header)
{
	fixture *f = *state;
	g_autoptr(analysis_unit) u = NULL;
	assert_true(kernel_tree_unit(&u, f->tree, path, arch, NULL));
	g_autofree char *full = g_build_filename(u->root, header, NULL);
	for (guint i = 0; i < u->memory->len; i++) {
		const memory_file *m = g_ptr_array_index(u->memory, i);
		gsize len;
		const char *data = g_bytes_get_data(m->data, &len);
		if (!strcmp(m->path, full))
			return g_strndup(data ? data : "", len);
	}
	return NULL;
}

static void has(const char *text, const char *part)
{
	assert_non_null(text);
	if (!strstr(text, part))
		print_message("no '%s' in:\n%s", part, text);
	assert_non_null(strstr(text, part));
}

/* Tables as they are printed in RFC 1952, ECMA-182 and elsewhere. */
static void test_checksums(void **state)
{
	g_autofree char *crc = given(state, "lib/crc32.c", "x86", "lib/crc32table.h");
	has(crc, "crc32table_le[4][256]");
	has(crc, "tole(0x00000000L), tole(0x77073096L), tole(0xee0e612cL)");
	has(crc, "tobe(0x00000000L), tobe(0x04c11db7L), tobe(0x09823b6eL)");
	has(crc, "tole(0x00000000L), tole(0xf26b8303L)");
	g_autofree char *wide = given(state, "lib/crc64.c", "x86", "lib/crc64table.h");
	has(wide, "0x0000000000000000ULL, 0x42f0e1eba9ea3693ULL,\n\t0x85e1c3d753d46d26ULL,");
	has(wide, "crc64rocksofttable[256]");
}

static void test_only_who_asks(void **state)
{
	assert_null(given(state, "lib/plain.c", "x86", "lib/crc32table.h"));
	assert_null(given(state, "lib/crc32.c", "x86", "lib/crc64table.h"));
	/* What headers of a folder include is there for all files below it. */
	g_autofree char *deep =
		given(state, "security/selinux/ss/deep.c", "x86", "security/selinux/flask.h");
	assert_non_null(deep);
	assert_null(given(state, "lib/plain.c", "x86", "security/selinux/flask.h"));
	/* No file of the tree has it made. */
	assert_null(given(
		state, "security/apparmor/capability.c", "x86", "security/apparmor/net_names.h"));
}

static void test_object_identifiers(void **state)
{
	g_autofree char *text =
		given(state, "lib/oid_registry.c", "x86", "lib/oid_registry_data.c");
	has(text, "[OID_rsa] = 0,\n\t[OID_top] = 6,\n\t[OID__NR] = 7\n");
	has(text, "\t42, 134, 72, 134, 247, 13, \t// rsa\n\t85, \t// top\n");
	has(text, "enum OID oid : 8;");
	/* Sorted by hash: 85 * 33 = 0xaf5 gives 0xff for "2.5". */
	has(text, "[  1] = { 255, OID_top }");
}

static void test_selinux(void **state)
{
	g_autofree char *classes =
		given(state, "security/selinux/ss/deep.c", "x86", "security/selinux/flask.h");
	has(classes, "#define SECCLASS_FILE 1\n#define SECCLASS_TCP_SOCKET 2\n");
	has(classes, "#define SECINITSID_KERNEL 1\n#define SECINITSID_INIT 3\n");
	has(classes, "#define SECINITSID_NUM 3\n");
	has(classes, "\tcase SECCLASS_TCP_SOCKET:\n\t\tsock = true;");
	assert_null(strstr(classes, "SECCLASS_NO"));
	g_autofree char *rights = given(
		state, "security/selinux/ss/deep.c", "x86", "security/selinux/av_permissions.h");
	has(rights, "#define FILE__READ 0x00000001U\n#define FILE__WRITE 0x00000002U\n"
		    "#define FILE__EXECUTE 0x00000004U\n#define TCP_SOCKET__READ 0x00000001U\n");
}

static void test_registers(void **state)
{
	g_autofree char *text = given(state, "drivers/gpu/drm/radeon/chip.c", "x86",
		"drivers/gpu/drm/radeon/chip_reg_safe.h");
	/* 0x100 is the last: 65 registers of which the second and the last of 64 are named. */
	assert_string_equal(text, "static const unsigned chip_reg_safe_bm[2] = {\n"
				  "\t0xFFFFFFFD, 0x7FFFFFFF,\n};\n");
}

static void test_features(void **state)
{
	g_autofree char *text =
		given(state, "arch/x86/boot/cpu.c", "x86", "arch/x86/boot/cpustr.h");
	has(text, "#if REQUIRED_MASK0 & (1 << 1)\n\t\"\\x00\\x01\"\"vme\\0\"\n#endif\n");
	has(text, "\"\\x00\\x19\"\"sse\\0\"");
	has(text, "\t\"\\x00\\x1f\"\"\"\n\t;\n");
	assert_null(strstr(text, "fpu"));
}

static void test_policy(void **state)
{
	g_autofree char *text =
		given(state, "security/tomoyo/common.c", "x86", "security/tomoyo/builtin-policy.h");
	has(text, "tomoyo_builtin_profile[] __initdata =\n"
		  "\t\"a \\042b\\042\\134\\n\"\n\t\"c\\n\";\n");
	has(text, "tomoyo_builtin_manager[] __initdata =\n\t\"\";\n");
}

static void test_rules(void **state)
{
	g_autofree char *names = given(state, "security/apparmor/capability.c", "x86",
		"security/apparmor/capability_names.h");
	assert_string_equal(names,
		"static const char *const capability_names[] = {\n[0] = \"chown\",\n"
		"[28] = \"lease\",\n};\n#define AA_SFS_CAPS_MASK \"chown lease\"\n");
	/* In an include path: for everybody, on its architecture. */
	static const char header[] = "arch/x86/include/generated/asm/xen-hypercalls.h";
	g_autofree char *calls = given(state, "lib/plain.c", "x86", header);
	assert_string_equal(calls, "HYPERCALL(set_gdt)\nHYPERCALL(arch_0)\n");
	assert_null(given(state, "lib/plain.c", "mips", header));
}

static void test_system_calls(void **state)
{
	g_autofree char *numbers = given(
		state, "lib/plain.c", "mips", "arch/mips/include/generated/uapi/asm/unistd_o32.h");
	assert_string_equal(numbers, "#define __NR_syscall (__NR_Linux + 0)\n"
				     "#define __NR_read (__NR_Linux + 3)\n");
	g_autofree char *count = given(
		state, "lib/plain.c", "mips", "arch/mips/include/generated/asm/unistd_nr_o32.h");
	assert_string_equal(count, "#define __NR_O32_Linux_syscalls 4\n");
	g_autofree char *table = given(state, "lib/plain.c", "mips",
		"arch/mips/include/generated/asm/syscall_table_o32.h");
	assert_string_equal(table, "__SYSCALL(0, sys_syscall)\n__SYSCALL(1, sys_ni_syscall)\n"
				   "__SYSCALL(2, sys_ni_syscall)\n"
				   "__SYSCALL_WITH_COMPAT(3, sys_read, compat_read)\n");
	g_autofree char *pairs = given(
		state, "lib/plain.c", "s390", "arch/s390/include/generated/asm/syscall_table.h");
	has(pairs, "NI_SYSCALL\nSYSCALL(sys_exit,sys_exit)\nNI_SYSCALL\n"
		   "SYSCALL(sys_lchown,sys_lchown16)\n");
}

/* Bit 0 is the highest of its word; what a symbol has to switch on is left out. */
static void test_facilities(void **state)
{
	g_autofree char *text = given(
		state, "lib/plain.c", "s390", "arch/s390/include/generated/asm/facility-defs.h");
	assert_string_equal(text, "#define FACILITIES_ALS _AC(0x8000000000000000,UL),"
				  "_AC(0x4000000000000000,UL)\n");
}

/* clang looks for what is included as "../x.h" by just that spelling. */
static void test_spelled(void **state)
{
	g_autofree char *text = given(state, "arch/x86/boot/compressed/far.c", "x86",
		"arch/x86/boot/compressed/../cpustr.h");
	g_autofree char *plain =
		given(state, "arch/x86/boot/compressed/far.c", "x86", "arch/x86/boot/cpustr.h");
	has(text, "vme");
	assert_string_equal(text, plain);
	/* Another's "../" names another file. */
	assert_null(given(state, "arch/x86/boot/other/deep/no.c", "x86",
		"arch/x86/boot/other/deep/../cpustr.h"));
}

/* Every rule has what it needs: reading asserts that. */
static void test_all_rules(void **state)
{
	(void)state;
	g_autoptr(GPtrArray) rules = header_rules_read(header_rules_text);
	assert_true(rules->len > 10);
	for (guint i = 0; i < rules->len; i++) {
		const header_rule *r = g_ptr_array_index(rules, i);
		assert_non_null(strchr(r->path, '/'));
		assert_true(r->parts->len > 0 || r->link || (r->compute && r->flags));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checksums),
		cmocka_unit_test(test_only_who_asks),
		cmocka_unit_test(test_object_identifiers),
		cmocka_unit_test(test_selinux),
		cmocka_unit_test(test_registers),
		cmocka_unit_test(test_features),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_system_calls),
		cmocka_unit_test(test_facilities),
		cmocka_unit_test(test_spelled),
		cmocka_unit_test(test_all_rules),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
