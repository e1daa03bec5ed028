/* Xen: paging. The tables hold machine frames, are read-only to the guest, and change by hypercall; in lazy
 * mode the changes are kept and go out together as one multicall. */
#include "xen/xen.h"

#include "core/fixmap.h"
#include "core/string.h"

enum { QUEUE = 64 };

static uint64_t pages;		    /* how many are ours */
static const uint64_t *frame_list; /* machine frame of each */
static uint64_t top;		    /* physical address of the top table in use */

static bool lazy;
static struct xen_update queue[QUEUE];
static unsigned queued;

uint64_t xen_machine_frame(uint64_t frame)
{
	return frame < pages ? frame_list[frame] : frame;
}

uint64_t xen_our_frame(uint64_t machine)
{
	const uint64_t *table = (const uint64_t *)(uintptr_t)XEN_MACHINE_TO_PHYSICAL;
	uint64_t frame = 0;

	/* a device's frame has no entry in Xen's table, or not even a page of it */
	if (!pv_peek(&table[machine], &frame))
		return machine;
	return frame < pages && frame_list[frame] == machine ? frame : machine;
}

int64_t xen_protect(uint64_t address, bool writable)
{
	uint64_t frame = xen_machine_frame(address >> PV_PAGE_SHIFT);
	uint64_t bits = PV_PRESENT | PV_USER | PV_ACCESSED | (writable ? PV_WRITE | PV_DIRTY : 0);

	pv_lazy_flush();
	return xen_call(XEN_UPDATE_MAPPING, address & ~(uint64_t)(PV_PAGE_SIZE - 1),
		frame << PV_PAGE_SHIFT | bits, XEN_FLUSH_PAGE, 0, 0);
}

/* The shared page is mapped over one of ours; from then on the flag exists. */
void xen_mmu_start(void)
{
	pages = xen_start->pages;
	frame_list = (const uint64_t *)(uintptr_t)xen_start->frame_list;
	top = xen_start->top_table;
	xen_must("shared page",
		xen_call(XEN_UPDATE_MAPPING, xen_pointer(&xen_shared),
			xen_start->shared_info | PV_PRESENT | PV_WRITE | PV_USER | PV_ACCESSED,
			XEN_FLUSH_PAGE, 0, 0));
}

/* ---- entries ---- */

static uint64_t to_machine(uint64_t value)
{
	if (!(value & PV_PRESENT))
		return value;
	return (value & ~PV_FRAME) |
	       xen_machine_frame((value & PV_FRAME) >> PV_PAGE_SHIFT) << PV_PAGE_SHIFT;
}

static uint64_t to_ours(uint64_t entry)
{
	if (!(entry & PV_PRESENT))
		return entry;
	return (entry & ~PV_FRAME) |
	       xen_our_frame((entry & PV_FRAME) >> PV_PAGE_SHIFT) << PV_PAGE_SHIFT;
}

