/* Memory of the simulated machine: frames, tables, the TLB. */
#include "machine.h"

#include <string.h>

uint64_t physical_read(struct machine *m, uint64_t address)
{
	uint64_t value;

	if (address > RAM_SIZE - 8)
		machine_stop(m, "read of physical address 0x%lx: no memory there", address);
	memcpy(&value, m->ram + address, sizeof(value));
	return value;
}

void physical_write(struct machine *m, uint64_t address, uint64_t value)
{
	if (address > RAM_SIZE - 8)
		machine_stop(m, "write of physical address 0x%lx: no memory there", address);
	memcpy(m->ram + address, &value, sizeof(value));
}

static struct tlb_entry *tlb_slot(struct machine *m, uint64_t address)
{
	uint64_t page = address >> PAGE_SHIFT;

	return &m->tlb[(page ^ page >> 11 ^ page >> 22) % TLB_SIZE];
}

void tlb_flush(struct machine *m, bool global_too)
{
	m->code_page = 0;
	for (unsigned i = 0; i < TLB_SIZE; i++) {
		if (global_too || !m->tlb[i].global)
			m->tlb[i].page = 0;
	}
}

void tlb_flush_page(struct machine *m, uint64_t address)
{
	struct tlb_entry *entry = tlb_slot(m, address);

	m->code_page = 0;
	if (entry->page == (address >> PAGE_SHIFT) + 1)
		entry->page = 0;
}

/* Entries as the walker reads them: lguest's host walks copies. */
static uint64_t table_read(struct machine *m, uint64_t where)
{
	return m->mode == MODE_LGUEST ? lguest_table_read(m, where) : physical_read(m, where);
}

static void table_write(struct machine *m, uint64_t where, uint64_t value)
{
	if (m->mode == MODE_LGUEST)
		lguest_table_write(m, where, value);
	else
		physical_write(m, where, value);
}

static void page_fault(struct machine *m, uint64_t address, enum access access, bool present)
{
	bool user = m->mode != MODE_BARE || (m->cs & 3) == 3;

	m->cr2 = address;
	cpu_fault(m, VECTOR_PF,
		(present ? 1 : 0) | (access == ACCESS_WRITE ? 2 : 0) | (user ? 4 : 0) |
			(access == ACCESS_EXECUTE ? 16 : 0));
}

uint64_t memory_entry(struct machine *m, uint64_t address)
{
	uint64_t table = m->cr3 & FRAME_BITS, entry = 0;

	for (unsigned shift = 39; shift >= 12; shift -= 9) {
		entry = physical_read(m, table + (address >> shift & 511) * 8);
		if (!(entry & ENTRY_P))
			return 0;
		if (shift == 21 && entry & ENTRY_PS)
			return (entry & ~UINT64_C(0x1fe000)) | (address & 0x1ff000);
		table = entry & FRAME_BITS;
	}
	return entry;
}

/* Walks the tables as SDM 3A 4.5 says, sets accessed and dirty bits, keeps the result. */
static struct tlb_entry *walk(struct machine *m, uint64_t address, enum access access)
{
	uint64_t table = m->cr3 & FRAME_BITS, entry = 0, where = 0, large = 0;
	struct tlb_entry found = {.write = true, .user = true, .execute = true};
	struct tlb_entry *slot = tlb_slot(m, address);

	if (!canonical(address))
		cpu_fault(m, VECTOR_GP, 0);
	for (unsigned shift = 39; shift >= 12; shift -= 9) {
		where = table + (address >> shift & 511) * 8;
		entry = table_read(m, where);
		if (!(entry & ENTRY_P))
			page_fault(m, address, access, false);
		found.write &= (entry & ENTRY_W) != 0;
		found.user &= (entry & ENTRY_U) != 0;
		found.execute &= !(entry >> 63);
		if (!(entry & ENTRY_A))
			table_write(m, where, entry |= ENTRY_A);
		table = entry & FRAME_BITS;
		if (shift == 21 && entry & ENTRY_PS) {
			large = 0x1ff000;
			break;
		}
	}
	if ((access == ACCESS_WRITE && !found.write) || (access == ACCESS_EXECUTE && !found.execute))
		page_fault(m, address, access, true);
	if (access == ACCESS_WRITE && !(entry & ENTRY_D))
		table_write(m, where, entry |= ENTRY_D);
	found.page = (address >> PAGE_SHIFT) + 1;
	found.frame = (table & ~large) | (address & large);
	found.global = (entry & ENTRY_G) && m->cr4 & BIT(7);
	found.dirty = (entry & ENTRY_D) != 0;
	*slot = found;
	m->code_page = 0;
	return slot;
}

