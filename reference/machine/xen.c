/* A simulated Xen for one PV guest: machine frames that are not the guest's, page types, traps, events, time.
 *
 * It refuses what Xen refuses (a writable mapping of a table, a table with writable mappings, a frame of another's),
 * delivers events only when it runs (a hypercall, a timer), and changes the registers that a hypercall may change. */
#include "machine.h"

#include "native/native.h"
#include "xen/abi.h"

#include <stdlib.h>
#include <string.h>

enum {
	GUEST_PAGES = 3000,
	MAPPED_PAGES = 1024, /* 4 MiB: what the domain builder maps */
	SHARED_PAGE = 3500,  /* Xen's own pages, counted in the guest's way */
	LIST_PAGE = 3510,    /* 8 pages: which page each machine frame is */
	TABLE_PAGE = 3520,   /* 3 pages: the tables that show it */
	KERNEL_CS = 0xe033,
	KERNEL_SS = 0xe02b,
	RETURN_ERROR = 22, /* EINVAL */
	NO_SUCH = 38,	   /* ENOSYS */
	FORBIDDEN = 1,	   /* EPERM */
	TYPE_NONE = 0,	   /* 1 to 4: a table of that level */
	TYPE_SEGMENTS = 5,
	GDT_FRAMES = 14,
	MULTICALLS_MOST = 64,
	COUNT_HALT = 5,
	COUNT_INVLPG = 6,
	COUNT_CR3 = 7,
	COUNT_CALL = 9,
	POISON = 0x5a5a5a5a,
};

struct frame {
	unsigned type, refs, writable;
	bool guest, pinned;
};

struct xen {
	struct frame frames[RAM_FRAMES];
	struct xen_trap traps[256];
	uint64_t callback, stack;
	uint64_t gdt[GDT_FRAMES];
	unsigned gdt_frames, gdt_entries;
	uint64_t ldt_base;
	unsigned ldt_entries;
	uint64_t ldt_frame;
	unsigned iopl;
	uint32_t ports, timer_port, polled;
	uint64_t period, next, single; /* cycles; 0: off */
	bool check;		       /* Xen ran: events go in before the guest goes on */
};

/* ---- frames ---- */

static uint64_t machine_frame(uint64_t page)
{
	return (page * 2731 + 77) % RAM_FRAMES;
}

static struct xen_shared *shared(struct machine *m)
{
	return (struct xen_shared *)(void *)(m->ram + machine_frame(SHARED_PAGE) * PAGE);
}

static uint64_t entry_at(struct machine *m, uint64_t frame, unsigned n)
{
	return physical_read(m, frame * PAGE + n * 8);
}

static bool is_xens(unsigned level, unsigned n)
{
	return level == 4 && n >= XEN_FIRST_SLOT && n < XEN_FIRST_SLOT + XEN_SLOTS;
}

static bool get_table(struct machine *m, uint64_t frame, unsigned level);
static void put_table(struct machine *m, uint64_t frame);

static bool get_entry(struct machine *m, unsigned level, uint64_t entry)
{
	uint64_t frame = (entry & FRAME_BITS) >> PAGE_SHIFT;
	struct frame *info;

	if (!(entry & ENTRY_P))
		return true;
	if (frame >= RAM_FRAMES)
		return false;
	info = &m->xen->frames[frame];
	if (!info->guest && frame != machine_frame(SHARED_PAGE))
		return false;
	if (level > 1)
		return !(entry & ENTRY_PS) && get_table(m, frame, level - 1);
	if (!(entry & ENTRY_W))
		return true;
	if (info->type != TYPE_NONE)
		return false;
	info->writable++;
	return true;
}

static void put_entry(struct machine *m, unsigned level, uint64_t entry)
{
	uint64_t frame = (entry & FRAME_BITS) >> PAGE_SHIFT;

	if (!(entry & ENTRY_P))
		return;
	if (level > 1)
		put_table(m, frame);
	else if (entry & ENTRY_W)
		m->xen->frames[frame].writable--;
}

/* What Xen shows every guest hangs in its own slots. */
static void fill_own_slots(struct machine *m, uint64_t frame)
{
	physical_write(m, frame * PAGE + XEN_FIRST_SLOT * 8,
		machine_frame(TABLE_PAGE) << PAGE_SHIFT | ENTRY_P | ENTRY_U | ENTRY_A);
}