#define LEVEL(level) \
	uint64_t xen_##level##_val_c(level##_t entry); \
	uint64_t xen_##level##_val_c(level##_t entry) \
	{ \
		return to_ours(entry.v); \
	} \
	PV_KEEP(xen_##level##_val) \
	level##_t xen_make_##level##_c(uint64_t value); \
	level##_t xen_make_##level##_c(uint64_t value) \
	{ \
		return (level##_t){to_machine(value)}; \
	} \
	PV_KEEP(xen_make_##level)
LEVEL(pte)
LEVEL(pmd)
LEVEL(pud)
LEVEL(pgd)

/* ---- changes ---- */

/* Sends what is queued, and one more request to the TLB or the base unless `then` is NULL: one multicall. */
static void send(const struct xen_extended *then)
{
	struct xen_multicall calls[2] = {{0}};
	unsigned n = 0;

	if (queued)
		calls[n++] = (struct xen_multicall){
			XEN_MMU_UPDATE, 0, {xen_pointer(queue), queued, 0, XEN_SELF, 0, 0}};
	if (then)
		calls[n++] = (struct xen_multicall){
			XEN_MMU_EXTENDED, 0, {xen_pointer(then), 1, 0, XEN_SELF, 0, 0}};
	if (!n)
		return;
	queued = 0;
	xen_must("multicall", xen_call(XEN_MULTICALL, xen_pointer(calls), n, 0, 0, 0));
	for (unsigned i = 0; i < n; i++)
		xen_must(calls[i].number == XEN_MMU_UPDATE ? "entries" : "tables", calls[i].result);
}

/* An interrupt may find the queue half written: entries are added with events off. */
static void update(const void *slot, uint64_t value, uint64_t kind)
{
	uint8_t mask = xen_vcpu()->mask;

	xen_vcpu()->mask = 1;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (queued == QUEUE)
		send(NULL);
	queue[queued++] = (struct xen_update){xen_machine_address(slot) | kind, value};
	if (!lazy)
		send(NULL);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	xen_vcpu()->mask = mask;
	if (!mask && xen_vcpu()->pending)
		xen_call(XEN_VERSION, 0, 0, 0, 0, 0);
}

#define SET(level) \
	void xen_set_##level##_c(level##_t *slot, level##_t entry); \
	void xen_set_##level##_c(level##_t *slot, level##_t entry) \
	{ \
		update(slot, entry.v, 0); \
	} \
	PV_KEEP(xen_set_##level)
SET(pte)
SET(pmd)
SET(pud)
SET(pgd)

void xen_set_pte_at(uint64_t address, pte_t *slot, pte_t entry)
{
	(void)address;
	update(slot, entry.v, 0);
}

void xen_pte_clear(pte_t *slot)
{
	update(slot, 0, 0);
}

void xen_pmd_clear(pmd_t *slot)
{
	update(slot, 0, 0);
}

/* The entry stays where it is; the commit keeps the walker's bits as it finds them then. */
pte_t xen_ptep_modify_prot_start(uint64_t address, pte_t *slot)
{
	(void)address;
	pv_lazy_flush();
	return *slot;
}

void xen_ptep_modify_prot_commit(uint64_t address, pte_t *slot, pte_t entry)
{
	(void)address;
	update(slot, entry.v, XEN_UPDATE_KEEP_BITS);
}

void xen_lazy_enter(void)
{
	lazy = true;
}

void xen_lazy_flush(void)
{
	send(NULL);
}

void xen_lazy_leave(void)
{
	lazy = false;
	send(NULL);
}

/* ---- tables ---- */

void xen_alloc_pte(uint64_t frame)
{
	xen_must("read-only table", xen_protect(frame << PV_PAGE_SHIFT, false));
}

void xen_release_pte(uint64_t frame)
{
	xen_must("writable table", xen_protect(frame << PV_PAGE_SHIFT, true));
}

/* A copy of the table in use without Xen's own entries: Xen puts them there when it checks the table. */
bool xen_pgd_alloc(pgd_t *pgd)
{
	pv_lazy_flush();
	memcpy(pgd, (const void *)(uintptr_t)top, PV_PAGE_SIZE);
	memset(pgd + XEN_FIRST_SLOT, 0, XEN_SLOTS * sizeof(*pgd));
	return xen_protect(xen_pointer(pgd), false) == 0;
}

void xen_pgd_free(pgd_t *pgd)
{
	xen_release_pte(xen_pointer(pgd) >> PV_PAGE_SHIFT);
}

static void extended(uint32_t command, uint64_t first)
{
	const struct xen_extended request = {command, 0, first, 0};

	send(&request);
}

void xen_activate_mm(pgd_t *pgd)
{
	extended(XEN_PIN_L4, xen_machine_frame(xen_pointer(pgd) >> PV_PAGE_SHIFT));
}

void xen_exit_mmap(pgd_t *pgd)
{
	extended(XEN_UNPIN, xen_machine_frame(xen_pointer(pgd) >> PV_PAGE_SHIFT));
}

uint64_t xen_read_cr3(void)
{
	return top;
}

void xen_write_cr3(uint64_t pgd)
{
	extended(XEN_NEW_BASE, xen_machine_frame(pgd >> PV_PAGE_SHIFT));
	top = pgd & PV_FRAME;
}

uint64_t xen_read_cr2_c(void);
uint64_t xen_read_cr2_c(void)
{
	return xen_vcpu()->cr2;
}
PV_KEEP(xen_read_cr2)

void xen_write_cr2(uint64_t address)
{
	xen_vcpu()->cr2 = address;
}

void xen_flush_tlb_user(void)
{
	extended(XEN_TLB_FLUSH, 0);
}

void xen_flush_tlb_single(uint64_t address)
{
	extended(XEN_TLB_PAGE, address);
}

void xen_set_fixmap(unsigned slot, uint64_t frame, uint64_t bits)
{
	uint64_t value = bits ? to_machine(frame << PV_PAGE_SHIFT | bits) : 0;

	(void)pv_fixmap_entry(slot); /* the tables exist */
	pv_lazy_flush();
	xen_must("fixed address", xen_call(XEN_UPDATE_MAPPING, pv_fixmap(slot), value,
					  XEN_FLUSH_PAGE, 0, 0));
}
