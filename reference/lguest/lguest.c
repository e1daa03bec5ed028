/* A backend in lguest's style: a shared page, a ring of calls, one trap (lguest/abi.h). */
#include "lguest/lguest.h"

#include "core/fixmap.h"
#include "core/string.h"

static const struct pv_boot *boot;
static struct lguest_shared *shared;
static unsigned ring_next;
static bool lazy;

/* What instructions would read, and the host keeps. */
static uint64_t cr0, cr3, cr4, debug[8];
static uint32_t task_priority;
static struct pv_table gdt, idt;
static const uint64_t *ldt;

int64_t lguest_call(enum lguest_call number, uint64_t a, uint64_t b, uint64_t c)
{
	int64_t result;

	__asm__ volatile("int $0x1f"
			 : "=a"(result)
			 : "0"((uint64_t)number), "d"(a), "b"(b), "c"(c)
			 : "memory");
	return result;
}

/* In lazy mode a call waits in the ring; a full ring is emptied by any call that traps. A handler may call,
 * too: interrupts are off while the slot is filled. */
static void call_soon(enum lguest_call number, uint64_t a)
{
	uint64_t on = shared->interrupts_on;

	if (!lazy) {
		lguest_call(number, a, 0, 0);
		return;
	}
	shared->interrupts_on = 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (shared->used[ring_next])
		lguest_call(LGUEST_FLUSH_RING, 0, 0, 0);
	shared->ring[ring_next] = (struct lguest_slot){number, {a, 0, 0}};
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	shared->used[ring_next] = 1;
	ring_next = (ring_next + 1) % LGUEST_RING;
	shared->interrupts_on = on;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (on && shared->waiting)
		lguest_call(LGUEST_LOOK, 0, 0, 0);
}

static uint64_t pointer(const void *at)
{
	return (uint64_t)(uintptr_t)at;
}

/* ---- init and time ---- */

static bool detect(const struct pv_boot *told)
{
	return told->entry == PV_ENTRY_LGUEST;
}

const char *lguest_banner(void)
{
	return "guest of a ring, in lguest's style";
}

bool lguest_arch_setup(const struct pv_boot *told)
{
	if (!shared) {
		boot = told;
		shared = told->info;
		cr0 = UINT64_C(0x80010013);
		cr3 = shared->top_table;
		cr4 = UINT64_C(0x20);
		debug[6] = 0xffff0ff0;
		debug[7] = 0x400;
	}
	shared->interrupts_on = 0;
	return true;
}

unsigned lguest_memory_setup(struct pv_range *out, unsigned room)
{
	unsigned n = 0;

	while (n < room && n < boot->memory_ranges) {
		out[n] = boot->memory[n];
		n++;
	}
	return n;
}

/* The rate stands in the shared page: nothing is to be found out. */
void lguest_time_init(void)
{
}

unsigned lguest_get_tsc_khz(void)
{
	return (unsigned)shared->khz;
}

uint64_t lguest_sched_clock(void)
{
	uint64_t cycles = native_read_tsc();

	return cycles / shared->khz * 1000000 + cycles % shared->khz * 1000000 / shared->khz;
}

int64_t lguest_get_wallclock(void)
{
	return shared->seconds + (int64_t)(lguest_sched_clock() / 1000000000);
}

bool lguest_set_wallclock(int64_t seconds)
{
	if (seconds < pv_seconds(2000, 1, 1) || seconds >= pv_seconds(2100, 1, 1))
		return false;
	return lguest_call(LGUEST_SET_TIME, (uint64_t)seconds, 0, 0) == 0;
}

/* ---- cpu ---- */

uint64_t lguest_read_msr_safe(uint32_t msr, int *error)
{
	*error = lguest_call(LGUEST_READ_MSR, msr, 0, 0) ? -1 : 0;
	return *error ? 0 : shared->value;
}

uint64_t lguest_read_msr(uint32_t msr)
{
	int error;

	return lguest_read_msr_safe(msr, &error);
}

int lguest_write_msr_safe(uint32_t msr, uint64_t value)
{
	return lguest_call(LGUEST_WRITE_MSR, msr, value, 0) ? -1 : 0;
}

void lguest_write_msr(uint32_t msr, uint64_t value)
{
	lguest_call(LGUEST_WRITE_MSR, msr, value, 0);
}

/* A guest has no performance counters. */
uint64_t lguest_read_pmc(unsigned counter)
{
	(void)counter;
	return 0;
}

uint64_t lguest_get_debugreg(unsigned n)
{
	return debug[n & 7];
}

void lguest_set_debugreg(unsigned n, uint64_t value)
{
	debug[n & 7] = value;
	lguest_call(LGUEST_DEBUG, n, value, 0);
}