static bool get_table(struct machine *m, uint64_t frame, unsigned level)
{
	struct frame *info = &m->xen->frames[frame];

	if (info->type == level) {
		info->refs++;
		return true;
	}
	if (!info->guest || info->type != TYPE_NONE || info->writable)
		return false;
	info->type = level;
	info->refs = 1;
	for (unsigned n = 0; n < 512; n++) {
		if (is_xens(level, n) || get_entry(m, level, entry_at(m, frame, n)))
			continue;
		while (n--) {
			if (!is_xens(level, n))
				put_entry(m, level, entry_at(m, frame, n));
		}
		info->type = TYPE_NONE;
		info->refs = 0;
		return false;
	}
	if (level == 4)
		fill_own_slots(m, frame);
	tlb_flush(m, true);
	return true;
}

static void put_table(struct machine *m, uint64_t frame)
{
	struct frame *info = &m->xen->frames[frame];

	if (--info->refs)
		return;
	for (unsigned n = 0; n < 512; n++) {
		if (!is_xens(info->type, n))
			put_entry(m, info->type, entry_at(m, frame, n));
	}
	info->type = TYPE_NONE;
}

static bool get_segments(struct machine *m, uint64_t frame)
{
	struct frame *info = frame < RAM_FRAMES ? &m->xen->frames[frame] : NULL;

	if (!info || !info->guest || info->writable ||
		(info->type != TYPE_NONE && info->type != TYPE_SEGMENTS))
		return false;
	info->type = TYPE_SEGMENTS;
	info->refs++;
	return true;
}

static void put_segments(struct machine *m, uint64_t frame)
{
	struct frame *info = &m->xen->frames[frame];

	if (--info->refs == 0)
		info->type = TYPE_NONE;
}

/* ---- page tables by hypercall ---- */

/* A guest's kernel runs in ring 3: its pages are the user's. */
static uint64_t adjusted(unsigned level, uint64_t value)
{
	return value & ENTRY_P && level == 1 ? value | ENTRY_U : value;
}

static int64_t set_entry(struct machine *m, uint64_t where, uint64_t value, bool keep_bits)
{
	uint64_t frame = where >> PAGE_SHIFT, old;
	unsigned level;

	if (frame >= RAM_FRAMES || !m->xen->frames[frame].guest || where % 8)
		return -RETURN_ERROR;
	level = m->xen->frames[frame].type;
	old = physical_read(m, where);
	if (level == TYPE_SEGMENTS)
		return -RETURN_ERROR;
	if (level == TYPE_NONE) {
		physical_write(m, where, value); /* no table of anything: memory like any other */
		return 0;
	}
	if (is_xens(level, where % PAGE / 8))
		return -FORBIDDEN;
	if (keep_bits)
		value |= old & (ENTRY_A | ENTRY_D);
	value = adjusted(level, value);
	if (!get_entry(m, level, value))
		return -RETURN_ERROR;
	put_entry(m, level, old);
	physical_write(m, where, value);
	return 0;
}

static int64_t mmu_update(struct machine *m, uint64_t list, uint64_t count)
{
	for (uint64_t n = 0; n < count; n++) {
		struct xen_update update;
		int64_t result;

		memory_copy_in(m, &update, list + n * sizeof(update), sizeof(update));
		if ((update.where & 7) != 0 && (update.where & 7) != XEN_UPDATE_KEEP_BITS)
			return -NO_SUCH;
		result = set_entry(m, update.where & ~UINT64_C(7), update.value, update.where & 7);
		if (result)
			return result;
	}
	return 0;
}

/* Where the lowest entry for an address lies; 0: there is no table. */
static uint64_t entry_place(struct machine *m, uint64_t address)
{
	uint64_t table = m->cr3 & FRAME_BITS;

	for (unsigned shift = 39; shift > 12; shift -= 9) {
		uint64_t entry = physical_read(m, table + (address >> shift & 511) * 8);

		if (!(entry & ENTRY_P))
			return 0;
		table = entry & FRAME_BITS;
	}
	return table + (address >> 12 & 511) * 8;
}

