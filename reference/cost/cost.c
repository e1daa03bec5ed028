/* What a patched call site costs, in user space: pv-cost [FILE].
 *
 * Native operations that ring 3 may execute (and two stand-ins: cld for cli, a move from %ds for one from %cr2) are
 * timed as an indirect call, a direct call, patched, and as the bare instruction. Into FILE go the bytes of sites() after
 * native patching, for a disassembler: no call may be left. Numbers are for reading: no test depends on them. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "native/native.h"
#include "pv/patch.h"

enum { ROUNDS = 2000000, REPEATS = 5 };

/* Every operation whose native code fits into a site; never run, only patched and looked at. */
__attribute__((noinline, used, section("cost_text"))) static uint64_t sites(
	pte_t *slot, const struct pv_table *table, uint32_t *lock, const uint8_t *byte)
{
	uint64_t seen = pv_save_fl();

	seen += pv_read_cr0() + pv_read_cr2() + pv_read_cr3() + pv_read_cr4() +
			pv_read_cr8() + pv_store_tr() + pv_pte_val(*slot) + pv_make_pte(seen).v;

	pv_irq_disable();
	pv_irq_enable();
	pv_restore_fl(seen);
	pv_safe_halt();
	pv_halt();
	pv_clts();
	pv_write_cr0(seen);
	pv_write_cr2(seen);
	pv_write_cr3(seen);
	pv_write_cr4(seen);
	pv_write_cr8(seen);
	pv_load_gdt(table);
	pv_load_idt(table);
	pv_load_tr_desc(8);
	pv_wbinvd();
	pv_io_delay();
	pv_swapgs();
	pv_flush_tlb_user();
	pv_flush_tlb_single(seen);
	pv_set_pte(slot, (pte_t){seen});
	pv_set_pte_at(seen, slot, (pte_t){seen});
	pv_pte_clear(slot);
	pv_alloc_pte(seen);
	pv_release_pte(seen);
	pv_lazy_enter();
	pv_lazy_flush();
	pv_lazy_leave();
	pv_spin_unlock(lock);
	pv_wait(byte, 0);
	pv_kick(0);
	return seen;
}
extern const char __start_cost_text[], __stop_cost_text[];

/* The stand-ins: code that is run in place of what ring 3 may not. */
__asm__(".pushsection .text\ncost_disable:\n\tcld\ncost_disable_end:\n\tret\n"
	"cost_cr2:\n\tmovl %ds,%eax\ncost_cr2_end:\n\tret\n\t.popsection");
extern void cost_disable(void);
extern uint64_t cost_cr2(void);
extern const char cost_disable_end[], cost_cr2_end[];

static unsigned stand_in_patch(unsigned op, void *site, unsigned room)
{
	if (op == PV_ID_irq_disable)
		return pv_patch_copy(site, room, (const void *)cost_disable, cost_disable_end);
	if (op == PV_ID_read_cr2)
		return pv_patch_copy(site, room, (const void *)cost_cr2, cost_cr2_end);
	return native_patch(op, site, room);
}

static unsigned direct_only(unsigned op, void *site, unsigned room)
{
	(void)op;
	(void)site;
	(void)room;
	return 0;
}