static uint64_t translate(struct machine *m, uint64_t address, enum access access)
{
	struct tlb_entry *entry = tlb_slot(m, address);
	bool user = m->mode == MODE_BARE && (m->cs & 3) == 3;

	/* what the TLB forbids, and the first write, go to the tables once more (SDM 3A 4.10.2) */
	if (entry->page != (address >> PAGE_SHIFT) + 1 ||
		(access == ACCESS_WRITE && !(entry->write && entry->dirty)) ||
		(access == ACCESS_EXECUTE && !entry->execute))
		entry = walk(m, address, access);
	if (user && !entry->user)
		page_fault(m, address, access, true);
	return entry->frame | (address & (PAGE - 1));
}

static bool is_apic(const struct machine *m, uint64_t physical)
{
	return m->mode == MODE_BARE && physical >= APIC_BASE && physical < APIC_BASE + PAGE;
}

/* Bytes that lie in one page. */
static uint64_t read_within(struct machine *m, uint64_t address, unsigned size, enum access access)
{
	uint64_t physical = translate(m, address, access), value = 0;

	if (is_apic(m, physical))
		return apic_read(m, (uint32_t)(physical - APIC_BASE));
	if (physical > RAM_SIZE - size)
		machine_stop(m, "read at 0x%lx (physical 0x%lx): no memory there", address, physical);
	memcpy(&value, m->ram + physical, size);
	return value;
}

uint64_t memory_read(struct machine *m, uint64_t address, unsigned size)
{
	uint64_t value = 0;

	if ((address & (PAGE - 1)) + size <= PAGE)
		return read_within(m, address, size, ACCESS_READ);
	for (unsigned i = 0; i < size; i++)
		value |= read_within(m, address + i, 1, ACCESS_READ) << 8 * i;
	return value;
}

uint64_t memory_read_for_write(struct machine *m, uint64_t address, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i += size - 1 ? size - 1 : 1)
		translate(m, address + i, ACCESS_WRITE);
	value = memory_read(m, address, size);
	return value;
}

void memory_write(struct machine *m, uint64_t address, uint64_t value, unsigned size)
{
	uint64_t physical;

	if ((address & (PAGE - 1)) + size > PAGE) {
		translate(m, address + size - 1, ACCESS_WRITE); /* all or nothing */
		for (unsigned i = 0; i < size; i++)
			memory_write(m, address + i, value >> 8 * i, 1);
		return;
	}
	physical = translate(m, address, ACCESS_WRITE);
	if (is_apic(m, physical)) {
		apic_write(m, (uint32_t)(physical - APIC_BASE), (uint32_t)value);
		return;
	}
	if (physical > RAM_SIZE - size)
		machine_stop(m, "write at 0x%lx (physical 0x%lx): no memory there", address, physical);
	if (m->watch)
		watch_write(m, physical, size);
	memcpy(m->ram + physical, &value, size);
}

/* The page that code runs in is remembered until the TLB changes. */
uint8_t memory_fetch(struct machine *m, uint64_t address)
{
	if (m->code_page != (address >> PAGE_SHIFT) + 1) {
		uint64_t physical = translate(m, address, ACCESS_EXECUTE);

		if (physical >= RAM_SIZE)
			machine_stop(m, "code at 0x%lx (physical 0x%lx): no memory there", address,
				physical);
		m->code = m->ram + (physical & ~(uint64_t)(PAGE - 1));
		m->code_page = (address >> PAGE_SHIFT) + 1;
	}
	return m->code[address & (PAGE - 1)];
}

void memory_copy_in(struct machine *m, void *to, uint64_t address, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)to)[i] = (uint8_t)memory_read(m, address + i, 1);
}

void memory_copy_out(struct machine *m, uint64_t address, const void *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		memory_write(m, address + i, ((const uint8_t *)from)[i], 1);
}