static int64_t update_mapping(struct machine *m, uint64_t address, uint64_t value, uint64_t flush)
{
	uint64_t place = entry_place(m, address);
	int64_t result = place ? set_entry(m, place, value, false) : -RETURN_ERROR;

	if (!result && (flush & 3) == 1)
		tlb_flush(m, true);
	else if (!result && (flush & 3) == XEN_FLUSH_PAGE)
		tlb_flush_page(m, address);
	return result;
}

static int64_t set_ldt(struct machine *m, uint64_t base, uint64_t entries)
{
	struct xen *xen = m->xen;
	uint64_t entry = entries ? memory_entry(m, base) : 0;

	if (entries > 512 || base % PAGE || (entries && (!(entry & ENTRY_P) || entry & ENTRY_W)))
		return -RETURN_ERROR;
	if (entries && !get_segments(m, (entry & FRAME_BITS) >> PAGE_SHIFT))
		return -RETURN_ERROR;
	if (xen->ldt_entries)
		put_segments(m, xen->ldt_frame);
	xen->ldt_base = base;
	xen->ldt_entries = (unsigned)entries;
	xen->ldt_frame = (entry & FRAME_BITS) >> PAGE_SHIFT;
	return 0;
}

static int64_t extended(struct machine *m, const struct xen_extended *request)
{
	struct frame *info = request->first < RAM_FRAMES ? &m->xen->frames[request->first] : NULL;

	switch (request->command) {
	case 0:
	case 1:
	case 2:
	case XEN_PIN_L4:
		if (!info || info->pinned || !get_table(m, request->first, request->command + 1))
			return -RETURN_ERROR;
		info->pinned = true;
		return 0;
	case XEN_UNPIN:
		if (!info || !info->pinned)
			return -RETURN_ERROR;
		info->pinned = false;
		put_table(m, request->first);
		return 0;
	case XEN_NEW_BASE:
		if (!info || !get_table(m, request->first, 4))
			return -RETURN_ERROR;
		put_table(m, m->cr3 >> PAGE_SHIFT);
		m->cr3 = request->first << PAGE_SHIFT;
		m->count[COUNT_CR3]++;
		tlb_flush(m, true);
		return 0;
	case XEN_TLB_FLUSH:
		tlb_flush(m, true);
		return 0;
	case XEN_TLB_PAGE:
		m->count[COUNT_INVLPG]++;
		tlb_flush_page(m, request->first);
		return 0;
	case XEN_SET_LDT:
		return set_ldt(m, request->first, request->second);
	default:
		return -NO_SUCH;
	}
}

static int64_t extended_list(struct machine *m, uint64_t list, uint64_t count)
{
	for (uint64_t n = 0; n < count; n++) {
		struct xen_extended request;
		int64_t result;

		memory_copy_in(m, &request, list + n * sizeof(request), sizeof(request));
		result = extended(m, &request);
		if (result)
			return result;
	}
	return 0;
}

/* ---- descriptors ---- */

/* Code and data become ring 3's; of system segments a guest has none. */
static bool check_descriptor(uint64_t *descriptor)
{
	if (!(*descriptor & BIT(47)))
		return true;
	if (!(*descriptor & BIT(44)))
		return false;
	*descriptor |= UINT64_C(3) << 45;
	return true;
}

static bool check_page(struct machine *m, uint64_t frame)
{
	for (unsigned n = 0; n < 512; n++) {
		uint64_t descriptor = entry_at(m, frame, n);

		if (!check_descriptor(&descriptor))
			return false;
		physical_write(m, frame * PAGE + n * 8, descriptor);
	}
	return true;
}

static int64_t set_gdt(struct machine *m, uint64_t list, uint64_t entries)
{
	struct xen *xen = m->xen;
	uint64_t frames[GDT_FRAMES];
	unsigned count = (unsigned)((entries + 511) / 512);

	if (entries > GDT_FRAMES * 512)
		return -RETURN_ERROR;
	for (unsigned n = 0; n < count; n++) {
		frames[n] = memory_read(m, list + n * 8, 8);
		if (!get_segments(m, frames[n]) || !check_page(m, frames[n]))
			return -RETURN_ERROR;
	}
	for (unsigned n = 0; n < xen->gdt_frames; n++)
		put_segments(m, xen->gdt[n]);
	memcpy(xen->gdt, frames, sizeof(frames[0]) * count);
	xen->gdt_frames = count;
	xen->gdt_entries = (unsigned)entries;
	return 0;
}

