/* Xen: registers and tables. What is not here works as on bare metal, because Xen lets the instruction trap
 * and answers for its guest. */
#include "xen/xen.h"

#include "core/string.h"

enum {
	MSR_FS_BASE = 0xc0000100,
	MSR_GS_BASE = 0xc0000101,
	MSR_KERNEL_GS_BASE = 0xc0000102,
	GDT_PAGES = 14, /* Xen keeps the two above for itself */
	TRAPS = 256,
};

static struct pv_table gdt, idt;

/* The prefix asks Xen for what it shows its guests, where the instruction alone asks the CPU. */
void xen_cpuid(uint32_t *eax, uint32_t *ebx, uint32_t *ecx, uint32_t *edx)
{
	__asm__ volatile(".byte 0x0f,0x0b,0x78,0x65,0x6e; cpuid"
			 : "+a"(*eax), "=b"(*ebx), "+c"(*ecx), "=d"(*edx));
}

/* The base that a register holds; -1 for any other register. */
static int base_of(uint32_t msr)
{
	switch (msr) {
	case MSR_FS_BASE:
		return XEN_BASE_FS;
	case MSR_GS_BASE:
		return XEN_BASE_GS_KERNEL;
	case MSR_KERNEL_GS_BASE:
		return XEN_BASE_GS_USER;
	default:
		return -1;
	}
}

int xen_write_msr_safe(uint32_t msr, uint64_t value)
{
	int base = base_of(msr);

	if (base < 0)
		return native_write_msr_safe(msr, value);
	return xen_call(XEN_SEGMENT_BASE, (uint64_t)base, value, 0, 0, 0) < 0 ? -1 : 0;
}

void xen_write_msr(uint32_t msr, uint64_t value)
{
	if (base_of(msr) < 0)
		native_write_msr(msr, value);
	else
		xen_must("segment base", xen_write_msr_safe(msr, value));
}

uint64_t xen_get_debugreg(unsigned n)
{
	return (uint64_t)xen_call(XEN_GET_DEBUG, n, 0, 0, 0, 0);
}

void xen_set_debugreg(unsigned n, uint64_t value)
{
	xen_must("debug register", xen_call(XEN_SET_DEBUG, n, value, 0, 0, 0));
}

void xen_clts(void)
{
	xen_call(XEN_FPU_TASKSWITCH, 0, 0, 0, 0, 0);
}

void xen_write_cr0(uint64_t value)
{
	xen_call(XEN_FPU_TASKSWITCH, (value & PV_CR0_TS) != 0, 0, 0, 0, 0);
}

void xen_load_tr_desc(uint16_t selector)
{
	(void)selector;
}

uint16_t xen_store_tr(void)
{
	return 0;
}

/* Xen takes the frames and only while nobody can write them. */
void xen_load_gdt(const struct pv_table *table)
{
	uint64_t frames[GDT_PAGES];
	unsigned entries = (table->limit + 1u) / 8, pages = 0;

	for (uint64_t at = table->base; at < table->base + table->limit && pages < GDT_PAGES;
		at += PV_PAGE_SIZE) {
		xen_must("read-only GDT", xen_protect(at, false));
		frames[pages++] = xen_machine_frame(at >> PV_PAGE_SHIFT);
	}
	xen_must("GDT", xen_call(XEN_SET_GDT, xen_pointer(frames), entries, 0, 0, 0));
	gdt = *table;
}

void xen_store_gdt(struct pv_table *table)
{
	*table = gdt;
}

/* Gates of type 14 turn interrupts off (SDM 3A 6.12.1). */
static struct xen_trap trap_of(unsigned vector, const struct pv_gate *gate)
{
	struct xen_trap trap = {0};

	trap.vector = (uint8_t)vector;
	trap.flags = (uint8_t)((gate->type >> 5 & 3) | ((gate->type & 15) == 14 ? XEN_TRAP_MASKS : 0));
	trap.selector = gate->selector;
	trap.address = gate->offset_low | (uint64_t)gate->offset_middle << 16 |
		       (uint64_t)gate->offset_high << 32;
	return trap;
}

