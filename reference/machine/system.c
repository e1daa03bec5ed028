/* The simulated CPU beyond computing: control registers, tables, interrupts. In ring 3 of a hypervisor the same
 * instructions trap: Xen answers for some, lguest's host for none. */
#include "machine.h"

#include <string.h>

enum {
	MSR_EFER = 0xc0000080,
	MSR_FS_BASE = 0xc0000100,
	MSR_GS_BASE = 0xc0000101,
	MSR_KERNEL_GS_BASE = 0xc0000102,
	COUNT_OUT = 1,
	COUNT_IN,
	COUNT_CPUID,
	COUNT_WBINVD,
	COUNT_HALT,
	COUNT_INVLPG,
	COUNT_CR3,
	COUNT_CR4,
	COUNT_CLI = 11,
	COUNT_STI,
};
#define CR0_FIXED (BIT(0) | BIT(31))
#define CR4_KNOWN UINT64_C(0x7ff)

bool canonical(uint64_t address)
{
	int64_t high = (int64_t)address >> 47;

	return high == 0 || high == -1;
}

/* Without ring 0: a breach, told as the hypervisor would. */
static void refuse(struct machine *m)
{
	if (m->mode == MODE_LGUEST)
		machine_stop(m, "privileged instruction at 0x%lx: the guest is killed", m->fault_rip);
	cpu_fault(m, VECTOR_GP, 0);
}

void system_privileged(struct machine *m)
{
	if (m->mode != MODE_BARE || (m->cs & 3))
		refuse(m);
}

/* What Xen answers for its guest's kernel. */
static void emulated_by_xen(struct machine *m)
{
	if (m->mode != MODE_XEN)
		system_privileged(m);
}

uint64_t system_read_cr(struct machine *m, unsigned n)
{
	emulated_by_xen(m);
	switch (n) {
	case 0:
		return m->cr0;
	case 2:
		return m->cr2;
	case 3:
		return m->cr3;
	case 4:
		return m->cr4;
	case 8:
		system_privileged(m);
		return m->apic.priority >> 4;
	default:
		cpu_fault(m, VECTOR_UD, NO_ERROR);
	}
}

static void write_cr4(struct machine *m, uint64_t value)
{
	if (value & ~CR4_KNOWN || !(value & BIT(5)))
		cpu_fault(m, VECTOR_GP, 0);
	if (m->mode == MODE_XEN && (value ^ m->cr4) & ~BIT(2))
		return; /* Xen owns the rest and says nothing */
	if ((value ^ m->cr4) & (BIT(7) | BIT(5) | BIT(4)))
		tlb_flush(m, true);
	m->cr4 = value;
	m->count[COUNT_CR4]++;
}

void system_write_cr(struct machine *m, unsigned n, uint64_t value)
{
	emulated_by_xen(m);
	switch (n) {
	case 0:
		if ((value & CR0_FIXED) != CR0_FIXED)
			cpu_fault(m, VECTOR_GP, 0);
		if (m->mode == MODE_XEN && (value ^ m->cr0) & ~BIT(3))
			cpu_fault(m, VECTOR_GP, 0);
		m->cr0 = value;
		break;
	case 2:
		m->cr2 = value;
		break;
	case 3:
		system_privileged(m);
		m->cr3 = value & FRAME_BITS;
		tlb_flush(m, false);
		m->count[COUNT_CR3]++;
		break;
	case 4:
		write_cr4(m, value);
		break;
	case 8:
		system_privileged(m);
		m->apic.priority = (uint32_t)(value & 15) << 4;
		break;
	default:
		cpu_fault(m, VECTOR_UD, NO_ERROR);
	}
}

uint64_t system_read_dr(struct machine *m, unsigned n)
{
	emulated_by_xen(m);
	return m->dr[n & 7];
}

void system_write_dr(struct machine *m, unsigned n, uint64_t value)
{
	emulated_by_xen(m);
	if (n < 4 && !canonical(value))
		cpu_fault(m, VECTOR_GP, 0);
	if (n >= 6 && value >> 32)
		cpu_fault(m, VECTOR_GP, 0);
	m->dr[n & 7] = value;
}