static int64_t update_descriptor(struct machine *m, uint64_t where, uint64_t descriptor)
{
	uint64_t frame = where >> PAGE_SHIFT;

	if (frame >= RAM_FRAMES || !m->xen->frames[frame].guest || where % 8 ||
		(m->xen->frames[frame].type != TYPE_NONE &&
			m->xen->frames[frame].type != TYPE_SEGMENTS) ||
		!check_descriptor(&descriptor))
		return -RETURN_ERROR;
	physical_write(m, where, descriptor);
	return 0;
}

bool xen_descriptor(struct machine *m, uint16_t selector, uint64_t *descriptor)
{
	struct xen *xen = m->xen;
	unsigned n = selector >> 3;

	if (!(selector & ~3u))
		return false;
	if (selector & 4) {
		if (n >= xen->ldt_entries)
			return false;
		*descriptor = memory_read(m, xen->ldt_base + n * 8, 8);
		return true;
	}
	if (selector == KERNEL_CS || selector == KERNEL_SS) {
		*descriptor = selector == KERNEL_CS ? UINT64_C(0x00affb000000ffff)
						    : UINT64_C(0x00cff3000000ffff);
		return true;
	}
	if (n >= xen->gdt_entries)
		return false;
	*descriptor = entry_at(m, xen->gdt[n / 512], n % 512);
	return true;
}

/* ---- traps and events ---- */

static void push(struct machine *m, uint64_t *stack, uint64_t value)
{
	*stack -= 8;
	memory_write(m, *stack, value, 8);
}

/* The frame of the CPU with %r11 and %rcx on top; the flag in it is the byte of the shared page. */
static void bounce(struct machine *m, uint64_t address, int64_t error, bool mask)
{
	uint64_t stack = m->reg[RSP] & ~UINT64_C(15), flags = m->rflags & ~(uint64_t)(IF | IOPL);

	if (!shared(m)->vcpu[0].mask)
		flags |= IF;
	push(m, &stack, m->ss);
	push(m, &stack, m->reg[RSP]);
	push(m, &stack, flags | 2);
	push(m, &stack, m->cs & ~3u);
	push(m, &stack, m->rip);
	if (error != NO_ERROR)
		push(m, &stack, (uint64_t)error);
	push(m, &stack, m->reg[R11]);
	push(m, &stack, m->reg[RCX]);
	m->reg[R11] = POISON;
	m->reg[RCX] = POISON;
	m->reg[RSP] = stack;
	m->rip = address;
	m->cs = KERNEL_CS;
	if (mask)
		shared(m)->vcpu[0].mask = 1;
}

void xen_deliver(struct machine *m, unsigned vector, int64_t error)
{
	const struct xen_trap *trap = &m->xen->traps[vector];

	if (!trap->address)
		machine_stop(m, "vector %u at 0x%lx: the guest told Xen of no handler", vector, m->rip);
	if (vector == VECTOR_PF)
		shared(m)->vcpu[0].cr2 = m->cr2;
	bounce(m, trap->address, error, trap->flags & XEN_TRAP_MASKS);
}

void xen_events(struct machine *m)
{
	struct xen_vcpu *vcpu = &shared(m)->vcpu[0];

	if (!m->xen->check)
		return;
	m->xen->check = false;
	if (!vcpu->pending || vcpu->mask)
		return;
	if (m->halted && m->xen->period)
		m->xen->next = m->cycles + m->xen->period;
	m->halted = false;
	bounce(m, m->xen->callback, NO_ERROR, true);
}

static void notify(struct machine *m, uint32_t port)
{
	struct xen_shared *page = shared(m);

	page->pending[port / 64] |= BIT(port % 64);
	m->xen->check = true;
	if (m->xen->polled == port) {
		m->xen->polled = 0;
		m->halted = false;
	}
	if (page->masked[port / 64] & BIT(port % 64))
		return;
	page->vcpu[0].selector |= BIT(port / 64);
	page->vcpu[0].pending = 1;
}

