/* What tests share: pages, memory that may fault, descriptors, interrupts that are caught. */
#include "suite/suite.h"

#include "core/string.h"

const struct suite_view *suite_view SUITE_OWN;
const struct pv_boot *suite_boot SUITE_OWN;

static uint8_t pages[SUITE_PAGES][PV_PAGE_SIZE] __attribute__((aligned(PV_PAGE_SIZE)));
uint64_t suite_gdt[PV_ENTRIES] __attribute__((aligned(PV_PAGE_SIZE)));
struct pv_gate suite_idt[256] __attribute__((aligned(PV_PAGE_SIZE)));
static uint8_t task_segment[128] __attribute__((aligned(128)));
static volatile unsigned caught[256];

void *suite_page(unsigned n)
{
	memset(pages[n], 0, PV_PAGE_SIZE);
	return pages[n];
}

bool suite_read(uint64_t address, uint64_t *value)
{
	uint64_t seen = 0, ok = 0;

	__asm__ volatile("1:\tmovq (%2),%0\n\tmovl $1,%k1\n2:\n\t" PV_FIX("1b", "2b")
			 : "+r"(seen), "+r"(ok)
			 : "r"(address)
			 : "memory");
	*value = seen;
	return ok;
}

bool suite_store(uint64_t address, uint64_t value)
{
	uint64_t ok = 0;

	__asm__ volatile("1:\tmovq %2,(%1)\n\tmovl $1,%k0\n2:\n\t" PV_FIX("1b", "2b")
			 : "+r"(ok)
			 : "r"(address), "r"(value)
			 : "memory");
	return ok;
}

bool suite_limit(uint16_t selector, uint32_t *limit)
{
	uint32_t seen = 0;
	bool ok;

	__asm__ volatile("lsll %2,%0" : "+r"(seen), "=@ccz"(ok) : "r"((uint32_t)selector));
	*limit = seen;
	return ok;
}

/* Every register gets a value of its own, the slot is called, all are compared. %rsp and %rbp are
 * compared by still being there. */
bool suite_keeps(unsigned id, uint64_t a, uint64_t b)
{
	void *target = pv_slot(&pv_ops, id);
	uint64_t bad;

	__asm__ volatile("pushq %%rbp\n\t"
			 "pushq %%rbx\n\t"
			 "pushq %[a]\n\t"
			 "pushq %[b]\n\t"
			 "pushq %[target]\n\t"
			 "movq 16(%%rsp),%%rdi\n\t"
			 "movq 8(%%rsp),%%rsi\n\t"
			 "movq $0x1101,%%rbx\n\tmovq $0x2202,%%rcx\n\tmovq $0x3303,%%rdx\n\t"
			 "movq $0x4404,%%r8\n\tmovq $0x5505,%%r9\n\tmovq $0x6606,%%r10\n\t"
			 "movq $0x7707,%%r11\n\tmovq $0x8808,%%r12\n\tmovq $0x9909,%%r13\n\t"
			 "movq $0xaa0a,%%r14\n\tmovq $0xbb0b,%%r15\n\tmovq $0xcc0c,%%rbp\n\t"
			 "call *(%%rsp)\n\t"
			 "xorl %%eax,%%eax\n\t"
			 "cmpq 16(%%rsp),%%rdi\n\tjne 9f\n\tcmpq 8(%%rsp),%%rsi\n\tjne 9f\n\t"
			 "cmpq $0x1101,%%rbx\n\tjne 9f\n\tcmpq $0x2202,%%rcx\n\tjne 9f\n\t"
			 "cmpq $0x3303,%%rdx\n\tjne 9f\n\tcmpq $0x4404,%%r8\n\tjne 9f\n\t"
			 "cmpq $0x5505,%%r9\n\tjne 9f\n\tcmpq $0x6606,%%r10\n\tjne 9f\n\t"
			 "cmpq $0x7707,%%r11\n\tjne 9f\n\tcmpq $0x8808,%%r12\n\tjne 9f\n\t"
			 "cmpq $0x9909,%%r13\n\tjne 9f\n\tcmpq $0xaa0a,%%r14\n\tjne 9f\n\t"
			 "cmpq $0xbb0b,%%r15\n\tjne 9f\n\tcmpq $0xcc0c,%%rbp\n\tjne 9f\n\t"
			 "jmp 8f\n"
			 "9:\tincl %%eax\n"
			 "8:\taddq $24,%%rsp\n\t"
			 "popq %%rbx\n\t"
			 "popq %%rbp\n\t"
			 : "=&a"(bad), [a] "+c"(a), [b] "+d"(b), [target] "+S"(target),
			 "+r"(pv_stack)
			 :
			 : "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
			 "memory", "cc");
	return !bad;
}

static void count_interrupt(struct pv_frame *frame)
{
	caught[frame->vector]++;
	pv_apic_eoi((unsigned)frame->vector);
}

void suite_catch(unsigned vector)
{
	pv_handle(vector, count_interrupt);
	caught[vector] = 0;
}

unsigned suite_caught(unsigned vector)
{
	/* in one step: an interrupt between a reading and a writing would be lost */
	return __atomic_exchange_n(&caught[vector], 0, __ATOMIC_RELAXED);
}

uint64_t suite_nanoseconds(void)
{
	uint64_t khz = suite_view->count ? suite_view->count(EFFECT_KHZ) : pv_get_tsc_khz();
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return ((uint64_t)high << 32 | low) * 1000 / (khz ? khz : 1) * 1000;
}

uint64_t suite_segment(unsigned limit)
{
	return UINT64_C(0x00c0f20000000000) | (limit & 0xffff) | (uint64_t)(limit & 0xf0000) << 32;
}

/* Slots 1 to 5: code and data of the kernel, code (32 bits), data and code of the user. Built in plain
 * memory, before load_gdt makes it the CPU's. */
static void fill_gdt(void)
{
	suite_gdt[1] = UINT64_C(0x00af9a000000ffff);
	suite_gdt[2] = UINT64_C(0x00cf92000000ffff);
	suite_gdt[3] = UINT64_C(0x00cffa000000ffff);
	suite_gdt[4] = UINT64_C(0x00cff2000000ffff);
	suite_gdt[5] = UINT64_C(0x00affa000000ffff);
}

void suite_write_task(void)
{
	uint64_t base = (uint64_t)(uintptr_t)task_segment;

	pv_write_gdt_entry(suite_gdt, PV_GDT_TSS,
		(sizeof(task_segment) - 1) | (base & 0xffffff) << 16 | UINT64_C(0x89) << 40 |
			(base >> 24 & 0xff) << 56);
	pv_write_gdt_entry(suite_gdt, PV_GDT_TSS + 1, base >> 32);
}

void suite_tables(void)
{
	const struct pv_table gdt = {sizeof(suite_gdt) - 1, (uint64_t)(uintptr_t)suite_gdt};
	const struct pv_table idt = {sizeof(suite_idt) - 1, (uint64_t)(uintptr_t)suite_idt};
	uint16_t code;

	__asm__("movw %%cs,%0" : "=r"(code));
	fill_gdt();
	for (unsigned vector = 0; vector < 256; vector++) {
		uint64_t entry = pv_entry(vector);
		const struct pv_gate gate = {(uint16_t)entry, code, 0, 0x8e,
			(uint16_t)(entry >> 16), (uint32_t)(entry >> 32), 0};

		suite_idt[vector] = gate;
	}
	pv_load_gdt(&gdt);
	pv_load_idt(&idt);
	suite_write_task();
	pv_load_tr_desc(PV_GDT_TSS * 8);
}
