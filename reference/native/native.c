/* The native backend: what the operations are on bare metal, in ring 0.
 *
 * Operations that are an instruction or two are written once, as that instruction: the function is the
 * instruction and a return, and patch copies the instruction alone into the call site. */
#include "native/native.h"

#include "core/fixmap.h"
#include "core/string.h"
#include "pv/patch.h"

/* X(name, code): arguments in %rdi, %rsi, %rdx; result in %rax. None touches more than its
 * convention lets it. At most 6 bytes are copied into call sites; longer ones are called. */
#define NATIVE_BARE(X) \
	X(save_fl, "pushfq; popq %rax") \
	X(restore_fl, "pushq %rdi; popfq") \
	X(irq_disable, "cli") \
	X(irq_enable, "sti") \
	X(safe_halt, "sti; hlt") \
	X(halt, "hlt") \
	X(adjust_exception_frame, "nop") \
	X(clts, "clts") \
	X(read_cr0, "movq %cr0,%rax") \
	X(write_cr0, "movq %rdi,%cr0") \
	X(read_cr4, "movq %cr4,%rax") \
	X(write_cr4, "movq %rdi,%cr4") \
	X(read_cr8, "movq %cr8,%rax") \
	X(write_cr8, "movq %rdi,%cr8") \
	X(load_tr_desc, "ltr %di") \
	X(store_tr, "str %eax") \
	X(load_gdt, "lgdt (%rdi)") \
	X(store_gdt, "sgdt (%rdi)") \
	X(load_idt, "lidt (%rdi)") \
	X(store_idt, "sidt (%rdi)") \
	X(free_ldt, "nop") \
	X(wbinvd, "wbinvd") \
	X(io_delay, "outb %al,$0x80") \
	X(swapgs, "swapgs") \
	X(iret, "iretq") \
	X(read_cr2, "movq %cr2,%rax") \
	X(write_cr2, "movq %rdi,%cr2") \
	X(read_cr3, "movq %cr3,%rax") \
	X(write_cr3, "movq %rdi,%cr3") \
	X(activate_mm, "nop") \
	X(exit_mmap, "nop") \
	X(flush_tlb_user, "movq %cr3,%rax; movq %rax,%cr3") \
	X(flush_tlb_single, "invlpg (%rdi)") \
	X(pgd_free, "nop") \
	X(alloc_pte, "nop") \
	X(alloc_pmd, "nop") \
	X(alloc_pud, "nop") \
	X(release_pte, "nop") \
	X(release_pmd, "nop") \
	X(release_pud, "nop") \
	X(set_pte, "movq %rsi,(%rdi)") \
	X(set_pte_at, "movq %rdx,(%rsi)") \
	X(set_pmd, "movq %rsi,(%rdi)") \
	X(set_pud, "movq %rsi,(%rdi)") \
	X(set_pgd, "movq %rsi,(%rdi)") \
	X(pte_clear, "xorl %eax,%eax; movq %rax,(%rdi)") \
	X(pmd_clear, "xorl %eax,%eax; movq %rax,(%rdi)") \
	X(pte_val, "movq %rdi,%rax") \
	X(make_pte, "movq %rdi,%rax") \
	X(pmd_val, "movq %rdi,%rax") \
	X(make_pmd, "movq %rdi,%rax") \
	X(pud_val, "movq %rdi,%rax") \
	X(make_pud, "movq %rdi,%rax") \
	X(pgd_val, "movq %rdi,%rax") \
	X(make_pgd, "movq %rdi,%rax") \
	X(lazy_enter, "nop") \
	X(lazy_leave, "nop") \
	X(lazy_flush, "nop") \
	X(spin_unlock, "incw (%rdi)") \
	X(wait, "pause") \
	X(kick, "nop")

#define NATIVE_CODE(name, code) \
	__asm__(".pushsection .text\n\t.balign 16\n\t.globl native_" #name "\n\t" \
		".type native_" #name ", @function\nnative_" #name ":\n\t" code \
		"\nnative_" #name "_end:\n\tret\n\t.size native_" #name ", .-native_" #name "\n\t" \
		".popsection"); \
	extern const char native_##name##_end[];