/* The periodic timer stands still while the guest sleeps, as Xen's does; the single one does not. */
void xen_timer(struct machine *m)
{
	struct xen *xen = m->xen;

	if (xen->period && !m->halted && m->cycles >= xen->next) {
		while (xen->next <= m->cycles)
			xen->next += xen->period;
		notify(m, xen->timer_port);
	}
	if (xen->single && m->cycles >= xen->single) {
		xen->single = 0;
		notify(m, xen->timer_port);
	}
	m->tick.on = xen->single != 0;
	m->tick.next = xen->single;
}

static int64_t event(struct machine *m, uint64_t command, uint64_t argument)
{
	struct xen *xen = m->xen;
	uint32_t port;

	switch (command) {
	case XEN_BIND_VIRQ:
		if (xen->timer_port || memory_read(m, argument, 4) != XEN_VIRQ_TIMER)
			return -RETURN_ERROR;
		xen->timer_port = ++xen->ports;
		memory_write(m, argument + 8, xen->timer_port, 4);
		return 0;
	case XEN_BIND_IPI:
		memory_write(m, argument + 4, ++xen->ports, 4);
		return 0;
	case XEN_SEND:
		port = (uint32_t)memory_read(m, argument, 4);
		if (!port || port > xen->ports)
			return -RETURN_ERROR;
		notify(m, port);
		return 0;
	case XEN_UNMASK:
		port = (uint32_t)memory_read(m, argument, 4);
		if (!port || port > xen->ports)
			return -RETURN_ERROR;
		shared(m)->masked[port / 64] &= ~BIT(port % 64);
		if (shared(m)->pending[port / 64] & BIT(port % 64))
			notify(m, port);
		return 0;
	default:
		return -NO_SUCH;
	}
}

static int64_t schedule(struct machine *m, uint64_t command, uint64_t argument)
{
	uint32_t port;

	switch (command) {
	case XEN_BLOCK:
		shared(m)->vcpu[0].mask = 0;
		m->count[COUNT_HALT]++;
		m->halted = !shared(m)->vcpu[0].pending;
		return 0;
	case XEN_SHUTDOWN:
		m->powered_off = true;
		return 0;
	case XEN_POLL:
		port = (uint32_t)memory_read(m, memory_read(m, argument, 8), 4);
		if (shared(m)->pending[port / 64] & BIT(port % 64))
			return 0;
		m->xen->polled = port;
		m->halted = true;
		return 0;
	default:
		return -NO_SUCH;
	}
}

static int64_t vcpu(struct machine *m, uint64_t command, uint64_t argument)
{
	switch (command) {
	case XEN_VCPU_RUNSTATE:
		return 0; /* nothing is ever stolen here: what the guest has stays 0 */
	case XEN_VCPU_PERIODIC:
		m->xen->period = memory_read(m, argument, 8);
		if (m->xen->period < 1000000) {
			m->xen->period = 0;
			return -RETURN_ERROR;
		}
		m->xen->next = m->cycles + m->xen->period;
		return 0;
	case XEN_VCPU_PERIODIC_STOP:
		m->xen->period = 0;
		return 0;
	case XEN_VCPU_DOWN:
		machine_stop(m, "the guest's only CPU went down");
	default:
		return -NO_SUCH;
	}
}

static int64_t set_traps(struct machine *m, uint64_t list)
{
	for (unsigned n = 0; n <= 256; n++) {
		struct xen_trap trap;

		memory_copy_in(m, &trap, list + n * sizeof(trap), sizeof(trap));
		if (!trap.address)
			return 0;
		m->xen->traps[trap.vector] = trap;
	}
	return -RETURN_ERROR;
}

static int64_t segment_base(struct machine *m, uint64_t which, uint64_t value)
{
	const uint64_t segment = BIT(47) | BIT(44); /* present, code or data */
	uint64_t descriptor;

	if (which == XEN_GS_SELECTOR) {
		bool good = xen_descriptor(m, (uint16_t)value, &descriptor) &&
			    (descriptor & segment) == segment;

		m->gs = good ? (uint16_t)value : 0;
		return 0;
	}
	if (!canonical(value) || which > XEN_GS_SELECTOR)
		return -RETURN_ERROR;
	if (which == XEN_BASE_FS)
		m->fs_base = value;
	else if (which == XEN_BASE_GS_USER)
		m->kernel_gs_base = value;
	else
		m->gs_base = value;
	return 0;
}

