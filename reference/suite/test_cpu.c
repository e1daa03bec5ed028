/* Tests of the CPU's registers and tables. */
#include "core/string.h"
#include "suite/suite.h"

enum {
	MSR_GS_BASE = 0xc0000101,
	MSR_KERNEL_GS_BASE = 0xc0000102,
	MSR_NONE = 0xdead0000,
	INVALID_OPCODE = 6,
	TEST_SLOT = 20, /* of the GDT: nobody's */
};
#define NO_COUNT "the effect cannot be seen"

/* ---- cpuid, model-specific registers, counters ---- */

TEST(cpuid, "leaf 0: the CPU's maker in ebx, edx, ecx")
{
	uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0, a = 0, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	pv_cpuid(&eax, &ebx, &ecx, &edx);
	CHECK(eax >= 1);
	CHECK(ebx == b && ecx == c && edx == d);
	return SUITE_OK;
}

TEST(cpuid, "writes all four")
{
	uint32_t eax = 0, ebx = 0x5a5a5a5a, ecx = 0, edx = 0x5a5a5a5a;

	pv_cpuid(&eax, &ebx, &ecx, &edx);
	CHECK(ebx != 0x5a5a5a5a && ecx != 0 && edx != 0x5a5a5a5a);
	eax = 1;
	pv_cpuid(&eax, &ebx, &ecx, &edx);
	CHECK(eax != 1 && (edx & 1)); /* there is an FPU */
	return SUITE_OK;
}

TEST(cpuid, "takes the leaf from eax and the subleaf from ecx")
{
	uint32_t eax = 4, ebx, ecx = 1, edx, a = 4, b, c = 1, d;

	if (!suite_view->bare)
		return suite_skip("a hypervisor answers in its own way");
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	pv_cpuid(&eax, &ebx, &ecx, &edx);
	CHECK(eax == a && ebx == b && ecx == c && edx == d);
	return SUITE_OK;
}

TEST(read_msr, "returns the register, both halves")
{
	NEED(msr, "the register cannot be seen");
	pv_write_msr(MSR_KERNEL_GS_BASE, UINT64_C(0x0000123487654321));
	CHECK(suite_view->msr(MSR_KERNEL_GS_BASE) == UINT64_C(0x0000123487654321));
	CHECK(pv_read_msr(MSR_KERNEL_GS_BASE) == UINT64_C(0x0000123487654321));
	pv_write_msr(MSR_KERNEL_GS_BASE, 0);
	return SUITE_OK;
}

TEST(read_msr, "reads the register that is asked for")
{
	NEED(msr, "the register cannot be seen");
	pv_write_msr(MSR_KERNEL_GS_BASE, 0x1000);
	CHECK(pv_read_msr(MSR_GS_BASE) == suite_view->msr(MSR_GS_BASE));
	CHECK(pv_read_msr(MSR_GS_BASE) != 0x1000);
	pv_write_msr(MSR_KERNEL_GS_BASE, 0);
	return SUITE_OK;
}

TEST(write_msr, "writes both halves of the register that is asked for")
{
	uint64_t base;

	NEED(msr, "the register cannot be seen");
	base = suite_view->msr(MSR_GS_BASE);
	pv_write_msr(MSR_KERNEL_GS_BASE, UINT64_C(0x00007edc89abcdef));
	CHECK(suite_view->msr(MSR_KERNEL_GS_BASE) == UINT64_C(0x00007edc89abcdef));
	CHECK(suite_view->msr(MSR_GS_BASE) == base);
	pv_write_msr(MSR_KERNEL_GS_BASE, 0);
	CHECK(suite_view->msr(MSR_KERNEL_GS_BASE) == 0);
	return SUITE_OK;
}

TEST(write_msr, "a second write replaces the first")
{
	NEED(msr, "the register cannot be seen");
	pv_write_msr(MSR_KERNEL_GS_BASE, 0x7000);
	pv_write_msr(MSR_KERNEL_GS_BASE, 0x8000);
	CHECK(suite_view->msr(MSR_KERNEL_GS_BASE) == 0x8000);
	pv_write_msr(MSR_KERNEL_GS_BASE, 0);
	return SUITE_OK;
}

/* Does the machine itself refuse? QEMU's software emulation answers 0 for any register. */
static bool read_faults(uint32_t msr)
{
	uint32_t ok = 0, low = 0, high = 0;

	__asm__ volatile("1:\trdmsr\n\tmovl $1,%0\n2:\n\t" PV_FIX("1b", "2b")
			 : "+r"(ok), "+a"(low), "+d"(high)
			 : "c"(msr));
	return !ok;
}