static uint64_t *msr_place(struct machine *m, uint32_t msr)
{
	switch (msr) {
	case MSR_FS_BASE:
		return &m->fs_base;
	case MSR_GS_BASE:
		return &m->gs_base;
	case MSR_KERNEL_GS_BASE:
		return &m->kernel_gs_base;
	case MSR_EFER:
		return &m->efer;
	default:
		return NULL;
	}
}

uint64_t system_read_msr(struct machine *m, uint32_t msr)
{
	uint64_t *place = msr_place(m, msr);

	emulated_by_xen(m);
	if (!place)
		cpu_fault(m, VECTOR_GP, 0);
	return *place;
}

void system_write_msr(struct machine *m, uint32_t msr, uint64_t value)
{
	uint64_t *place = msr_place(m, msr);

	emulated_by_xen(m);
	if (!place || msr == MSR_EFER || !canonical(value))
		cpu_fault(m, VECTOR_GP, 0);
	*place = value;
}

/* A CPU with an FPU, a time-stamp counter, MSRs, an APIC, PAE, global pages, and two cache levels in leaf 4. */
void system_cpuid(struct machine *m)
{
	uint32_t leaf = (uint32_t)m->reg[RAX], sub = (uint32_t)m->reg[RCX];
	uint32_t a = 0, b = 0, c = 0, d = 0;

	m->count[COUNT_CPUID]++;
	if (leaf == 0) {
		a = 4;
		memcpy(&b, "Trut", 4);
		memcpy(&d, "hful", 4);
		memcpy(&c, "CPU ", 4);
	} else if (leaf == 1) {
		a = 0x600;
		d = BIT(0) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(9) | BIT(13);
	} else if (leaf == 4 && sub < 2) {
		a = 0x21 + 0x20 * sub;
		b = 63;
		c = 127 << sub;
	} else if (leaf == 0x80000000) {
		a = 0x80000001;
	} else if (leaf == 0x80000001) {
		d = BIT(20) | BIT(29);
	}
	m->reg[RAX] = a;
	m->reg[RBX] = b;
	m->reg[RCX] = c;
	m->reg[RDX] = d;
}

uint64_t system_rdtsc(struct machine *m)
{
	if (m->cr4 & BIT(2) && m->mode == MODE_BARE && (m->cs & 3))
		cpu_fault(m, VECTOR_GP, 0);
	return m->cycles;
}

/* Two counters: cycles and instructions. */
uint64_t system_rdpmc(struct machine *m)
{
	system_privileged(m);
	if (m->reg[RCX] > 1)
		cpu_fault(m, VECTOR_GP, 0);
	return m->reg[RCX] ? m->instructions : m->cycles;
}

void system_set_if(struct machine *m, bool on)
{
	system_privileged(m);
	m->count[on ? COUNT_STI : COUNT_CLI]++;
	if (on && !(m->rflags & IF))
		m->interrupt_shadow = true;
	m->rflags = on ? m->rflags | IF : m->rflags & ~(uint64_t)IF;
}

/* In ring 3 the interrupt flag and the I/O level stay as they are, silently: what makes x86 hard to
 * virtualise without changing the guest. */
void system_popf(struct machine *m, uint64_t flags)
{
	uint64_t may = CF | PF | 0x10 | ZF | SF | TF | DF | OF;

	if (m->mode == MODE_BARE && !(m->cs & 3))
		may |= IF | IOPL;
	m->rflags = (m->rflags & ~may) | (flags & may);
}

void system_halt(struct machine *m)
{
	system_privileged(m);
	m->count[COUNT_HALT]++;
	m->halted = true;
}

/* sgdt, sidt, lgdt, lidt */
void system_table(struct machine *m, unsigned which, uint64_t address)
{
	struct table_register *table = which & 1 ? &m->idt : &m->gdt;

	if (which < 2) {
		if (m->mode == MODE_LGUEST)
			refuse(m);
		memory_write(m, address + 2, table->base, 8);
		memory_write(m, address, table->limit, 2);
		return;
	}
	system_privileged(m);
	table->limit = (uint16_t)memory_read(m, address, 2);
	table->base = memory_read(m, address + 2, 8);
}