static int64_t set_time(struct machine *m, uint64_t argument)
{
	struct xen_set_time set;
	uint64_t start;

	memory_copy_in(m, &set, argument, sizeof(set));
	if (set.command != XEN_PLATFORM_SET_TIME || set.version != XEN_PLATFORM_VERSION)
		return -NO_SUCH;
	start = set.seconds * UINT64_C(1000000000) + set.nanoseconds - set.system_time;
	shared(m)->wall_version += 2;
	shared(m)->wall_seconds = (uint32_t)(start / 1000000000);
	shared(m)->wall_nanoseconds = (uint32_t)(start % 1000000000);
	m->clock.offset += (int64_t)set.seconds - device_seconds(m);
	return 0;
}

static int64_t console(struct machine *m, uint64_t command, uint64_t length, uint64_t text)
{
	if (command != XEN_CONSOLE_WRITE)
		return -NO_SUCH;
	for (uint64_t n = 0; n < length && n < PAGE; n++)
		fputc((int)memory_read(m, text + n, 1), m->out);
	return (int64_t)length;
}

static int64_t call(struct machine *m, uint64_t number, const uint64_t a[6]);

static int64_t multicall(struct machine *m, uint64_t list, uint64_t count)
{
	if (count > MULTICALLS_MOST)
		return -RETURN_ERROR;
	for (uint64_t n = 0; n < count; n++) {
		struct xen_multicall one;
		uint64_t where = list + n * sizeof(one);

		memory_copy_in(m, &one, where, sizeof(one));
		if (one.number == XEN_MULTICALL || one.number == XEN_IRET)
			return -RETURN_ERROR;
		one.result = call(m, one.number, one.argument);
		memory_copy_out(m, where + 8, &one.result, 8);
	}
	return 0;
}

static int64_t call(struct machine *m, uint64_t number, const uint64_t a[6])
{
	struct xen *xen = m->xen;

	switch (number) {
	case XEN_SET_TRAP_TABLE:
		return set_traps(m, a[0]);
	case XEN_MMU_UPDATE:
		return a[3] == XEN_SELF ? mmu_update(m, a[0], a[1]) : -FORBIDDEN;
	case XEN_SET_GDT:
		return set_gdt(m, a[0], a[1]);
	case XEN_STACK_SWITCH:
		xen->stack = a[1];
		return 0;
	case XEN_SET_CALLBACKS:
		xen->callback = a[0];
		return 0;
	case XEN_FPU_TASKSWITCH:
		m->cr0 = a[0] ? m->cr0 | BIT(3) : m->cr0 & ~BIT(3);
		return 0;
	case XEN_PLATFORM:
		return set_time(m, a[0]);
	case XEN_SET_DEBUG:
		if (a[0] > 7 || (a[0] < 4 && !canonical(a[1])))
			return -RETURN_ERROR;
		m->dr[a[0]] = a[1];
		return 0;
	case XEN_GET_DEBUG:
		return a[0] > 7 ? -RETURN_ERROR : (int64_t)m->dr[a[0]];
	case XEN_UPDATE_DESCRIPTOR:
		return update_descriptor(m, a[0], a[1]);
	case XEN_MULTICALL:
		return multicall(m, a[0], a[1]);
	case XEN_UPDATE_MAPPING:
		return update_mapping(m, a[0], a[1], a[2]);
	case XEN_SET_TIMER:
		xen->single = a[0];
		return 0;
	case XEN_VERSION:
		return 4 << 16 | 17;
	case XEN_CONSOLE:
		return console(m, a[0], a[1], a[2]);
	case XEN_VCPU:
		return vcpu(m, a[0], a[2]);
	case XEN_SEGMENT_BASE:
		return segment_base(m, a[0], a[1]);
	case XEN_MMU_EXTENDED:
		return a[3] == XEN_SELF ? extended_list(m, a[0], a[1]) : -FORBIDDEN;
	case XEN_SCHEDULE:
		return schedule(m, a[0], a[1]);
	case XEN_EVENT:
		return event(m, a[0], a[1]);
	case XEN_PHYSICAL:
		if (a[0] != XEN_SET_IOPL)
			return -NO_SUCH;
		xen->iopl = (unsigned)memory_read(m, a[1], 4) & 3;
		return 0;
	default:
		return -NO_SUCH;
	}
}

