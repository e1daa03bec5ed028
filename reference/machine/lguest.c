/* A simulated host in lguest's style for one guest (lguest/abi.h). It walks copies of the guest's tables and
 * descriptors: a change that it was not told of is not there. Privileged instructions kill the guest. */
#include "machine.h"

#include "lguest/abi.h"
#include "suite/suite.h"

#include <stdlib.h>
#include <string.h>

enum {
	SHARED = 0x8000, /* where the page lies */
	GDT_ENTRIES = 512,
	TICK_VECTOR = 0x20,
	COUNT_HALT = 5,
	COUNT_INVLPG = 6,
	COUNT_CR3 = 7,
	COUNT_CR4 = 8,
	COUNT_CALL = 9,
};

struct gate {
	uint64_t address;
	bool masks;
};

struct lguest {
	uint8_t *tables;	    /* copies of table pages, at the same offsets as in memory */
	bool is_table[RAM_FRAMES];
	uint64_t gdt[GDT_ENTRIES], ldt[GDT_ENTRIES];
	unsigned gdt_entries, ldt_entries;
	struct gate gates[256];
	uint32_t pending[8];
	uint64_t stack;
	unsigned ring_next;
	bool check;
};

static struct lguest_shared *shared(struct machine *m)
{
	return (struct lguest_shared *)(void *)(m->ram + SHARED);
}

/* ---- tables ---- */

uint64_t lguest_table_read(struct machine *m, uint64_t where)
{
	struct lguest *host = m->lguest;
	uint64_t frame = where >> PAGE_SHIFT, value;

	if (where > RAM_SIZE - 8)
		machine_stop(m, "a table at 0x%lx: no memory there", where);
	if (!host->is_table[frame]) {
		memcpy(host->tables + frame * PAGE, m->ram + frame * PAGE, PAGE);
		host->is_table[frame] = true;
	}
	memcpy(&value, host->tables + where, sizeof(value));
	return value;
}

/* The walker's bits go to the copy and to the guest's own entry. */
void lguest_table_write(struct machine *m, uint64_t where, uint64_t value)
{
	uint64_t own = physical_read(m, where);

	memcpy(m->lguest->tables + where, &value, sizeof(value));
	physical_write(m, where, own | (value & (ENTRY_A | ENTRY_D)));
}

static int64_t entry_changed(struct machine *m, uint64_t where)
{
	if (where > RAM_SIZE - 8 || where % 8)
		return -1;
	if (m->lguest->is_table[where >> PAGE_SHIFT])
		memcpy(m->lguest->tables + where, m->ram + where, 8);
	return 0;
}

static int64_t new_table(struct machine *m, uint64_t top)
{
	if (top % PAGE || top >= RAM_SIZE)
		return -1;
	m->cr3 = top;
	m->count[COUNT_CR3]++;
	tlb_flush(m, true);
	return 0;
}

/* ---- descriptors ---- */

static int64_t load_gdt(struct machine *m, uint64_t base, uint64_t limit)
{
	struct lguest *host = m->lguest;

	host->gdt_entries = (unsigned)(limit + 1) / 8;
	if (host->gdt_entries > GDT_ENTRIES)
		return -1;
	for (unsigned n = 0; n < host->gdt_entries; n++)
		host->gdt[n] = memory_read(m, base + n * 8, 8);
	return 0;
}

static int64_t load_ldt(struct machine *m, uint64_t base, uint64_t entries)
{
	struct lguest *host = m->lguest;

	if (entries > GDT_ENTRIES)
		return -1;
	host->ldt_entries = (unsigned)entries;
	for (unsigned n = 0; n < entries; n++)
		host->ldt[n] = memory_read(m, base + n * 8, 8);
	return 0;
}

bool lguest_descriptor(struct machine *m, uint16_t selector, uint64_t *descriptor)
{
	struct lguest *host = m->lguest;
	unsigned n = selector >> 3;

	if (!(selector & ~3u) || n >= (selector & 4 ? host->ldt_entries : host->gdt_entries))
		return false;
	*descriptor = selector & 4 ? host->ldt[n] : host->gdt[n];
	return true;
}

static int64_t set_gs(struct machine *m, uint64_t selector)
{
	const uint64_t segment = BIT(47) | BIT(44);
	uint64_t descriptor;
	bool good = lguest_descriptor(m, (uint16_t)selector, &descriptor) &&
		    (descriptor & segment) == segment;

	m->gs = good ? (uint16_t)selector : 0;
	return 0;
}

static uint64_t *msr_place(struct machine *m, uint64_t msr)
{
	switch (msr) {
	case 0xc0000100:
		return &m->fs_base;
	case 0xc0000101:
		return &m->gs_base;
	case 0xc0000102:
		return &m->kernel_gs_base;
	default:
		return NULL;
	}
}

