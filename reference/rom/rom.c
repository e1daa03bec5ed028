/* The backend that calls a ROM (rom/abi.h). The machine looks bare otherwise, and what the ROM has no call for is
 * native. */
#include "core/string.h"
#include "native/native.h"
#include "pv/patch.h"
#include "rom/abi.h"

/* Where the ROM is copied to: the original may lie in memory that is slow, read-only or given away. */
static uint8_t copy[ROM_SIZE_MOST] __attribute__((aligned(PV_PAGE_SIZE)));
static const struct rom_header *rom; /* the copy, once it is there */

/* Each slot jumps where the copy has its call. */
void *rom_target[ROM_COUNT];
#define ROM_STUB(number, operation) \
	__asm__(".pushsection .text\n\t.balign 16\n\t.globl rom_" #operation "\n\trom_" #operation \
		":\n\tjmp *rom_target+8*" #number "(%rip)\n\t.popsection"); \
	extern __typeof__(native_##operation) rom_##operation;
ROM_CALLS(ROM_STUB)

/* The number of the call of an operation; ROM_COUNT: none. */
static unsigned call_of(unsigned op)
{
	switch (op) {
#define ROM_CASE(number, operation) \
	case PV_ID_##operation: \
		return number;
		ROM_CALLS(ROM_CASE)
	default:
		return ROM_COUNT;
	}
}

static bool inside(uint32_t offset, uint64_t length, uint32_t size)
{
	return offset <= size && length <= size - offset;
}

/* Everything that the header says lies within the ROM, and the ROM within where it was found. */
static bool valid(const struct rom_header *header, uint64_t room)
{
	uint32_t size;

	if (room < sizeof(*header) || header->signature != ROM_SIGNATURE || header->magic != ROM_MAGIC ||
		header->version != ROM_VERSION)
		return false;
	size = header->blocks * 512u;
	return size <= room && size <= ROM_SIZE_MOST && header->calls <= ROM_COUNT &&
	       inside(header->table, header->calls * sizeof(struct rom_call), size) &&
	       inside(header->relocations, header->relocation_count * 4ull, size) &&
	       inside(header->name, 1, size) && inside(header->counter, 8, size);
}

static const struct rom_header *find(const struct pv_boot *boot)
{
	for (unsigned n = 0; n < sizeof(boot->rom) / sizeof(boot->rom[0]); n++) {
		const struct pv_range *range = &boot->rom[n];

		for (uint64_t at = range->start; at < range->end; at += ROM_STEP) {
			const struct rom_header *header = (const struct rom_header *)(uintptr_t)at;

			if (valid(header, range->end - at))
				return header;
		}
	}
	return NULL;
}

static bool detect(const struct pv_boot *boot)
{
	return boot->entry == PV_ENTRY_BARE && find(boot);
}

/* Adds the copy's address where the ROM asks for it; false where it asks outside of itself. */
static bool relocate(uint32_t size)
{
	for (uint32_t n = 0; n < rom->relocation_count; n++) {
		uint32_t where;
		uint64_t value;

		memcpy(&where, copy + rom->relocations + n * 4, sizeof(where));
		if (!inside(where, sizeof(value), size))
			return false;
		memcpy(&value, copy + where, sizeof(value));
		value += (uint64_t)(uintptr_t)copy;
		memcpy(copy + where, &value, sizeof(value));
	}
	return true;
}

static const struct rom_call *entry(unsigned call)
{
	return (const struct rom_call *)(const void *)(copy + rom->table) + call;
}

static unsigned kind_of(unsigned call)
{
	return call < rom->calls ? entry(call)->kind : ROM_NONE;
}

static bool rom_arch_setup(const struct pv_boot *boot)
{
	static void *const native[ROM_COUNT] = {
#define ROM_NATIVE(number, operation) [number] = (void *)native_##operation,
		ROM_CALLS(ROM_NATIVE)};
	const struct rom_header *found;
	uint32_t size;

	if (rom)
		return native_arch_setup(boot);
	found = find(boot);
	if (!found)
		return false;
	size = found->blocks * 512u;
	memcpy(copy, found, size);
	rom = (const struct rom_header *)(const void *)copy;
	if (!relocate(size))
		return false;
	for (unsigned call = 0; call < ROM_COUNT; call++) {
		bool has = kind_of(call) == ROM_CALL && inside(entry(call)->offset, 1, size);

		rom_target[call] = has ? copy + entry(call)->offset : native[call];
	}
	return native_arch_setup(boot);
}

static const char *rom_banner(void)
{
	return (const char *)copy + rom->name;
}

/* As the ROM says: a direct call of it, nothing at all, or what native would do. */
static unsigned rom_patch(unsigned op, void *site, unsigned room)
{
	unsigned call = call_of(op);
	uint8_t nothing[] = {0x90};

	if (call == ROM_COUNT || kind_of(call) == ROM_NONE)
		return native_patch(op, site, room);
	if (kind_of(call) == ROM_NOTHING)
		return pv_patch_copy(site, room, nothing, nothing + sizeof(nothing));
	return 0; /* a direct call of the slot's jump */
}

static const struct pv_ops ops = {
	.init = {.patch = rom_patch,
		.banner = rom_banner,
		.arch_setup = rom_arch_setup},
	.cpu = {.clts = rom_clts,
		.read_cr0 = rom_read_cr0,
		.write_cr0 = rom_write_cr0,
		.read_cr4 = rom_read_cr4,
		.write_cr4 = rom_write_cr4,
		.load_gdt = rom_load_gdt,
		.store_gdt = rom_store_gdt,
		.load_idt = rom_load_idt,
		.store_idt = rom_store_idt,
		.load_tr_desc = rom_load_tr_desc,
		.store_tr = rom_store_tr,
		.write_gdt_entry = rom_write_gdt_entry,
		.write_ldt_entry = rom_write_ldt_entry,
		.write_idt_entry = rom_write_idt_entry,
		.read_msr = rom_read_msr,
		.write_msr = rom_write_msr,
		.read_tsc = rom_read_tsc,
		.wbinvd = rom_wbinvd,
		.io_delay = rom_io_delay,
		.set_iopl_mask = rom_set_iopl_mask,
		.iret = rom_iret},
	.irq = {.save_fl = rom_save_fl,
		.restore_fl = rom_restore_fl,
		.irq_disable = rom_irq_disable,
		.irq_enable = rom_irq_enable,
		.safe_halt = rom_safe_halt,
		.halt = rom_halt},
	.apic = {.apic_read = rom_apic_read,
		.apic_write = rom_apic_write},
	.mmu = {
		.read_cr2 = rom_read_cr2,
		.write_cr2 = rom_write_cr2,
		.read_cr3 = rom_read_cr3,
		.write_cr3 = rom_write_cr3,
		.flush_tlb_user = rom_flush_tlb_user,
		.flush_tlb_kernel = rom_flush_tlb_kernel,
		.flush_tlb_single = rom_flush_tlb_single,
		.alloc_pte = rom_alloc_pte,
		.alloc_pmd = rom_alloc_pmd,
		.alloc_pud = rom_alloc_pud,
		.release_pte = rom_release_pte,
		.release_pmd = rom_release_pmd,
		.release_pud = rom_release_pud,
		.set_pte = rom_set_pte,
		.set_pte_at = rom_set_pte_at,
		.set_pmd = rom_set_pmd,
		.set_pud = rom_set_pud,
		.set_pgd = rom_set_pgd,
		.pte_clear = rom_pte_clear,
		.pmd_clear = rom_pmd_clear,
		.lazy_enter = rom_lazy_enter,
		.lazy_leave = rom_lazy_leave,
		.lazy_flush = rom_lazy_flush},
};

const struct pv_backend rom_backend = {"rom", detect, &ops};