/* %rax, %r11, %rcx, flags, then what any return takes. */
static void return_to_guest(struct machine *m)
{
	uint64_t frame[9];

	for (unsigned n = 0; n < 9; n++)
		frame[n] = memory_read(m, m->reg[RSP] + n * 8, 8);
	m->reg[RAX] = frame[0];
	m->reg[R11] = frame[1];
	m->reg[RCX] = frame[2];
	m->rip = frame[4];
	m->cs = (uint16_t)(frame[5] | 3);
	m->rflags = (frame[6] & (CF | PF | ZF | SF | TF | DF | OF)) | IF | 2;
	m->reg[RSP] = frame[7];
	m->ss = (uint16_t)frame[8];
	shared(m)->vcpu[0].mask = !(frame[6] & IF);
}

void xen_hypercall(struct machine *m)
{
	const uint64_t arguments[6] = {
		m->reg[RDI], m->reg[RSI], m->reg[RDX], m->reg[R10], m->reg[R8], m->reg[R9]};
	uint64_t number = m->reg[RAX];

	m->count[COUNT_CALL]++;
	m->xen->check = true;
	if (number == XEN_IRET) {
		return_to_guest(m);
		return;
	}
	m->reg[RAX] = (uint64_t)call(m, number, arguments);
	m->reg[RDI] = m->reg[RSI] = m->reg[RDX] = m->reg[R10] = m->reg[R8] = POISON;
}

bool xen_ports(struct machine *m)
{
	return m->xen->iopl >= 1;
}

/* ---- boot ---- */

/* Pages as the guest counts them, to where they are in the machine. */
static void scatter(struct machine *m)
{
	uint8_t *before = malloc(RAM_SIZE);

	if (!before)
		abort();
	memcpy(before, m->ram, RAM_SIZE);
	for (uint64_t page = 0; page < RAM_FRAMES; page++)
		memcpy(m->ram + machine_frame(page) * PAGE, before + page * PAGE, PAGE);
	free(before);
}

static void put64(struct machine *m, uint64_t page, uint64_t offset, uint64_t value)
{
	physical_write(m, machine_frame(page + offset / PAGE) * PAGE + offset % PAGE, value);
}

static void write_hypercall_page(struct machine *m, uint64_t page)
{
	/* push %rcx; push %r11; mov $n,%eax; syscall; pop %r11; pop %rcx; ret */
	static const uint8_t code[] = {0x51, 0x41, 0x53, 0xb8, 0, 0, 0, 0, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3};
	/* push %rcx; push %r11; push %rax; mov $23,%eax; syscall */
	static const uint8_t back[] = {0x51, 0x41, 0x53, 0x50, 0xb8, XEN_IRET, 0, 0, 0, 0x0f, 0x05};
	uint8_t *to = m->ram + machine_frame(page >> PAGE_SHIFT) * PAGE;

	for (unsigned n = 0; n < PAGE / 32; n++) {
		memcpy(to + n * 32, code, sizeof(code));
		to[n * 32 + 4] = (uint8_t)n;
	}
	memcpy(to + XEN_IRET * 32, back, sizeof(back));
}

/* Which page is each machine frame? Shown at XEN_MACHINE_TO_PHYSICAL, read-only. */
static void write_list(struct machine *m)
{
	const uint64_t bits = ENTRY_P | ENTRY_U | ENTRY_A;

	for (uint64_t page = 0; page < RAM_FRAMES; page++)
		put64(m, LIST_PAGE, machine_frame(page) * 8, page < GUEST_PAGES ? page : ~UINT64_C(0));
	put64(m, TABLE_PAGE, 0, machine_frame(TABLE_PAGE + 1) << PAGE_SHIFT | bits);
	put64(m, TABLE_PAGE + 1, 0, machine_frame(TABLE_PAGE + 2) << PAGE_SHIFT | bits);
	for (uint64_t n = 0; n < 8; n++)
		put64(m, TABLE_PAGE + 2, n * 8, machine_frame(LIST_PAGE + n) << PAGE_SHIFT | bits);
}