/* The descriptor of a selector, from the table in force; false where there is none. */
static bool descriptor(struct machine *m, uint16_t selector, uint64_t *found)
{
	const struct table_register *table = selector & 4 ? &m->ldt_table : &m->gdt;
	unsigned offset = selector & ~7u;

	if (!(selector & ~3u) || (selector & 4 && !m->ldt))
		return false;
	if (offset + 7 > table->limit)
		return false;
	*found = memory_read(m, table->base + offset, 8);
	return true;
}

static bool any_descriptor(struct machine *m, uint16_t selector, uint64_t *found)
{
	if (m->mode == MODE_XEN)
		return xen_descriptor(m, selector, found);
	if (m->mode == MODE_LGUEST)
		return lguest_descriptor(m, selector, found);
	return descriptor(m, selector, found);
}

static uint64_t base_of(uint64_t low, uint64_t high)
{
	return (low >> 16 & 0xffffff) | (low >> 56) << 24 | high << 32;
}

/* lldt, ltr */
void system_segment(struct machine *m, unsigned which, uint16_t selector)
{
	uint64_t low, high;
	unsigned type;

	system_privileged(m);
	if (which == 2 && !(selector & ~3u)) {
		m->ldt = 0;
		return;
	}
	if (selector & 4 || !descriptor(m, selector, &low))
		cpu_fault(m, VECTOR_GP, selector & ~3u);
	high = memory_read(m, m->gdt.base + (selector & ~7u) + 8, 8);
	type = low >> 40 & 31;
	if (type != (which == 2 ? 2 : 9)) /* a busy task segment is refused, too */
		cpu_fault(m, VECTOR_GP, selector & ~3u);
	if (!(low & BIT(47)))
		cpu_fault(m, VECTOR_NP, selector & ~3u);
	if (which == 2) {
		m->ldt = selector;
		m->ldt_table.base = base_of(low, high);
		m->ldt_table.limit = (uint16_t)(low & 0xffff);
		return;
	}
	memory_write(m, m->gdt.base + (selector & ~7u), low | BIT(41), 8); /* busy */
	m->tr = selector;
}

uint16_t system_store_segment(struct machine *m, unsigned which)
{
	if (m->mode == MODE_LGUEST)
		refuse(m);
	return which ? m->tr : m->ldt;
}

void system_load_sreg(struct machine *m, unsigned which, uint16_t selector)
{
	uint16_t *registers[] = {&m->es, NULL, &m->ss, &m->ds, &m->fs, &m->gs};
	uint64_t found;

	if (selector & ~3u) {
		if (!any_descriptor(m, selector, &found) || !(found & BIT(44)))
			cpu_fault(m, VECTOR_GP, selector & ~3u);
		if (!(found & BIT(47)))
			cpu_fault(m, VECTOR_NP, selector & ~3u);
	}
	*registers[which] = selector;
	if (which == 4)
		m->fs_base = selector & ~3u ? base_of(found, 0) : 0;
	if (which == 5)
		m->gs_base = selector & ~3u ? base_of(found, 0) : 0;
}

/* lsl: the limit in bytes of a segment that ring and selector may see. */
bool system_limit(struct machine *m, uint16_t selector, uint32_t *limit)
{
	uint64_t found;
	unsigned least = selector & 3;

	if ((m->cs & 3u) > least)
		least = m->cs & 3u;
	if (!any_descriptor(m, selector, &found) || !(found & BIT(47)) || !(found & BIT(44)))
		return false;
	if ((found >> 45 & 3) < least && m->mode == MODE_BARE)
		return false;
	*limit = (uint32_t)((found & 0xffff) | (found >> 32 & 0xf0000));
	if (found & BIT(55))
		*limit = *limit << 12 | 0xfff;
	return true;
}