static int64_t read_msr(struct machine *m, uint64_t msr)
{
	const uint64_t *place = msr_place(m, msr);

	if (!place)
		return -1;
	shared(m)->value = *place;
	return 0;
}

static int64_t write_msr(struct machine *m, uint64_t msr, uint64_t value)
{
	uint64_t *place = msr_place(m, msr);

	if (!place || !canonical(value))
		return -1;
	*place = value;
	return 0;
}

/* ---- interrupts ---- */

static void enter(struct machine *m, const struct gate *gate, int64_t error)
{
	uint64_t stack = m->reg[RSP] & ~UINT64_C(15), flags = m->rflags & ~(uint64_t)(IF | IOPL);
	const uint64_t frame[5] = {m->ss, m->reg[RSP],
		flags | 2 | (shared(m)->interrupts_on ? IF : 0), m->cs, m->rip};

	for (unsigned n = 0; n < 5; n++)
		memory_write(m, stack -= 8, frame[n], 8);
	if (error != NO_ERROR)
		memory_write(m, stack -= 8, (uint64_t)error, 8);
	m->reg[RSP] = stack;
	m->rip = gate->address;
	if (gate->masks)
		shared(m)->interrupts_on = 0;
}

void lguest_deliver(struct machine *m, unsigned vector, int64_t error)
{
	const struct gate *gate = &m->lguest->gates[vector];

	if (!gate->address)
		machine_stop(m, "vector %u at 0x%lx: the guest told of no handler", vector, m->rip);
	if (vector == VECTOR_PF)
		shared(m)->cr2 = m->cr2;
	enter(m, gate, error);
}

static void interrupt(struct machine *m, unsigned vector)
{
	m->lguest->pending[vector / 32] |= 1u << vector % 32;
	shared(m)->waiting = 1;
	m->lguest->check = true;
}

static int next_pending(const struct lguest *host)
{
	for (int word = 7; word >= 0; word--) {
		if (host->pending[word])
			return word * 32 + 31 - __builtin_clz(host->pending[word]);
	}
	return -1;
}

void lguest_events(struct machine *m)
{
	struct lguest *host = m->lguest;
	int vector = next_pending(host);

	if (!host->check)
		return;
	host->check = false;
	if (vector < 0 || !shared(m)->interrupts_on)
		return;
	host->pending[vector / 32] &= ~(1u << vector % 32);
	shared(m)->waiting = next_pending(host) >= 0;
	m->halted = false;
	lguest_deliver(m, (unsigned)vector, NO_ERROR);
}

void lguest_timer(struct machine *m)
{
	if (!m->tick.on || m->cycles < m->tick.next)
		return;
	while (m->tick.next <= m->cycles)
		m->tick.next += m->tick.period;
	interrupt(m, TICK_VECTOR);
}

static int64_t set_timer(struct machine *m, uint64_t period)
{
	m->tick.on = period != 0;
	m->tick.period = period;
	m->tick.next = m->cycles + period;
	m->lguest->pending[TICK_VECTOR / 32] &= ~(1u << TICK_VECTOR % 32);
	shared(m)->waiting = next_pending(m->lguest) >= 0;
	return 0;
}

/* %rax on top of what any return takes. */
static void return_to_guest(struct machine *m)
{
	uint64_t frame[6];

	for (unsigned n = 0; n < 6; n++)
		frame[n] = memory_read(m, m->reg[RSP] + n * 8, 8);
	m->reg[RAX] = frame[0];
	m->rip = frame[1];
	m->rflags = (frame[3] & (CF | PF | ZF | SF | TF | DF | OF)) | IF | 2;
	m->reg[RSP] = frame[4];
	shared(m)->interrupts_on = (frame[3] & IF) != 0;
}

/* ---- calls ---- */

static int64_t write_text(struct machine *m, uint64_t text, uint64_t length)
{
	for (uint64_t n = 0; n < length && n < PAGE; n++)
		fputc((int)memory_read(m, text + n, 1), m->out);
	return 0;
}

static int64_t set_time(struct machine *m, uint64_t seconds)
{
	m->clock.offset += (int64_t)seconds - device_seconds(m);
	shared(m)->seconds = BOOT_SECONDS + m->clock.offset;
	return 0;
}

static int64_t set_gate(struct machine *m, uint64_t vector, uint64_t address, uint64_t masks)
{
	if (vector > 255)
		return -1;
	m->lguest->gates[vector] = (struct gate){address, masks != 0};
	return 0;
}

static int64_t set_descriptor(uint64_t *table, uint64_t n, uint64_t descriptor)
{
	if (n >= GDT_ENTRIES)
		return -1;
	table[n] = descriptor;
	return 0;
}