static bool write_faults(uint32_t msr, uint64_t value)
{
	uint32_t ok = 0;

	__asm__ volatile("1:\twrmsr\n\tmovl $1,%0\n2:\n\t" PV_FIX("1b", "2b")
			 : "+r"(ok)
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
	return !ok;
}

TEST(read_msr_safe, "an existing register: its value and no error")
{
	int error = 77;

	pv_write_msr(MSR_KERNEL_GS_BASE, UINT64_C(0x123400005678));
	CHECK(pv_read_msr_safe(MSR_KERNEL_GS_BASE, &error) == UINT64_C(0x123400005678));
	CHECK(error == 0);
	pv_write_msr(MSR_KERNEL_GS_BASE, 0);
	return SUITE_OK;
}

TEST(read_msr_safe, "one that does not exist: an error, 0 and no exception")
{
	int error = 77;

	if (suite_view->instructions && !read_faults(MSR_NONE))
		return suite_skip("this machine answers for any register");
	CHECK(pv_read_msr_safe(MSR_NONE, &error) == 0);
	CHECK(error == -1);
	return SUITE_OK;
}

TEST(write_msr_safe, "an existing register: written, 0")
{
	CHECK(pv_write_msr_safe(MSR_KERNEL_GS_BASE, UINT64_C(0x432100008765)) == 0);
	CHECK(pv_read_msr(MSR_KERNEL_GS_BASE) == UINT64_C(0x432100008765));
	CHECK(pv_write_msr_safe(MSR_KERNEL_GS_BASE, 0) == 0);
	return SUITE_OK;
}

TEST(write_msr_safe, "a value that the register refuses: -1, unchanged, no exception")
{
	const uint64_t bad = UINT64_C(0x4000000000000000); /* not canonical */

	if (suite_view->instructions && !write_faults(MSR_KERNEL_GS_BASE, bad)) {
		pv_write_msr(MSR_KERNEL_GS_BASE, 0);
		return suite_skip("this machine takes any value");
	}
	CHECK(pv_write_msr_safe(MSR_KERNEL_GS_BASE, 0x9000) == 0);
	CHECK(pv_write_msr_safe(MSR_KERNEL_GS_BASE, bad) == -1);
	CHECK(pv_read_msr(MSR_KERNEL_GS_BASE) == 0x9000);
	CHECK(pv_write_msr_safe(MSR_KERNEL_GS_BASE, 0) == 0);
	return SUITE_OK;
}

static uint64_t cycles(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

TEST(read_tsc, "lies between two readings of the counter")
{
	for (unsigned i = 0; i < 10; i++) {
		uint64_t before = cycles(), now = pv_read_tsc(), after = cycles();

		CHECK(before <= now && now <= after);
	}
	return SUITE_OK;
}

TEST(read_tsc, "goes on")
{
	uint64_t before = pv_read_tsc();

	for (unsigned i = 0; i < 1000; i++)
		__asm__ volatile("pause");
	CHECK(pv_read_tsc() > before);
	return SUITE_OK;
}

TEST(read_pmc, "a counter that does not exist: 0 and no exception")
{
	CHECK(pv_read_pmc(63) == 0);
	CHECK(pv_read_pmc(0x3fffffff) == 0);
	return SUITE_OK;
}

TEST(read_pmc, "the first counter does not run backwards")
{
	uint64_t before = pv_read_pmc(0);

	CHECK(pv_read_pmc(0) >= before);
	return SUITE_OK;
}

/* ---- debug and control registers ---- */

TEST(get_debugreg, "returns each of the four addresses")
{
	for (unsigned n = 0; n < 4; n++)
		pv_set_debugreg(n, 0x1000 * (n + 1));
	for (unsigned n = 0; n < 4; n++)
		CHECK(pv_get_debugreg(n) == 0x1000 * (n + 1));
	for (unsigned n = 0; n < 4; n++)
		pv_set_debugreg(n, 0);
	return SUITE_OK;
}

TEST(get_debugreg, "returns what the CPU holds")
{
	NEED(debug, "the registers cannot be seen");
	pv_set_debugreg(3, 0x7000);
	for (unsigned n = 0; n < 4; n++)
		CHECK(pv_get_debugreg(n) == suite_view->debug(n));
	CHECK(pv_get_debugreg(6) == suite_view->debug(6));
	CHECK(pv_get_debugreg(7) == suite_view->debug(7));
	pv_set_debugreg(3, 0);
	return SUITE_OK;
}

TEST(set_debugreg, "sets one and leaves the others")
{
	NEED(debug, "the registers cannot be seen");
	for (unsigned n = 0; n < 4; n++) {
		uint64_t before[4];

		for (unsigned i = 0; i < 4; i++)
			before[i] = suite_view->debug(i);
		pv_set_debugreg(n, 0x5000 + 0x100 * n);
		for (unsigned i = 0; i < 4; i++)
			CHECK(suite_view->debug(i) == (i == n ? 0x5000 + 0x100 * n : before[i]));
	}
	for (unsigned n = 0; n < 4; n++)
		pv_set_debugreg(n, 0);
	return SUITE_OK;
}

TEST(set_debugreg, "sets status and control")
{
	NEED(debug, "the registers cannot be seen");
	pv_set_debugreg(7, 0x401); /* breakpoint 0, local, execution, at an address never executed */
	CHECK(suite_view->debug(7) == 0x401);
	pv_set_debugreg(7, 0x400);
	CHECK(suite_view->debug(7) == 0x400);
	pv_set_debugreg(6, 0xffff0ff0);
	CHECK(suite_view->debug(6) == 0xffff0ff0);
	return SUITE_OK;
}

TEST(clts, "the flag is clear after it, set or clear before")
{
	NEED(cr, "the register cannot be seen");
	pv_write_cr0(pv_read_cr0() | PV_CR0_TS);
	CHECK(suite_view->cr(0) & PV_CR0_TS);
	pv_clts();
	CHECK(!(suite_view->cr(0) & PV_CR0_TS));
	pv_clts();
	CHECK(!(suite_view->cr(0) & PV_CR0_TS));
	return SUITE_OK;
}

TEST(clts, "leaves the other bits; read_cr0 sees it")
{
	uint64_t before;

	pv_clts();
	before = pv_read_cr0();
	pv_write_cr0(before | PV_CR0_TS);
	pv_clts();
	CHECK(pv_read_cr0() == before);
	return SUITE_OK;
}

TEST(read_cr0, "returns what the CPU holds")
{
	NEED(cr, "the register cannot be seen");
	CHECK(pv_read_cr0() == suite_view->cr(0));
	CHECK(pv_read_cr0() & 1); /* protected mode */
	return SUITE_OK;
}

TEST(read_cr0, "sees the task-switched flag")
{
	pv_write_cr0(pv_read_cr0() | PV_CR0_TS);
	CHECK(pv_read_cr0() & PV_CR0_TS);
	pv_write_cr0(pv_read_cr0() & ~PV_CR0_TS);
	CHECK(!(pv_read_cr0() & PV_CR0_TS));
	return SUITE_OK;
}

TEST(write_cr0, "sets and clears the task-switched flag")
{
	NEED(cr, "the register cannot be seen");
	pv_write_cr0(pv_read_cr0() | PV_CR0_TS);
	CHECK(suite_view->cr(0) & PV_CR0_TS);
	pv_write_cr0(pv_read_cr0() & ~PV_CR0_TS);
	CHECK(!(suite_view->cr(0) & PV_CR0_TS));
	return SUITE_OK;
}

TEST(write_cr0, "leaves what was read")
{
	uint64_t before;

	NEED(cr, "the register cannot be seen");
	before = suite_view->cr(0);
	pv_write_cr0(pv_read_cr0());
	CHECK(suite_view->cr(0) == before);
	return SUITE_OK;
}

TEST(read_cr4, "returns what the CPU holds")
{
	NEED(cr, "the register cannot be seen");
	CHECK(pv_read_cr4() == suite_view->cr(4));
	CHECK(pv_read_cr4() & 1 << 5); /* PAE: there is no 64-bit mode without */
	return SUITE_OK;
}

TEST(read_cr4, "sees what write_cr4 wrote")
{
	uint64_t before = pv_read_cr4();

	pv_write_cr4(before | PV_CR4_TSD);
	CHECK(pv_read_cr4() == (before | PV_CR4_TSD));
	pv_write_cr4(before);
	CHECK(pv_read_cr4() == before);
	return SUITE_OK;
}

TEST(write_cr4, "sets and clears a bit")
{
	uint64_t before;

	NEED(cr, "the register cannot be seen");
	before = pv_read_cr4();
	pv_write_cr4(before | PV_CR4_TSD);
	CHECK(suite_view->cr(4) & PV_CR4_TSD);
	pv_write_cr4(before & ~PV_CR4_TSD);
	CHECK(!(suite_view->cr(4) & PV_CR4_TSD));
	return SUITE_OK;
}

TEST(write_cr4, "leaves what was read")
{
	uint64_t before;

	NEED(cr, "the register cannot be seen");
	before = suite_view->cr(4);
	pv_write_cr4(pv_read_cr4());
	CHECK(suite_view->cr(4) == before);
	return SUITE_OK;
}

TEST(read_cr8, "returns what write_cr8 wrote; 0 at the start")
{
	CHECK(pv_read_cr8() == 0);
	pv_write_cr8(5);
	CHECK(pv_read_cr8() == 5);
	pv_write_cr8(0);
	CHECK(pv_read_cr8() == 0);
	return SUITE_OK;
}

TEST(read_cr8, "is the task priority of the interrupt controller")
{
	pv_write_cr8(6);
	CHECK(pv_apic_read(0x80) == 0x60);
	pv_apic_write(0x80, 0x20);
	CHECK(pv_read_cr8() == 2);
	pv_apic_write(0x80, 0);
	return SUITE_OK;
}

TEST(write_cr8, "all of 0 to 15 are kept")
{
	for (unsigned n = 0; n < 16; n++) {
		pv_write_cr8(n);
		CHECK(pv_read_cr8() == n);
	}
	pv_write_cr8(0);
	return SUITE_OK;
}

TEST(write_cr8, "interrupts of a lower rank wait")
{
	enum { VECTOR = PV_VECTOR_FREE + 3 };

	NEED(cr8, "there is no priority here");
	suite_catch(VECTOR);
	pv_write_cr8(5);
	CHECK(suite_view->cr8() == 5);
	pv_irq_enable();
	suite_view->raise(VECTOR);
	for (unsigned i = 0; i < 100; i++)
		__asm__ volatile("pause" : : : "memory");
	CHECK(suite_caught(VECTOR) == 0);
	pv_write_cr8(0);
	for (unsigned i = 0; i < 100; i++)
		__asm__ volatile("pause" : : : "memory");
	CHECK(suite_caught(VECTOR) == 1);
	return SUITE_OK;
}

/* ---- tables ---- */

TEST(load_tr_desc, "the task register holds the selector")
{
	NEED(tr, "the register cannot be seen");
	suite_write_task();
	pv_load_tr_desc(PV_GDT_TSS * 8);
	CHECK(suite_view->tr() == PV_GDT_TSS * 8);
	return SUITE_OK;
}

TEST(load_tr_desc, "twice does no harm")
{
	for (unsigned i = 0; i < 2; i++) {
		suite_write_task();
		pv_load_tr_desc(PV_GDT_TSS * 8);
	}
	CHECK(pv_store_tr() == PV_GDT_TSS * 8 || pv_store_tr() == 0);
	return SUITE_OK;
}

TEST(store_tr, "is what was loaded, or 0 where a hypervisor keeps it")
{
	suite_write_task();
	pv_load_tr_desc(PV_GDT_TSS * 8);
	if (suite_view->tr)
		CHECK(pv_store_tr() == suite_view->tr());
	CHECK(pv_store_tr() == PV_GDT_TSS * 8 || (!suite_view->bare && pv_store_tr() == 0));
	return SUITE_OK;
}

TEST(store_tr, "is the same each time")
{
	CHECK(pv_store_tr() == pv_store_tr());
	return SUITE_OK;
}

/* A second GDT: as the first, but for one segment. */
static uint64_t other_gdt[PV_ENTRIES] __attribute__((aligned(PV_PAGE_SIZE)));
static const struct pv_table first_table = {sizeof(suite_gdt) - 1, 0};

static void load_table(uint64_t *gdt)
{
	struct pv_table table = first_table;

	table.base = (uint64_t)(uintptr_t)gdt;
	pv_load_gdt(&table);
	memset(&table, 0, sizeof(table)); /* the operand is nobody's any more */
}

static void fill_other(void)
{
	static bool filled;

	if (filled)
		return;
	filled = true;
	memcpy(other_gdt, suite_gdt, PV_GDT_TSS * sizeof(uint64_t));
	other_gdt[TEST_SLOT] = suite_segment(0x77);
}

TEST(load_gdt, "its descriptors are in force")
{
	uint32_t limit = 0;
	bool loaded;

	fill_other();
	pv_write_gdt_entry(suite_gdt, TEST_SLOT, 0);
	load_table(other_gdt);
	loaded = suite_limit(TEST_SLOT * 8, &limit);
	load_table(suite_gdt);
	CHECK(loaded && limit == 0x77fff);
	CHECK(!suite_limit(TEST_SLOT * 8, &limit));
	return SUITE_OK;
}

TEST(load_gdt, "the CPU holds its base and limit")
{
	struct pv_table table;

	NEED(gdt, "the register cannot be seen");
	load_table(other_gdt);
	suite_view->gdt(&table);
	load_table(suite_gdt);
	CHECK(table.base == (uint64_t)(uintptr_t)other_gdt && table.limit == sizeof(other_gdt) - 1);
	return SUITE_OK;
}

TEST(store_gdt, "returns what was loaded last")
{
	struct pv_table one, two;

	fill_other();
	load_table(other_gdt);
	pv_store_gdt(&one);
	load_table(suite_gdt);
	pv_store_gdt(&two);
	CHECK(one.base == (uint64_t)(uintptr_t)other_gdt && one.limit == sizeof(other_gdt) - 1);
	CHECK(two.base == (uint64_t)(uintptr_t)suite_gdt && two.limit == sizeof(suite_gdt) - 1);
	return SUITE_OK;
}

TEST(store_gdt, "writes 10 bytes")
{
	struct {
		struct pv_table table;
		uint8_t after[6];
	} out;

	memset(&out, 0x5a, sizeof(out));
	pv_store_gdt(&out.table);
	for (unsigned i = 0; i < sizeof(out.after); i++)
		CHECK(out.after[i] == 0x5a);
	return SUITE_OK;
}

/* A second interrupt table, whose gate for ud2 leads to another entry. */
static struct pv_gate other_idt[256] __attribute__((aligned(PV_PAGE_SIZE)));
static unsigned arrived_as;

static void step_over(struct pv_frame *frame)
{
	arrived_as = (unsigned)frame->vector;
	frame->rip += 2;
}

static struct pv_gate gate_to(unsigned vector)
{
	uint64_t entry = pv_entry(vector);
	struct pv_gate gate = suite_idt[INVALID_OPCODE];

	gate.offset_low = (uint16_t)entry;
	gate.offset_middle = (uint16_t)(entry >> 16);
	gate.offset_high = (uint32_t)(entry >> 32);
	return gate;
}

static void load_interrupts(struct pv_gate *idt)
{
	const struct pv_table table = {256 * sizeof(*idt) - 1, (uint64_t)(uintptr_t)idt};

	pv_load_idt(&table);
}

/* The vector that ud2 arrives as. 7 stands for another one without an error word. */
static unsigned try_ud2(void)
{
	pv_handle(INVALID_OPCODE, step_over);
	pv_handle(7, step_over);
	arrived_as = 0;
	__asm__ volatile("ud2" : : : "memory");
	pv_handle(INVALID_OPCODE, NULL);
	pv_handle(7, NULL);
	return arrived_as;
}

TEST(load_idt, "its gates are in force")
{
	unsigned first = try_ud2(), second, third;

	memcpy(other_idt, suite_idt, sizeof(other_idt));
	other_idt[INVALID_OPCODE] = gate_to(7);
	load_interrupts(other_idt);
	second = try_ud2();
	load_interrupts(suite_idt);
	third = try_ud2();
	CHECK(first == INVALID_OPCODE);
	CHECK(second == 7);
	CHECK(third == INVALID_OPCODE);
	return SUITE_OK;
}

TEST(load_idt, "the CPU holds its base and limit")
{
	struct pv_table table;

	NEED(idt, "the register cannot be seen");
	load_interrupts(suite_idt);
	suite_view->idt(&table);
	CHECK(table.base == (uint64_t)(uintptr_t)suite_idt && table.limit == sizeof(suite_idt) - 1);
	return SUITE_OK;
}

TEST(store_idt, "returns what was loaded last")
{
	struct pv_table one, two;

	memcpy(other_idt, suite_idt, sizeof(other_idt));
	load_interrupts(other_idt);
	pv_store_idt(&one);
	load_interrupts(suite_idt);
	pv_store_idt(&two);
	CHECK(one.base == (uint64_t)(uintptr_t)other_idt && one.limit == sizeof(other_idt) - 1);
	CHECK(two.base == (uint64_t)(uintptr_t)suite_idt && two.limit == sizeof(suite_idt) - 1);
	return SUITE_OK;
}

TEST(store_idt, "writes 10 bytes")
{
	struct {
		struct pv_table table;
		uint8_t after[6];
	} out;

	memset(&out, 0x5a, sizeof(out));
	pv_store_idt(&out.table);
	for (unsigned i = 0; i < sizeof(out.after); i++)
		CHECK(out.after[i] == 0x5a);
	return SUITE_OK;
}

TEST(write_idt_entry, "is in force at once in the loaded table")
{
	struct pv_gate before = suite_idt[INVALID_OPCODE], other = gate_to(7);
	unsigned arrived;

	pv_write_idt_entry(suite_idt, INVALID_OPCODE, &other);
	arrived = try_ud2();
	pv_write_idt_entry(suite_idt, INVALID_OPCODE, &before);
	CHECK(arrived == 7);
	CHECK(try_ud2() == INVALID_OPCODE);
	return SUITE_OK;
}

TEST(write_idt_entry, "in a table that is not loaded: kept, not in force, neighbours stay")
{
	struct pv_gate other = gate_to(7);

	memcpy(other_idt, suite_idt, sizeof(other_idt));
	pv_write_idt_entry(other_idt, INVALID_OPCODE, &other);
	CHECK(try_ud2() == INVALID_OPCODE);
	CHECK(memcmp(&other_idt[INVALID_OPCODE], &other, sizeof(other)) == 0);
	CHECK(memcmp(&other_idt[5], &suite_idt[5], sizeof(other)) == 0);
	CHECK(memcmp(&other_idt[7], &suite_idt[7], sizeof(other)) == 0);
	return SUITE_OK;
}

TEST(write_gdt_entry, "is in force in the loaded table")
{
	uint32_t limit = 0;

	pv_write_gdt_entry(suite_gdt, TEST_SLOT, suite_segment(0x123));
	CHECK(suite_limit(TEST_SLOT * 8, &limit) && limit == 0x123fff);
	pv_write_gdt_entry(suite_gdt, TEST_SLOT, suite_segment(0x45));
	CHECK(suite_limit(TEST_SLOT * 8, &limit) && limit == 0x45fff);
	pv_write_gdt_entry(suite_gdt, TEST_SLOT, 0);
	CHECK(!suite_limit(TEST_SLOT * 8, &limit));
	return SUITE_OK;
}

TEST(write_gdt_entry, "its neighbours stay")
{
	uint64_t below = suite_gdt[TEST_SLOT - 1], above = suite_gdt[TEST_SLOT + 1];

	pv_write_gdt_entry(suite_gdt, TEST_SLOT, suite_segment(0x321));
	CHECK(suite_gdt[TEST_SLOT - 1] == below && suite_gdt[TEST_SLOT + 1] == above);
	pv_write_gdt_entry(suite_gdt, TEST_SLOT, 0);
	return SUITE_OK;
}

/* A selector of the local table. */
static uint16_t local(unsigned n)
{
	return (uint16_t)(n * 8 | 7);
}

TEST(alloc_ldt, "the table can be filled and used")
{
	uint64_t *table = suite_page(0);
	uint32_t limit = 0;
	bool seen;

	CHECK(pv_alloc_ldt(table, PV_ENTRIES));
	pv_write_ldt_entry(table, 1, suite_segment(0x11));
	pv_set_ldt(table, 4);
	seen = suite_limit(local(1), &limit);
	pv_set_ldt(NULL, 0);
	pv_free_ldt(table, PV_ENTRIES);
	CHECK(seen && limit == 0x11fff);
	return SUITE_OK;
}

TEST(alloc_ldt, "what was in it stays")
{
	uint64_t *table = suite_page(0);
	uint32_t limit = 0;
	bool seen;

	table[3] = suite_segment(0x33);
	CHECK(pv_alloc_ldt(table, PV_ENTRIES));
	pv_set_ldt(table, 4);
	seen = suite_limit(local(3), &limit);
	pv_set_ldt(NULL, 0);
	pv_free_ldt(table, PV_ENTRIES);
	CHECK(seen && limit == 0x33fff);
	return SUITE_OK;
}

TEST(free_ldt, "the page is plain memory again")
{
	uint64_t *table = suite_page(0);

	CHECK(pv_alloc_ldt(table, PV_ENTRIES));
	pv_set_ldt(table, 4);
	pv_set_ldt(NULL, 0);
	pv_free_ldt(table, PV_ENTRIES);
	CHECK(!(pv_save_fl() & PV_IF));
	CHECK(suite_store((uint64_t)(uintptr_t)table, 0x1234));
	CHECK(table[0] == 0x1234);
	return SUITE_OK;
}

TEST(free_ldt, "the page can be a local table again")
{
	uint64_t *table = suite_page(0);

	for (unsigned i = 0; i < 3; i++) {
		CHECK(pv_alloc_ldt(table, PV_ENTRIES));
		pv_free_ldt(table, PV_ENTRIES);
	}
	CHECK(suite_store((uint64_t)(uintptr_t)table, 1));
	return SUITE_OK;
}

TEST(set_ldt, "its descriptors are in force, up to the limit")
{
	uint64_t *table = suite_page(1);
	uint32_t first = 0, second = 0, limit;
	bool one, two, beyond;

	table[0] = suite_segment(0x10);
	table[1] = suite_segment(0x20);
	table[2] = suite_segment(0x30);
	CHECK(pv_alloc_ldt(table, PV_ENTRIES));
	pv_set_ldt(table, 2);
	one = suite_limit(local(0), &first);
	two = suite_limit(local(1), &second);
	beyond = suite_limit(local(2), &limit);
	pv_set_ldt(NULL, 0);
	pv_free_ldt(table, PV_ENTRIES);
	CHECK(one && first == 0x10fff);
	CHECK(two && second == 0x20fff);
	CHECK(!beyond);
	return SUITE_OK;
}

TEST(set_ldt, "0 entries: there is none")
{
	uint64_t *table = suite_page(1);
	uint32_t limit;

	table[0] = suite_segment(0x10);
	CHECK(pv_alloc_ldt(table, PV_ENTRIES));
	pv_set_ldt(table, 1);
	pv_set_ldt(NULL, 0);
	CHECK(!suite_limit(local(0), &limit));
	pv_free_ldt(table, PV_ENTRIES);
	return SUITE_OK;
}

TEST(write_ldt_entry, "is in force in the table in use")
{
	uint64_t *table = suite_page(2);
	uint32_t limit = 0;
	bool seen;

	CHECK(pv_alloc_ldt(table, PV_ENTRIES));
	pv_set_ldt(table, 8);
	pv_write_ldt_entry(table, 5, suite_segment(0x55));
	seen = suite_limit(local(5), &limit);
	pv_set_ldt(NULL, 0);
	pv_free_ldt(table, PV_ENTRIES);
	CHECK(seen && limit == 0x55fff);
	return SUITE_OK;
}

TEST(write_ldt_entry, "its neighbours stay")
{
	uint64_t *table = suite_page(2);

	CHECK(pv_alloc_ldt(table, PV_ENTRIES));
	pv_write_ldt_entry(table, 3, suite_segment(0x31));
	pv_write_ldt_entry(table, 5, suite_segment(0x51));
	pv_write_ldt_entry(table, 4, suite_segment(0x41));
	CHECK(table[3] == suite_segment(0x31) && table[5] == suite_segment(0x51));
	CHECK(table[4] == suite_segment(0x41) && table[6] == 0);
	pv_free_ldt(table, PV_ENTRIES);
	return SUITE_OK;
}

TEST(load_tls, "all three are in force")
{
	const uint64_t tls[3] = {suite_segment(0x61), suite_segment(0x62), suite_segment(0x63)};

	pv_load_tls(tls);
	for (unsigned i = 0; i < 3; i++) {
		uint32_t limit = 0;

		CHECK(suite_limit((uint16_t)((PV_GDT_TLS + i) * 8), &limit));
		CHECK(limit == 0x61fff + 0x1000 * i);
	}
	return SUITE_OK;
}

TEST(load_tls, "a second time they are replaced, and the others stay")
{
	const uint64_t tls[3] = {suite_segment(0x71), 0, suite_segment(0x73)};
	uint64_t below = suite_gdt[PV_GDT_TLS - 1], above = suite_gdt[PV_GDT_TLS + 3];
	uint32_t limit = 0;

	pv_load_tls(tls);
	CHECK(suite_limit(PV_GDT_TLS * 8, &limit) && limit == 0x71fff);
	CHECK(!suite_limit((PV_GDT_TLS + 1) * 8, &limit));
	CHECK(suite_limit((PV_GDT_TLS + 2) * 8, &limit) && limit == 0x73fff);
	CHECK(suite_gdt[PV_GDT_TLS - 1] == below && suite_gdt[PV_GDT_TLS + 3] == above);
	return SUITE_OK;
}

static uint16_t gs(void)
{
	uint16_t selector;

	__asm__ volatile("movw %%gs,%0" : "=r"(selector));
	return selector;
}

TEST(load_gs_index, "loads the selector and keeps the kernel's base")
{
	uint64_t base = pv_read_msr(MSR_GS_BASE);
	uint16_t loaded;

	pv_load_gs_index(4 * 8 | 3);
	loaded = gs();
	CHECK(pv_read_msr(MSR_GS_BASE) == base);
	pv_load_gs_index(0);
	CHECK(loaded == (4 * 8 | 3));
	CHECK(gs() == 0);
	return SUITE_OK;
}

TEST(load_gs_index, "a bad selector loads 0, without an exception")
{
	pv_load_gs_index(4 * 8 | 3);
	pv_load_gs_index(100 * 8 | 3);
	CHECK((gs() & ~3) == 0);
	pv_load_gs_index(0);
	return SUITE_OK;
}

TEST(load_gs_index, "leaves the interrupt flag alone")
{
	NEED(interrupts_on, "the flag cannot be seen");
	pv_load_gs_index(0);
	CHECK(!suite_view->interrupts_on());
	pv_irq_enable();
	pv_load_gs_index(0);
	CHECK(suite_view->interrupts_on());
	return SUITE_OK;
}

TEST(load_sp0, "is the stack of the task segment")
{
	NEED(sp0, "a hypervisor keeps the task segment");
	pv_load_sp0(0x123450);
	CHECK(suite_view->sp0() == 0x123450);
	pv_load_sp0(UINT64_C(0x00007f1234567890));
	CHECK(suite_view->sp0() == UINT64_C(0x00007f1234567890));
	return SUITE_OK;
}

TEST(load_sp0, "leaves the running stack alone")
{
	uint64_t before, after;

	__asm__ volatile("movq %%rsp,%0" : "=r"(before));
	pv_load_sp0((uint64_t)(uintptr_t)suite_page(3) + PV_PAGE_SIZE);
	__asm__ volatile("movq %%rsp,%0" : "=r"(after));
	CHECK(before == after);
	return SUITE_OK;
}

TEST(set_iopl_mask, "the level is that of the mask, whatever else is in it")
{
	unsigned one, two, none;

	NEED(iopl, "the level cannot be seen");
	pv_set_iopl_mask(0x1000);
	one = suite_view->iopl();
	pv_set_iopl_mask(0xffffefff);
	two = suite_view->iopl();
	pv_set_iopl_mask(0);
	none = suite_view->iopl();
	CHECK(one == 1);
	CHECK(two == 2);
	CHECK(none == 0);
	return SUITE_OK;
}

TEST(set_iopl_mask, "leaves the interrupt flag alone")
{
	NEED(interrupts_on, "the flag cannot be seen");
	pv_set_iopl_mask(0x3000);
	CHECK(!suite_view->interrupts_on());
	pv_irq_enable();
	pv_set_iopl_mask(0);
	CHECK(suite_view->interrupts_on());
	return SUITE_OK;
}

TEST(wbinvd, "memory is as it was")
{
	uint64_t *page = suite_page(4);

	for (unsigned i = 0; i < PV_ENTRIES; i++)
		page[i] = i * 3;
	pv_wbinvd();
	for (unsigned i = 0; i < PV_ENTRIES; i++)
		CHECK(page[i] == i * 3);
	return SUITE_OK;
}

TEST(wbinvd, "is done once: a simulated machine counts it")
{
	uint64_t before;

	NEED(count, NO_COUNT);
	if (!suite_view->bare)
		return suite_skip("memory is coherent: nothing needs to be done");
	before = suite_view->count(EFFECT_WBINVD);
	pv_wbinvd();
	CHECK(suite_view->count(EFFECT_WBINVD) == before + 1);
	return SUITE_OK;
}

TEST(io_delay, "one write to a port that nobody listens to, at most")
{
	uint64_t before, after;

	NEED(count, NO_COUNT);
	suite_view->count(EFFECT_OUT);
	before = suite_view->count(EFFECT_OUT);
	pv_io_delay();
	after = suite_view->count(EFFECT_OUT);
	CHECK(after == before + (suite_view->bare ? 1 : 0));
	if (suite_view->bare)
		CHECK(suite_view->count(EFFECT_OUT_PORT) == 0x80);
	return SUITE_OK;
}

TEST(io_delay, "leaves the interrupt flag alone")
{
	NEED(interrupts_on, "the flag cannot be seen");
	pv_io_delay();
	CHECK(!suite_view->interrupts_on());
	return SUITE_OK;
}

TEST(swapgs, "exchanges the two bases")
{
	uint64_t kernel, user, after_kernel, after_user;

	if (!suite_view->bare)
		return suite_skip("a hypervisor exchanges them on entry");
	pv_write_msr(MSR_KERNEL_GS_BASE, 0x4000);
	kernel = suite_view->msr(MSR_GS_BASE);
	user = suite_view->msr(MSR_KERNEL_GS_BASE);
	pv_swapgs();
	after_kernel = suite_view->msr(MSR_GS_BASE);
	after_user = suite_view->msr(MSR_KERNEL_GS_BASE);
	pv_swapgs();
	pv_write_msr(MSR_KERNEL_GS_BASE, 0);
	CHECK(after_kernel == user && after_user == kernel);
	return SUITE_OK;
}

TEST(swapgs, "twice changes nothing")
{
	uint64_t kernel, user;

	pv_write_msr(MSR_KERNEL_GS_BASE, 0x6000);
	kernel = pv_read_msr(MSR_GS_BASE);
	user = pv_read_msr(MSR_KERNEL_GS_BASE);
	pv_swapgs();
	pv_swapgs();
	CHECK(pv_read_msr(MSR_GS_BASE) == kernel && pv_read_msr(MSR_KERNEL_GS_BASE) == user);
	pv_write_msr(MSR_KERNEL_GS_BASE, 0);
	return SUITE_OK;
}