NATIVE_BARE(NATIVE_CODE)

struct code {
	const void *start, *end;
};
#define NATIVE_RANGE(name, code) \
	[PV_ID_##name] = {(const void *)(uintptr_t)native_##name, native_##name##_end},
static const struct code bare[PV_ID_COUNT] = {NATIVE_BARE(NATIVE_RANGE)};

static const struct pv_boot *boot;

/* ---- init ---- */

unsigned native_patch(unsigned op, void *site, unsigned room)
{
	if (op >= PV_ID_COUNT || !bare[op].start || pv_slot(&pv_ops, op) != bare[op].start)
		return 0; /* a slot that another backend has filled is no business of ours */
	return pv_patch_copy(site, room, bare[op].start, bare[op].end);
}

const char *native_banner(void)
{
	return "bare metal";
}

bool native_arch_setup(const struct pv_boot *told)
{
	boot = told;
	native_irq_disable();
	return true;
}

unsigned native_memory_setup(struct pv_range *out, unsigned room)
{
	unsigned n = 0;

	while (n < room && n < boot->memory_ranges) {
		out[n] = boot->memory[n];
		n++;
	}
	return n;
}

/* ---- ports ---- */

static inline void out8(uint16_t port, unsigned value)
{
	__asm__ volatile("outb %b0,%1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1,%0" : "=a"(value) : "Nd"(port));
	return value;
}

/* ---- time ---- */

enum {
	TIMER_HZ = 1193182,
	TIMER_0 = 0x40,
	TIMER_2 = 0x42,
	TIMER_MODE = 0x43,
	SPEAKER = 0x61, /* bit 0 gates timer 2, bit 5 is its output */
	CALIBRATE_TICKS = TIMER_HZ / 100,
	CLOCK_INDEX = 0x70,
	CLOCK_DATA = 0x71,
};

static unsigned tsc_khz;

uint64_t native_read_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* Counts cycles while timer 2 counts down 10 ms in mode 0; its output rises at the end. */
static unsigned measure_khz(void)
{
	uint64_t start;

	out8(SPEAKER, (in8(SPEAKER) & ~3u) | 1);
	out8(TIMER_MODE, 0xb0);
	out8(TIMER_2, CALIBRATE_TICKS & 0xff);
	out8(TIMER_2, CALIBRATE_TICKS >> 8);
	start = native_read_tsc();
	while (!(in8(SPEAKER) & 0x20))
		;
	return (unsigned)((native_read_tsc() - start) * TIMER_HZ / CALIBRATE_TICKS / 1000);
}

unsigned native_get_tsc_khz(void)
{
	return tsc_khz;
}

void native_time_init(void)
{
	if (!tsc_khz)
		tsc_khz = measure_khz();
}

/* cycles * 10^6 / kHz, in two parts so that it overflows after 584 years and not after hours. */
uint64_t native_sched_clock(void)
{
	uint64_t khz = native_get_tsc_khz(), cycles = native_read_tsc();

	return cycles / khz * 1000000 + cycles % khz * 1000000 / khz;
}

uint64_t native_steal_clock(unsigned cpu)
{
	(void)cpu;
	return 0;
}

static uint8_t clock_read(unsigned reg)
{
	out8(CLOCK_INDEX, reg);
	return in8(CLOCK_DATA);
}

static void clock_write(unsigned reg, unsigned value)
{
	out8(CLOCK_INDEX, reg);
	out8(CLOCK_DATA, value);
}

/* The chip's registers: seconds, minutes, hours, day, month, year; it counts in BCD and 24 hours. */
static const uint8_t clock_registers[6] = {0, 2, 4, 7, 8, 9};

struct clock {
	unsigned part[6];
};

/* Reads once, after an update has ended (register 0x0a, bit 7). */
static struct clock clock_once(void)
{
	struct clock now;

	while (clock_read(0x0a) & 0x80)
		;
	for (unsigned i = 0; i < 6; i++) {
		unsigned bcd = clock_read(clock_registers[i]);

		now.part[i] = (bcd >> 4) * 10 + (bcd & 15);
	}
	return now;
}

int64_t native_get_wallclock(void)
{
	struct clock now = clock_once(), again = clock_once();

	while (memcmp(&now, &again, sizeof(now)) != 0) {
		now = again;
		again = clock_once();
	}
	return pv_seconds(2000 + now.part[5], now.part[4], now.part[3]) + now.part[2] * 3600 +
	       now.part[1] * 60 + now.part[0];
}

bool native_set_wallclock(int64_t seconds)
{
	unsigned date[3];

	/* the chip has two digits for the year: this century is as far as it goes */
	if (seconds < pv_seconds(2000, 1, 1) || seconds >= pv_seconds(2100, 1, 1))
		return false;
	pv_date(seconds, date);
	const unsigned part[6] = {(unsigned)(seconds % 60), (unsigned)(seconds / 60 % 60),
		(unsigned)(seconds / 3600 % 24), date[2], date[1], date[0] - 2000};
	clock_write(0x0b, clock_read(0x0b) | 0x80); /* stop updates */
	for (unsigned i = 0; i < 6; i++)
		clock_write(clock_registers[i], part[i] / 10 << 4 | part[i] % 10);
	clock_write(0x0b, clock_read(0x0b) & ~0x80u);
	return true;
}

/* ---- cpu ---- */

void native_cpuid(uint32_t *eax, uint32_t *ebx, uint32_t *ecx, uint32_t *edx)
{
	__asm__ volatile("cpuid" : "+a"(*eax), "=b"(*ebx), "+c"(*ecx), "=d"(*edx));
}

uint64_t native_read_msr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

void native_write_msr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

uint64_t native_read_msr_safe(uint32_t msr, int *error)
{
	uint32_t low = 0, high = 0;
	int failed = -1;

	__asm__ volatile("1:\trdmsr\n\txorl %0,%0\n2:\n\t" PV_FIX("1b", "2b")
			 : "+r"(failed), "+a"(low), "+d"(high)
			 : "c"(msr)
			 : "cc");
	*error = failed;
	return (uint64_t)high << 32 | low;
}

int native_write_msr_safe(uint32_t msr, uint64_t value)
{
	int failed = -1;

	__asm__ volatile("1:\twrmsr\n\txorl %0,%0\n2:\n\t" PV_FIX("1b", "2b")
			 : "+r"(failed)
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "cc");
	return failed;
}

uint64_t native_read_pmc(unsigned counter)
{
	uint32_t low = 0, high = 0;

	__asm__ volatile("1:\trdpmc\n2:\n\t" PV_FIX("1b", "2b")
			 : "+a"(low), "+d"(high)
			 : "c"(counter));
	return (uint64_t)high << 32 | low;
}

uint64_t native_get_debugreg(unsigned n)
{
	uint64_t value = 0;

	switch (n) {
	case 0:
		__asm__ volatile("movq %%db0,%0" : "=r"(value));
		break;
	case 1:
		__asm__ volatile("movq %%db1,%0" : "=r"(value));
		break;
	case 2:
		__asm__ volatile("movq %%db2,%0" : "=r"(value));
		break;
	case 3:
		__asm__ volatile("movq %%db3,%0" : "=r"(value));
		break;
	case 6:
		__asm__ volatile("movq %%db6,%0" : "=r"(value));
		break;
	default:
		__asm__ volatile("movq %%db7,%0" : "=r"(value));
		break;
	}
	return value;
}

void native_set_debugreg(unsigned n, uint64_t value)
{
	switch (n) {
	case 0:
		__asm__ volatile("movq %0,%%db0" : : "r"(value));
		break;
	case 1:
		__asm__ volatile("movq %0,%%db1" : : "r"(value));
		break;
	case 2:
		__asm__ volatile("movq %0,%%db2" : : "r"(value));
		break;
	case 3:
		__asm__ volatile("movq %0,%%db3" : : "r"(value));
		break;
	case 6:
		__asm__ volatile("movq %0,%%db6" : : "r"(value));
		break;
	default:
		__asm__ volatile("movq %0,%%db7" : : "r"(value));
		break;
	}
}

static uint64_t *loaded_gdt(void)
{
	struct pv_table table;

	native_store_gdt(&table);
	return (uint64_t *)(uintptr_t)table.base;
}

/* A descriptor of a local table: type 2, present, 16 bytes (SDM 3A figure 3-8 and 8.2.3). */
void native_set_ldt(const uint64_t *table, unsigned entries)
{
	uint64_t base = (uint64_t)(uintptr_t)table, limit = entries * 8ull - 1;
	uint64_t *gdt = loaded_gdt();
	uint16_t selector = entries ? PV_GDT_LDT * 8 : 0;

	if (entries) {
		gdt[PV_GDT_LDT] = (limit & 0xffff) | (base & 0xffffff) << 16 | 0x82ull << 40 |
				  (limit & 0xf0000) << 32 | (base >> 24 & 0xff) << 56;
		gdt[PV_GDT_LDT + 1] = base >> 32;
	}
	__asm__ volatile("lldt %0" : : "r"(selector) : "memory");
}

bool native_alloc_ldt(uint64_t *table, unsigned entries)
{
	(void)table;
	(void)entries;
	return true;
}

void native_load_tls(const uint64_t *tls)
{
	memcpy(loaded_gdt() + PV_GDT_TLS, tls, 3 * sizeof(*tls));
}

/* Between the two exchanges the kernel's base is away: no interrupt may see that. */
void native_load_gs_index(unsigned selector)
{
	__asm__ volatile("pushfq\n\t"
			 "cli\n\t"
			 "swapgs\n"
			 "1:\tmovl %0,%%gs\n"
			 "2:\tswapgs\n\t"
			 "popfq\n\t"
			 ".subsection 1\n"
			 "3:\txorl %0,%0\n\t"
			 "movl %0,%%gs\n\t"
			 "jmp 2b\n\t"
			 ".previous\n\t" PV_FIX("1b", "3b")
			 : "+r"(selector)
			 :
			 : "memory", "cc");
}

void native_write_ldt_entry(uint64_t *table, unsigned n, uint64_t descriptor)
{
	table[n] = descriptor;
}

void native_write_gdt_entry(uint64_t *table, unsigned n, uint64_t descriptor)
{
	table[n] = descriptor;
}

void native_write_idt_entry(struct pv_gate *table, unsigned n, const struct pv_gate *gate)
{
	table[n] = *gate;
}

/* The task segment's field of ring 0's stack is at byte 4 (SDM 3A figure 7-11). */
void native_load_sp0(uint64_t sp0)
{
	const uint64_t *entry = loaded_gdt() + native_store_tr() / 8;
	uint64_t base = (entry[0] >> 16 & 0xffffff) | (entry[0] >> 56) << 24 | entry[1] << 32;

	memcpy((char *)(uintptr_t)base + 4, &sp0, sizeof(sp0));
}

void native_set_iopl_mask(unsigned mask)
{
	uint64_t flags = (native_save_fl() & ~UINT64_C(0x3000)) | (mask & 0x3000);

	native_restore_fl(flags);
}

/* ---- irq and apic ---- */

enum {
	PIC = 0x20,
	PIC_2 = 0xa0,
	APIC_EOI = 0xb0,
	APIC_SPURIOUS = 0xf0,
	APIC_ENABLE = 0x100,
};

/* Starts one of the two chips: vectors from `base`, cascade word, 8086 mode, all lines masked. */
static void start_pic(uint16_t port, unsigned base, unsigned cascade)
{
	out8(port, 0x11);
	out8(port + 1, base);
	out8(port + 1, cascade);
	out8(port + 1, 0x01);
	out8(port + 1, 0xff);
}

void native_init_IRQ(void)
{
	start_pic(PIC, PV_VECTOR_DEVICE, 4);
	start_pic(PIC_2, PV_VECTOR_DEVICE + 8, 2);
	if (boot->apic)
		boot->apic[APIC_SPURIOUS / 4] = APIC_ENABLE | PV_VECTOR_SPURIOUS;
}

uint32_t native_apic_read(uint32_t reg)
{
	return boot->apic[reg / 4];
}

void native_apic_write(uint32_t reg, uint32_t value)
{
	boot->apic[reg / 4] = value;
}

/* The old chips stand in front of the local one and know only their own lines. */
void native_apic_eoi(unsigned vector)
{
	if (vector >= PV_VECTOR_DEVICE + 16) {
		boot->apic[APIC_EOI / 4] = 0;
		return;
	}
	if (vector >= PV_VECTOR_DEVICE + 8)
		out8(PIC_2, 0x20);
	out8(PIC, 0x20);
}

/* Timer 0 in mode 2 on line 0. */
void native_setup_boot_clock(unsigned hz)
{
	unsigned divisor;

	out8(PIC + 1, in8(PIC + 1) | 1);
	if (!hz)
		return;
	divisor = TIMER_HZ / hz;
	out8(TIMER_MODE, 0x34);
	out8(TIMER_0, divisor & 0xff);
	out8(TIMER_0, divisor >> 8 & 0xff);
	out8(PIC + 1, in8(PIC + 1) & ~1u);
}

/* ---- mmu ---- */

/* Changing the bit of global pages ends what the TLB keeps of all (SDM 3A 4.10.4.1). */
void native_flush_tlb_kernel(void)
{
	uint64_t cr4 = native_read_cr4();

	native_write_cr4(cr4 ^ PV_CR4_PGE);
	native_write_cr4(cr4);
}

bool native_pgd_alloc(pgd_t *pgd)
{
	memcpy(pgd, (const void *)(uintptr_t)(native_read_cr3() & PV_FRAME), PV_PAGE_SIZE);
	return true;
}

/* Taking the entry out in one step: what the walker would set afterwards it cannot set any more. */
pte_t native_ptep_modify_prot_start(uint64_t address, pte_t *slot)
{
	(void)address;
	return (pte_t){__atomic_exchange_n(&slot->v, 0, __ATOMIC_SEQ_CST)};
}

void native_ptep_modify_prot_commit(uint64_t address, pte_t *slot, pte_t entry)
{
	(void)address;
	__atomic_store_n(&slot->v, entry.v, __ATOMIC_SEQ_CST);
}

void native_set_fixmap(unsigned slot, uint64_t frame, uint64_t bits)
{
	pte_t *entry = pv_fixmap_entry(slot);

	native_set_pte(entry, native_make_pte(bits ? frame << PV_PAGE_SHIFT | bits : 0));
	native_flush_tlb_single(pv_fixmap(slot));
}

/* ---- lock ---- */

enum { TICKET = 0x10000 };

static bool served(const uint32_t *lock, uint16_t ticket)
{
	return (uint16_t)__atomic_load_n(lock, __ATOMIC_ACQUIRE) == ticket;
}

void native_spin_lock(uint32_t *lock)
{
	uint16_t ticket = (uint16_t)(__atomic_fetch_add(lock, TICKET, __ATOMIC_ACQUIRE) >> 16);

	while (!served(lock, ticket))
		__asm__ volatile("pause");
}

bool native_spin_trylock(uint32_t *lock)
{
	uint32_t seen = __atomic_load_n(lock, __ATOMIC_RELAXED);

	if (seen >> 16 != (seen & 0xffff))
		return false;
	return __atomic_compare_exchange_n(
		lock, &seen, seen + TICKET, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

bool native_spin_is_locked(const uint32_t *lock)
{
	uint32_t seen = __atomic_load_n(lock, __ATOMIC_RELAXED);

	return seen >> 16 != (seen & 0xffff);
}

bool native_spin_is_contended(const uint32_t *lock)
{
	uint32_t seen = __atomic_load_n(lock, __ATOMIC_RELAXED);

	return (uint16_t)((seen >> 16) - seen) > 1;
}

/* ---- the backend ---- */

static bool detect(const struct pv_boot *told)
{
	return told->entry == PV_ENTRY_BARE;
}

#define PV_OP(group, name, ...) .group.name = native_##name,
static const struct pv_ops ops = {
#include "pv/ops/all.h"
};

const struct pv_backend native_backend = {"native", detect, &ops};