/* What may wait in the ring, and what may not. */
static int64_t call(struct machine *m, const struct lguest_slot *slot)
{
	struct lguest *host = m->lguest;
	const uint64_t *a = slot->argument;

	switch (slot->number) {
	case LGUEST_FLUSH_RING:
	case LGUEST_LOOK:
		return 0;
	case LGUEST_SHUTDOWN:
		m->powered_off = true;
		return 0;
	case LGUEST_WRITE:
		return write_text(m, a[0], a[1]);
	case LGUEST_HALT:
		m->count[COUNT_HALT]++;
		m->halted = !(shared(m)->interrupts_on && next_pending(host) >= 0);
		return 0;
	case LGUEST_TS:
		m->cr0 = a[0] ? m->cr0 | BIT(3) : m->cr0 & ~BIT(3);
		return 0;
	case LGUEST_CR4:
		m->cr4 = a[0];
		m->count[COUNT_CR4]++;
		return 0;
	case LGUEST_DEBUG:
		m->dr[a[0] & 7] = a[1];
		return 0;
	case LGUEST_READ_MSR:
		return read_msr(m, a[0]);
	case LGUEST_WRITE_MSR:
		return write_msr(m, a[0], a[1]);
	case LGUEST_LOAD_GDT:
		return load_gdt(m, a[0], a[1]);
	case LGUEST_GDT_ENTRY:
		return set_descriptor(host->gdt, a[0], a[1]);
	case LGUEST_LOAD_LDT:
		return load_ldt(m, a[0], a[1]);
	case LGUEST_LDT_ENTRY:
		return set_descriptor(host->ldt, a[0], a[1]);
	case LGUEST_IDT_ENTRY:
		return set_gate(m, a[0], a[1], a[2]);
	case LGUEST_STACK:
		host->stack = a[0];
		return 0;
	case LGUEST_GS_SELECTOR:
		return set_gs(m, a[0]);
	case LGUEST_NEW_TABLE:
		return new_table(m, a[0]);
	case LGUEST_ENTRY:
		return entry_changed(m, a[0]);
	case LGUEST_TABLE_GONE:
		if (a[0] < RAM_FRAMES)
			host->is_table[a[0]] = false;
		return 0;
	case LGUEST_FLUSH:
		tlb_flush(m, true);
		return 0;
	case LGUEST_FLUSH_PAGE:
		m->count[COUNT_INVLPG]++;
		tlb_flush_page(m, a[0]);
		return 0;
	case LGUEST_TIMER:
		return set_timer(m, a[0]);
	case LGUEST_INTERRUPT:
		interrupt(m, (unsigned)a[0] & 255);
		return 0;
	case LGUEST_SET_TIME:
		return set_time(m, a[0]);
	default:
		machine_stop(m, "call %lu: there is none", slot->number);
	}
}

static void empty_ring(struct machine *m)
{
	struct lguest_shared *page = shared(m);
	unsigned *next = &m->lguest->ring_next;

	for (unsigned n = 0; n < LGUEST_RING && page->used[*next]; n++) {
		call(m, &page->ring[*next]);
		page->used[*next] = 0;
		*next = (*next + 1) % LGUEST_RING;
	}
}

void lguest_hypercall(struct machine *m)
{
	const struct lguest_slot slot = {m->reg[RAX], {m->reg[RDX], m->reg[RBX], m->reg[RCX]}};

	m->count[COUNT_CALL]++;
	m->lguest->check = true;
	empty_ring(m);
	if (slot.number == LGUEST_RETURN)
		return_to_guest(m);
	else
		m->reg[RAX] = (uint64_t)call(m, &slot);
}

uint64_t lguest_monitor(struct machine *m, unsigned effect)
{
	return effect == EFFECT_IF ? shared(m)->interrupts_on != 0 : 0;
}

void lguest_boot(struct machine *m, const char *command_line)
{
	const char *error;
	struct lguest_shared *page = shared(m);

	if (!load_bare(m, 0, command_line, NULL, &error))
		return;
	m->lguest = calloc(1, sizeof(*m->lguest));
	if (!m->lguest)
		abort();
	m->lguest->tables = calloc(1, RAM_SIZE);
	if (!m->lguest->tables)
		abort();
	memset(page, 0, sizeof(*page));
	page->khz = TSC_KHZ;
	page->seconds = BOOT_SECONDS;
	page->top_table = m->cr3;
	page->memory_start = 0x100000;
	page->memory_end = RAM_SIZE;
	snprintf(page->command_line, sizeof(page->command_line), "%s", command_line);
	m->cs = 8 | 3;
	m->cr4 = BIT(5);
	m->cr0 = UINT64_C(0x80010013);
	m->reg[RDI] = LGUEST_MAGIC;
	m->reg[RSI] = SHARED;
}

void lguest_free(struct machine *m)
{
	if (m->lguest)
		free(m->lguest->tables);
	free(m->lguest);
	m->lguest = NULL;
}