/* There is no interrupt table for the CPU to read: Xen is told of each gate. */
void xen_load_idt(const struct pv_table *table)
{
	static struct xen_trap traps[TRAPS + 1];
	const struct pv_gate *gates = (const struct pv_gate *)(uintptr_t)table->base;
	unsigned n = 0;

	for (unsigned vector = 0; vector < (table->limit + 1u) / sizeof(*gates); vector++) {
		if (gates[vector].type & 0x80)
			traps[n++] = trap_of(vector, &gates[vector]);
	}
	traps[n].address = 0;
	xen_must("trap table", xen_call(XEN_SET_TRAP_TABLE, xen_pointer(traps), 0, 0, 0, 0));
	idt = *table;
}

void xen_store_idt(struct pv_table *table)
{
	*table = idt;
}

void xen_write_idt_entry(struct pv_gate *table, unsigned n, const struct pv_gate *gate)
{
	table[n] = *gate;
	if (xen_pointer(table) == idt.base && gate->type & 0x80) {
		struct xen_trap traps[2] = {trap_of(n, gate), {0}};

		xen_must("trap", xen_call(XEN_SET_TRAP_TABLE, xen_pointer(traps), 0, 0, 0, 0));
	}
}

static uint64_t pages_of(unsigned entries)
{
	return (entries * 8ull + PV_PAGE_SIZE - 1) / PV_PAGE_SIZE;
}

bool xen_alloc_ldt(uint64_t *table, unsigned entries)
{
	for (uint64_t page = 0; page < pages_of(entries); page++) {
		if (xen_protect(xen_pointer(table) + page * PV_PAGE_SIZE, false) < 0)
			return false;
	}
	return true;
}

void xen_free_ldt(uint64_t *table, unsigned entries)
{
	for (uint64_t page = 0; page < pages_of(entries); page++)
		xen_must("writable LDT",
			xen_protect(xen_pointer(table) + page * PV_PAGE_SIZE, true));
}

void xen_set_ldt(const uint64_t *table, unsigned entries)
{
	struct xen_extended set = {XEN_SET_LDT, 0, xen_pointer(table), entries};

	pv_lazy_flush();
	xen_must("LDT", xen_call(XEN_MMU_EXTENDED, xen_pointer(&set), 1, 0, XEN_SELF, 0));
}

void xen_write_ldt_entry(uint64_t *table, unsigned n, uint64_t descriptor)
{
	xen_must("descriptor", xen_call(XEN_UPDATE_DESCRIPTOR, xen_machine_address(&table[n]),
				       descriptor, 0, 0, 0));
}

/* Present, but neither code nor data (bit 44): a task or local table segment, and those are Xen's. */
void xen_write_gdt_entry(uint64_t *table, unsigned n, uint64_t descriptor)
{
	bool present = descriptor >> 47 & 1, segment = descriptor >> 44 & 1;

	if (!present || segment)
		xen_write_ldt_entry(table, n, descriptor);
}

void xen_load_tls(const uint64_t *tls)
{
	uint64_t *table = (uint64_t *)(uintptr_t)gdt.base;

	for (unsigned i = 0; i < 3; i++)
		xen_write_gdt_entry(table, PV_GDT_TLS + i, tls[i]);
}

void xen_load_gs_index(unsigned selector)
{
	xen_call(XEN_SEGMENT_BASE, XEN_GS_SELECTOR, selector, 0, 0, 0);
}

void xen_load_sp0(uint64_t sp0)
{
	uint16_t stack_segment;

	__asm__("movw %%ss,%0" : "=r"(stack_segment));
	xen_must("stack", xen_call(XEN_STACK_SWITCH, stack_segment, sp0, 0, 0, 0));
}

/* Level 0 would keep the guest's kernel, too, from the ports: for Xen's, level 1 is the kernel's. */
void xen_set_iopl_mask(unsigned mask)
{
	uint32_t level = mask >> 12 & 3 ? mask >> 12 & 3 : 1;

	xen_call(XEN_PHYSICAL, XEN_SET_IOPL, xen_pointer(&level), 0, 0, 0);
}

/* A guest's memory is coherent, its devices are not slow, and Xen exchanges GS on every entry. */
void xen_wbinvd(void)
{
}

void xen_io_delay(void)
{
}

__asm__(".pushsection .text\n\t.globl xen_swapgs\nxen_swapgs:\n\tret\n\t.popsection");