/* The five words that any return takes: checked as far as this machine has rings. */
void system_iret(struct machine *m)
{
	uint64_t frame[5];

	if (m->mode != MODE_BARE)
		refuse(m);
	for (unsigned n = 0; n < 5; n++)
		frame[n] = memory_read(m, m->reg[RSP] + 8 * n, 8);
	if (!canonical(frame[0]) || !(frame[1] & ~3u))
		cpu_fault(m, VECTOR_GP, 0);
	m->rip = frame[0];
	m->cs = (uint16_t)frame[1];
	m->rflags = (frame[2] & (CF | PF | ZF | SF | TF | IF | DF | OF | IOPL)) | 2;
	m->reg[RSP] = frame[3];
	m->ss = (uint16_t)frame[4];
	watch_iret(m);
}

void system_software_interrupt(struct machine *m, unsigned vector)
{
	if (m->mode == MODE_LGUEST && vector == 0x1f)
		lguest_hypercall(m);
	else
		system_deliver(m, vector, NO_ERROR);
}

void system_syscall(struct machine *m)
{
	if (m->mode != MODE_XEN)
		machine_stop(m, "syscall at 0x%lx: nobody answers", m->fault_rip);
	m->reg[RCX] = m->rip;
	m->reg[R11] = m->rflags;
	xen_hypercall(m);
}

/* The monitor's ports are no part of any machine: they answer everywhere but behind Xen's I/O level. */
static void check_port(struct machine *m, uint16_t port)
{
	m->cycles += CYCLES_OF_PORT;
	if (m->mode == MODE_XEN && !xen_ports(m))
		refuse(m);
	if (m->mode == MODE_LGUEST && (port < 0x5b0 || port > 0x5b7))
		refuse(m);
}

uint32_t system_in(struct machine *m, uint16_t port, unsigned size)
{
	if (port < 0x5b0 || port > 0x5b7)
		m->count[COUNT_IN]++;
	check_port(m, port);
	return device_in(m, port, size);
}

void system_out(struct machine *m, uint16_t port, uint32_t value, unsigned size)
{
	if (port < 0x5b0 || port > 0x5b7) {
		m->count[COUNT_OUT]++;
		m->last_port = port;
	}
	check_port(m, port);
	device_out(m, port, value, size);
}

/* Through the interrupt table in memory: the CPU's own way (SDM 3A 6.14). */
static void deliver_bare(struct machine *m, unsigned vector, int64_t error)
{
	uint64_t low, high, stack = m->reg[RSP] & ~UINT64_C(15);
	const uint64_t frame[5] = {m->ss, m->reg[RSP], m->rflags | 2, m->cs, m->rip};
	unsigned type;

	if (vector * 16u + 15 > m->idt.limit)
		machine_stop(m, "vector %u at 0x%lx: not in the interrupt table", vector, m->rip);
	low = memory_read(m, m->idt.base + vector * 16, 8);
	high = memory_read(m, m->idt.base + vector * 16 + 8, 8);
	type = low >> 40 & 31;
	if (!(low & BIT(47)) || (type != 14 && type != 15))
		machine_stop(m, "vector %u at 0x%lx: no gate", vector, m->rip);
	if (m->cs & 3)
		machine_stop(m, "vector %u from ring 3: this machine has no stacks of rings", vector);
	watch_interrupt(m);
	for (unsigned n = 0; n < 5; n++)
		memory_write(m, stack -= 8, frame[n], 8);
	if (error != NO_ERROR)
		memory_write(m, stack -= 8, (uint64_t)error, 8);
	m->reg[RSP] = stack;
	m->rip = (low & 0xffff) | (low >> 32 & 0xffff0000) | high << 32;
	m->cs = (uint16_t)(low >> 16);
	m->ss = 0;
	m->rflags &= ~(uint64_t)(TF | (type == 14 ? IF : 0));
}

void system_deliver(struct machine *m, unsigned vector, int64_t error)
{
	if (m->mode == MODE_XEN)
		xen_deliver(m, vector, error);
	else if (m->mode == MODE_LGUEST)
		lguest_deliver(m, vector, error);
	else
		deliver_bare(m, vector, error);
}