static uint64_t cycles(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static volatile uint64_t sink;
static pte_t table_entry;
static uint32_t lock_word;

#define TIMED(name, statement) \
	__attribute__((noinline)) static uint64_t name(void) \
	{ \
		uint64_t start = cycles(); \
		for (unsigned i = 0; i < ROUNDS; i++) { \
			statement; \
		} \
		return cycles() - start; \
	}
TIMED(save_restore, {
	uint64_t flags = pv_save_fl();
	pv_irq_disable();
	pv_restore_fl(flags);
})
TIMED(save_restore_bare, {
	uint64_t flags;
	__asm__ volatile("pushfq\n\tpopq %%rax" : "=a"(flags) : : "memory");
	__asm__ volatile("cld" : : : "memory", "cc");
	__asm__ volatile("pushq %%rdi\n\tpopfq" : : "D"(flags) : "memory", "cc");
})
TIMED(read_cr2, { sink = pv_read_cr2(); })
TIMED(read_cr2_bare, {
	uint64_t value;
	__asm__ volatile("movl %%ds,%%eax" : "=a"(value) : : "memory");
	sink = value;
})
TIMED(set_pte, { pv_set_pte(&table_entry, (pte_t){i}); })
TIMED(set_pte_bare, {
	__asm__ volatile("movq %%rsi,(%%rdi)" : : "D"(&table_entry), "S"((uint64_t)i) : "memory");
})
TIMED(make_pte, { sink = pv_make_pte(i).v; })
TIMED(make_pte_bare, {
	uint64_t value;
	__asm__ volatile("movq %%rdi,%%rax" : "=a"(value) : "D"((uint64_t)i) : "memory");
	sink = value;
})
TIMED(spin_unlock, { pv_spin_unlock(&lock_word); })
TIMED(spin_unlock_bare, { __asm__ volatile("incw (%%rdi)" : : "D"(&lock_word) : "memory", "cc"); })
TIMED(nothing, { pv_lazy_flush(); })
TIMED(nothing_bare, { __asm__ volatile("" : : : "memory"); })

struct measure {
	const char *name;
	uint64_t (*through)(void), (*bare)(void);
};
static const struct measure measures[] = {
	{"irq save, disable, restore", save_restore, save_restore_bare},
	{"read_cr2 (stand-in)", read_cr2, read_cr2_bare},
	{"set_pte", set_pte, set_pte_bare},
	{"make_pte", make_pte, make_pte_bare},
	{"spin_unlock", spin_unlock, spin_unlock_bare},
	{"lazy_flush (nothing)", nothing, nothing_bare},
};
enum { MEASURES = sizeof(measures) / sizeof(measures[0]) };

/* The best of several runs: what the machine's other work did not disturb. */
static double best(uint64_t (*run)(void))
{
	uint64_t least = UINT64_MAX;

	for (unsigned n = 0; n < REPEATS; n++) {
		uint64_t now = run();

		least = now < least ? now : least;
	}
	return (double)least / ROUNDS;
}

static bool open_text(void)
{
	extern const char __executable_start[], etext[];
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)__executable_start & -page;
	uintptr_t end = ((uintptr_t)etext + page - 1) & -page;

	return mprotect((void *)start, end - start, PROT_READ | PROT_WRITE | PROT_EXEC) == 0;
}

static bool write_sites(const char *path)
{
	size_t size = (size_t)(__stop_cost_text - __start_cost_text);
	FILE *out = fopen(path, "wb");
	bool ok = out && fwrite(__start_cost_text, 1, size, out) == size;

	return out && fclose(out) == 0 && ok;
}

int main(int argc, char **argv)
{
	static const char *const stages[] = {"indirect", "direct", "patched", "bare"};
	double cost[4][MEASURES];

	if (!open_text()) {
		fprintf(stderr, "pv-cost: code cannot be made writable here\n");
		return 2;
	}
	pv_use(&native_backend);
	if (argc > 1) {
		pv_patch_sites();
		if (!write_sites(argv[1])) {
			fprintf(stderr, "pv-cost: %s cannot be written\n", argv[1]);
			return 2;
		}
		pv_unpatch_sites();
		return 0;
	}
	pv_ops.irq.irq_disable = cost_disable;
	pv_ops.mmu.read_cr2 = cost_cr2;
	for (unsigned stage = 0; stage < 4; stage++) {
		pv_ops.init.patch = stage == 1 ? direct_only : stand_in_patch;
		if (stage == 1 || stage == 2)
			pv_patch_sites();
		for (unsigned n = 0; n < MEASURES; n++)
			cost[stage][n] = best(stage == 3 ? measures[n].bare : measures[n].through);
	}
	printf("%-28s", "cycles of the counter");
	for (unsigned stage = 0; stage < 4; stage++)
		printf("%10s", stages[stage]);
	printf("\n");
	for (unsigned n = 0; n < MEASURES; n++) {
		printf("%-28s", measures[n].name);
		for (unsigned stage = 0; stage < 4; stage++)
			printf("%10.2f", cost[stage][n]);
		printf("\n");
	}
	return 0;
}