/* Five tables from page `first` on, that map 4 MiB one to one; the tables themselves read-only. */
static void build_tables(struct machine *m, uint64_t first)
{
	const uint64_t bits = ENTRY_P | ENTRY_W | ENTRY_U | ENTRY_A | ENTRY_D;

	for (uint64_t n = 0; n < 5; n++)
		memset(m->ram + machine_frame(first + n) * PAGE, 0, PAGE);
	put64(m, first, 0, machine_frame(first + 1) << PAGE_SHIFT | bits);
	put64(m, first + 1, 0, machine_frame(first + 2) << PAGE_SHIFT | bits);
	put64(m, first + 2, 0, machine_frame(first + 3) << PAGE_SHIFT | bits);
	put64(m, first + 2, 8, machine_frame(first + 4) << PAGE_SHIFT | bits);
	for (uint64_t page = 0; page < MAPPED_PAGES; page++) {
		bool table = page >= first && page < first + 5;

		put64(m, first + 3, page * 8,
			machine_frame(page) << PAGE_SHIFT | (table ? bits & ~(uint64_t)ENTRY_W : bits));
	}
	m->cr3 = machine_frame(first) << PAGE_SHIFT;
	if (!get_table(m, machine_frame(first), 4) || !get_table(m, machine_frame(first), 4))
		machine_stop(m, "the first tables are wrong");
	m->xen->frames[machine_frame(first)].pinned = true;
}

static void write_start(struct machine *m, uint64_t page, uint64_t list, uint64_t tables,
	const char *command_line)
{
	struct xen_start start = {.magic = "xen-3.0-x86_64",
		.pages = GUEST_PAGES,
		.shared_info = machine_frame(SHARED_PAGE) << PAGE_SHIFT,
		.flags = 3, /* privileged, the first domain */
		.top_table = tables << PAGE_SHIFT,
		.table_frames = 5,
		.frame_list = list << PAGE_SHIFT};

	snprintf(start.command_line, sizeof(start.command_line), "%s", command_line);
	memcpy(m->ram + machine_frame(page) * PAGE, &start, sizeof(start));
	for (uint64_t n = 0; n < GUEST_PAGES; n++)
		put64(m, list, n * 8, machine_frame(n));
}

/* The order of Xen's domain builder: image, list of frames, start_info, tables, stack. */
void xen_boot(struct machine *m, uint64_t first_free, uint64_t entry, uint64_t hypercall_page,
	const char *command_line)
{
	uint64_t list = first_free >> PAGE_SHIFT, start = list + 6, tables = start + 1;
	struct xen_shared *page;

	m->xen = calloc(1, sizeof(*m->xen));
	if (!m->xen)
		abort();
	scatter(m);
	for (uint64_t n = 0; n < GUEST_PAGES; n++)
		m->xen->frames[machine_frame(n)].guest = true;
	write_hypercall_page(m, hypercall_page);
	write_list(m);
	write_start(m, start, list, tables, command_line);
	build_tables(m, tables);
	page = shared(m);
	page->vcpu[0].mask = 1;
	page->vcpu[0].time = (struct xen_time){2, 0, 0, 0, UINT32_C(1) << 31, 1, {0}};
	page->wall_version = 2;
	page->wall_seconds = (uint32_t)BOOT_SECONDS;
	m->cs = KERNEL_CS;
	m->ss = KERNEL_SS;
	m->cr0 = BIT(0) | BIT(1) | BIT(4) | BIT(16) | BIT(31);
	m->cr4 = BIT(5);
	m->efer = 0xd01;
	m->dr[6] = 0xffff0ff0;
	m->dr[7] = 0x400;
	m->rflags = IF | 2;
	m->rip = entry;
	m->reg[RSI] = start << PAGE_SHIFT;
	m->reg[RSP] = (tables + 6) << PAGE_SHIFT;
}

void xen_free(struct machine *m)
{
	free(m->xen);
	m->xen = NULL;
}