void lguest_clts(void)
{
	cr0 &= ~PV_CR0_TS;
	lguest_call(LGUEST_TS, 0, 0, 0);
}

uint64_t lguest_read_cr0(void)
{
	return cr0;
}

void lguest_write_cr0(uint64_t value)
{
	cr0 = (cr0 & ~PV_CR0_TS) | (value & PV_CR0_TS);
	lguest_call(LGUEST_TS, (value & PV_CR0_TS) != 0, 0, 0);
}

uint64_t lguest_read_cr4(void)
{
	return cr4;
}

void lguest_write_cr4(uint64_t value)
{
	cr4 = value;
	lguest_call(LGUEST_CR4, value, 0, 0);
}

uint64_t lguest_read_cr8(void)
{
	return task_priority >> 4;
}

void lguest_write_cr8(uint64_t value)
{
	task_priority = (uint32_t)(value & 15) << 4;
}

void lguest_load_tr_desc(uint16_t selector)
{
	(void)selector;
}

uint16_t lguest_store_tr(void)
{
	return 0;
}

void lguest_load_gdt(const struct pv_table *table)
{
	gdt = *table;
	lguest_call(LGUEST_LOAD_GDT, table->base, table->limit, 0);
}

void lguest_store_gdt(struct pv_table *table)
{
	*table = gdt;
}

static void tell_gate(unsigned n, const struct pv_gate *gate)
{
	uint64_t address = gate->offset_low | (uint64_t)gate->offset_middle << 16 |
			   (uint64_t)gate->offset_high << 32;

	lguest_call(LGUEST_IDT_ENTRY, n, gate->type & 0x80 ? address : 0, (gate->type & 15) == 14);
}

void lguest_load_idt(const struct pv_table *table)
{
	const struct pv_gate *gates = (const struct pv_gate *)(uintptr_t)table->base;

	idt = *table;
	for (unsigned n = 0; n < (table->limit + 1u) / sizeof(*gates); n++)
		tell_gate(n, &gates[n]);
}

void lguest_store_idt(struct pv_table *table)
{
	*table = idt;
}

void lguest_set_ldt(const uint64_t *table, unsigned entries)
{
	ldt = table;
	lguest_call(LGUEST_LOAD_LDT, pointer(table), entries, 0);
}

void lguest_write_ldt_entry(uint64_t *table, unsigned n, uint64_t descriptor)
{
	table[n] = descriptor;
	if (table == ldt)
		lguest_call(LGUEST_LDT_ENTRY, n, descriptor, 0);
}

void lguest_write_gdt_entry(uint64_t *table, unsigned n, uint64_t descriptor)
{
	table[n] = descriptor;
	if (pointer(table) == gdt.base)
		lguest_call(LGUEST_GDT_ENTRY, n, descriptor, 0);
}

void lguest_write_idt_entry(struct pv_gate *table, unsigned n, const struct pv_gate *gate)
{
	table[n] = *gate;
	if (pointer(table) == idt.base)
		tell_gate(n, gate);
}

void lguest_load_tls(const uint64_t *tls)
{
	for (unsigned n = 0; n < 3; n++)
		lguest_write_gdt_entry((uint64_t *)(uintptr_t)gdt.base, PV_GDT_TLS + n, tls[n]);
}

void lguest_load_gs_index(unsigned selector)
{
	lguest_call(LGUEST_GS_SELECTOR, selector, 0, 0);
}

void lguest_load_sp0(uint64_t sp0)
{
	lguest_call(LGUEST_STACK, sp0, 0, 0);
}

/* No ports, no slow devices, coherent memory, and the host exchanges GS. */
void lguest_set_iopl_mask(unsigned mask)
{
	(void)mask;
}

void lguest_wbinvd(void)
{
}

void lguest_io_delay(void)
{
}

__asm__(".pushsection .text\n\t.globl lguest_swapgs\nlguest_swapgs:\n\tret\n\t"
	".globl lguest_iret\nlguest_iret:\n\t"
	"pushq %rax\n\t"
	"movl $" PV_STRING(LGUEST_RETURN_NUMBER) ",%eax\n\t"
	"int $0x1f\n\t"
	".popsection");
_Static_assert(LGUEST_RETURN == LGUEST_RETURN_NUMBER, "one number");

/* ---- irq, apic ---- */

/* The tick is the only line from outside. */
void lguest_init_IRQ(void)
{
	lguest_call(LGUEST_TIMER, 0, 0, 0);
}

uint64_t lguest_save_fl_c(void);
uint64_t lguest_save_fl_c(void)
{
	return shared->interrupts_on ? PV_IF : 0;
}
PV_KEEP(lguest_save_fl)

