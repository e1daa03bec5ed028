/* Words of the interface: entries of page tables, descriptors, ranges, what boot tells.
 * Freestanding C17, for x86-64; the table alone for i386, too (ops.h). "SDM" is Intel's Software Developer's Manual. */
#ifndef PV_TYPES_H
#define PV_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Entries of the four levels, in the form that the page-table walker reads. On a hypervisor that
 * lets the guest see machine frames they hold machine frames: only make_* and *_val know. */
typedef struct {
	uint64_t v;
} pte_t;
typedef struct {
	uint64_t v;
} pmd_t;
typedef struct {
	uint64_t v;
} pud_t;
typedef struct {
	uint64_t v;
} pgd_t;

enum {
	PV_PAGE_SHIFT = 12,
	PV_PAGE_SIZE = 1 << PV_PAGE_SHIFT,
	PV_ENTRIES = 512, /* of a table, each level (SDM 3A 4.5) */
};

/* Bits of an entry (SDM 3A table 4-19). */
#define PV_PRESENT (UINT64_C(1) << 0)
#define PV_WRITE (UINT64_C(1) << 1)
#define PV_USER (UINT64_C(1) << 2)
#define PV_ACCESSED (UINT64_C(1) << 5)
#define PV_DIRTY (UINT64_C(1) << 6)
#define PV_LARGE (UINT64_C(1) << 7)
#define PV_GLOBAL (UINT64_C(1) << 8)
#define PV_NX (UINT64_C(1) << 63)
#define PV_FRAME UINT64_C(0x000ffffffffff000)
#define PV_TABLE (PV_PRESENT | PV_WRITE | PV_USER | PV_ACCESSED | PV_DIRTY)

#define PV_IF (UINT64_C(1) << 9) /* of RFLAGS (SDM 1 3.4.3) */
#define PV_CR0_TS (UINT64_C(1) << 3)
#define PV_CR4_TSD (UINT64_C(1) << 2)
#define PV_CR4_PGE (UINT64_C(1) << 7)

/* The operand of lgdt, lidt, sgdt, sidt in 64-bit mode (SDM 2A, LGDT). */
struct pv_table {
	uint16_t limit; /* last valid byte */
	uint64_t base;
} __attribute__((packed));

/* A gate of the interrupt table (SDM 3A figure 6-8). */
struct pv_gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t type; /* 0x8e interrupt gate, 0x8f trap gate, both present, DPL 0 */
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t zero;
};

/* [start, end), bytes of (pseudo-)physical memory. */
struct pv_range {
	uint64_t start;
	uint64_t end;
};

enum pv_entry {
	PV_ENTRY_BARE,   /* ring 0 of a machine, or what looks like one */
	PV_ENTRY_XEN,    /* Xen's PV protocol: `info` is its start_info */
	PV_ENTRY_LGUEST, /* lguest-style: `info` is the page shared with the host */
};

/* What the boot path knows before any operation can be used. Everything is mapped one to one:
 * address == (pseudo-)physical address, for the image, its page tables and what is listed here. */
struct pv_boot {
	enum pv_entry entry;
	void *info;
	const char *command_line; /* never NULL */
	struct pv_range memory[8]; /* usable, page aligned, ascending; empty where the backend knows */
	unsigned memory_ranges;
	struct pv_range rom[2]; /* where a ROM may lie; empty ranges are skipped */
	volatile uint32_t *apic; /* the local APIC's registers; NULL: none */
};

/* What entry code leaves on the stack for a handler, and takes from it again. */
struct pv_frame {
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector;
	uint64_t error;
	uint64_t rip, cs, rflags, rsp, ss; /* as the CPU pushes them (SDM 3A figure 6-9) */
};

#endif