void lguest_irq_enable_c(void);
void lguest_irq_enable_c(void)
{
	shared->interrupts_on = 1;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (shared->waiting)
		lguest_call(LGUEST_LOOK, 0, 0, 0);
}
PV_KEEP(lguest_irq_enable)

void lguest_irq_disable_c(void);
void lguest_irq_disable_c(void)
{
	shared->interrupts_on = 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
PV_KEEP(lguest_irq_disable)

void lguest_restore_fl_c(uint64_t flags);
void lguest_restore_fl_c(uint64_t flags)
{
	if (flags & PV_IF)
		lguest_irq_enable_c();
	else
		lguest_irq_disable_c();
}
PV_KEEP(lguest_restore_fl)

void lguest_halt(void)
{
	lguest_call(LGUEST_HALT, 0, 0, 0);
}

/* The host looks for interrupts before it lets the guest sleep: the two are one step. */
void lguest_safe_halt(void)
{
	shared->interrupts_on = 1;
	lguest_call(LGUEST_HALT, 0, 0, 0);
}

uint32_t lguest_apic_read(uint32_t reg)
{
	return reg == 0x30 ? 0x50014 : reg == 0x80 ? task_priority : 0;
}

void lguest_apic_write(uint32_t reg, uint32_t value)
{
	if (reg == 0x80)
		task_priority = value & 0xff;
	else if (reg == 0x300 && (value & 0xc0700) == 0x40000)
		lguest_call(LGUEST_INTERRUPT, value & 0xff, 0, 0);
}

void lguest_apic_eoi(unsigned vector)
{
	(void)vector;
}

void lguest_setup_boot_clock(unsigned hz)
{
	lguest_call(LGUEST_TIMER, hz ? 1000000000 / hz : 0, 0, 0);
}

/* ---- mmu ---- */

uint64_t lguest_read_cr2_c(void);
uint64_t lguest_read_cr2_c(void)
{
	return shared->cr2;
}
PV_KEEP(lguest_read_cr2)

void lguest_write_cr2(uint64_t address)
{
	shared->cr2 = address;
}

uint64_t lguest_read_cr3(void)
{
	return cr3;
}

void lguest_write_cr3(uint64_t pgd)
{
	cr3 = pgd & PV_FRAME;
	lguest_call(LGUEST_NEW_TABLE, cr3, 0, 0);
}

void lguest_flush_tlb_user(void)
{
	lguest_call(LGUEST_FLUSH, 0, 0, 0);
}

void lguest_flush_tlb_single(uint64_t address)
{
	lguest_call(LGUEST_FLUSH_PAGE, address, 0, 0);
}

bool lguest_pgd_alloc(pgd_t *pgd)
{
	memcpy(pgd, (const void *)(uintptr_t)cr3, PV_PAGE_SIZE);
	return true;
}

void lguest_release_pte(uint64_t frame)
{
	call_soon(LGUEST_TABLE_GONE, frame);
}

void lguest_pgd_free(pgd_t *pgd)
{
	lguest_release_pte(pointer(pgd) >> PV_PAGE_SHIFT);
}

/* The guest writes, the host is told. */
static void write_entry(uint64_t *slot, uint64_t value)
{
	__atomic_store_n(slot, value, __ATOMIC_RELAXED);
	call_soon(LGUEST_ENTRY, pointer(slot));
}

#define SET(level) \
	void lguest_set_##level##_c(level##_t *slot, level##_t entry); \
	void lguest_set_##level##_c(level##_t *slot, level##_t entry) \
	{ \
		write_entry(&slot->v, entry.v); \
	} \
	PV_KEEP(lguest_set_##level)
SET(pte)
SET(pmd)
SET(pud)
SET(pgd)

void lguest_set_pte_at(uint64_t address, pte_t *slot, pte_t entry)
{
	(void)address;
	write_entry(&slot->v, entry.v);
}

void lguest_pte_clear(pte_t *slot)
{
	write_entry(&slot->v, 0);
}

void lguest_pmd_clear(pmd_t *slot)
{
	write_entry(&slot->v, 0);
}

/* Out of the host's copy, too, before it is returned: the walker can set no more bits. */
pte_t lguest_ptep_modify_prot_start(uint64_t address, pte_t *slot)
{
	pte_t entry;

	pv_lazy_flush();
	entry = native_ptep_modify_prot_start(address, slot);
	lguest_call(LGUEST_ENTRY, pointer(slot), 0, 0);
	return entry;
}

void lguest_ptep_modify_prot_commit(uint64_t address, pte_t *slot, pte_t entry)
{
	(void)address;
	write_entry(&slot->v, entry.v);
}

void lguest_set_fixmap(unsigned slot, uint64_t frame, uint64_t bits)
{
	pte_t *entry = pv_fixmap_entry(slot);

	entry->v = bits ? frame << PV_PAGE_SHIFT | bits : 0;
	lguest_call(LGUEST_ENTRY, pointer(entry), 0, 0);
	lguest_call(LGUEST_FLUSH_PAGE, pv_fixmap(slot), 0, 0);
}

void lguest_lazy_enter(void)
{
	lazy = true;
}

void lguest_lazy_flush(void)
{
	if (shared->used[(ring_next + LGUEST_RING - 1) % LGUEST_RING])
		lguest_call(LGUEST_FLUSH_RING, 0, 0, 0);
}

void lguest_lazy_leave(void)
{
	lazy = false;
	lguest_lazy_flush();
}

static const struct pv_ops ops = {
	.init = {.banner = lguest_banner,
		.arch_setup = lguest_arch_setup,
		.memory_setup = lguest_memory_setup},
	.time = {.time_init = lguest_time_init,
		.sched_clock = lguest_sched_clock,
		.get_tsc_khz = lguest_get_tsc_khz,
		.get_wallclock = lguest_get_wallclock,
		.set_wallclock = lguest_set_wallclock},
	.cpu = {.read_msr = lguest_read_msr,
		.write_msr = lguest_write_msr,
		.read_msr_safe = lguest_read_msr_safe,
		.write_msr_safe = lguest_write_msr_safe,
		.read_pmc = lguest_read_pmc,
		.get_debugreg = lguest_get_debugreg,
		.set_debugreg = lguest_set_debugreg,
		.clts = lguest_clts,
		.read_cr0 = lguest_read_cr0,
		.write_cr0 = lguest_write_cr0,
		.read_cr4 = lguest_read_cr4,
		.write_cr4 = lguest_write_cr4,
		.read_cr8 = lguest_read_cr8,
		.write_cr8 = lguest_write_cr8,
		.load_tr_desc = lguest_load_tr_desc,
		.store_tr = lguest_store_tr,
		.load_gdt = lguest_load_gdt,
		.store_gdt = lguest_store_gdt,
		.load_idt = lguest_load_idt,
		.store_idt = lguest_store_idt,
		.set_ldt = lguest_set_ldt,
		.load_tls = lguest_load_tls,
		.load_gs_index = lguest_load_gs_index,
		.write_ldt_entry = lguest_write_ldt_entry,
		.write_gdt_entry = lguest_write_gdt_entry,
		.write_idt_entry = lguest_write_idt_entry,
		.load_sp0 = lguest_load_sp0,
		.set_iopl_mask = lguest_set_iopl_mask,
		.wbinvd = lguest_wbinvd,
		.io_delay = lguest_io_delay,
		.swapgs = lguest_swapgs,
		.iret = lguest_iret},
	.irq = {.init_IRQ = lguest_init_IRQ,
		.save_fl = lguest_save_fl,
		.restore_fl = lguest_restore_fl,
		.irq_disable = lguest_irq_disable,
		.irq_enable = lguest_irq_enable,
		.safe_halt = lguest_safe_halt,
		.halt = lguest_halt},
	.apic = {.apic_read = lguest_apic_read,
		.apic_write = lguest_apic_write,
		.apic_eoi = lguest_apic_eoi,
		.setup_boot_clock = lguest_setup_boot_clock},
	.mmu = {
		.read_cr2 = lguest_read_cr2,
		.write_cr2 = lguest_write_cr2,
		.read_cr3 = lguest_read_cr3,
		.write_cr3 = lguest_write_cr3,
		.flush_tlb_user = lguest_flush_tlb_user,
		.flush_tlb_kernel = lguest_flush_tlb_user,
		.flush_tlb_single = lguest_flush_tlb_single,
		.pgd_alloc = lguest_pgd_alloc,
		.pgd_free = lguest_pgd_free,
		.release_pte = lguest_release_pte,
		.release_pmd = lguest_release_pte,
		.release_pud = lguest_release_pte,
		.set_pte = lguest_set_pte,
		.set_pte_at = lguest_set_pte_at,
		.set_pmd = lguest_set_pmd,
		.set_pud = lguest_set_pud,
		.set_pgd = lguest_set_pgd,
		.pte_clear = lguest_pte_clear,
		.pmd_clear = lguest_pmd_clear,
		.ptep_modify_prot_start = lguest_ptep_modify_prot_start,
		.ptep_modify_prot_commit = lguest_ptep_modify_prot_commit,
		.set_fixmap = lguest_set_fixmap,
		.lazy_enter = lguest_lazy_enter,
		.lazy_leave = lguest_lazy_leave,
		.lazy_flush = lguest_lazy_flush},
};

const struct pv_backend lguest_backend = {"lguest", detect, &ops};
