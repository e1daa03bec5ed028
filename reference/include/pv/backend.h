/* What a backend is, and how boot picks one. A new backend is one file and one line in core/backends.c. */
#ifndef PV_BACKEND_H
#define PV_BACKEND_H

#include "pv/ops.h"

struct pv_backend {
	const char *name; /* a word: "native" */

	/* Is this the platform that was booted on? Looks, changes nothing. */
	bool (*detect)(const struct pv_boot *boot);

	/* Its operations. A slot left NULL is the native backend's. */
	const struct pv_ops *ops;
};

extern const struct pv_backend native_backend; /* detects anything: the last of the list */
extern const struct pv_backend *const pv_backends[]; /* ends with NULL */

/* Picks the first backend that detects the platform, or the one named in the boot's command line as
 * backend=NAME, and fills pv_ops. Returns it; NULL when the one named does not exist or does not detect
 * the platform: then pv_ops is untouched. */
const struct pv_backend *pv_choose(const struct pv_boot *boot);

/* Fills pv_ops from `backend` alone, native in its gaps. */
void pv_use(const struct pv_backend *backend);

/* `slot` of a table of operations as an address; NULL where empty. */
void *pv_slot(const struct pv_ops *ops, unsigned id);

/* Vectors of interrupts. 0..31 are the CPU's exceptions. */
enum {
	PV_VECTOR_TICK = 0x20, /* of setup_boot_clock */
	PV_VECTOR_DEVICE = 0x20, /* 16 lines of the old controllers */
	PV_VECTOR_FREE = 0x40,   /* 0x40..0xef: for interrupts among CPUs */
	PV_VECTOR_SPURIOUS = 0xff,
};

/* Slots of the GDT that operations use (selector = slot * 8). */
enum {
	PV_GDT_TLS = 6,	 /* three */
	PV_GDT_LDT = 10, /* two: a system descriptor has 16 bytes in 64-bit mode */
	PV_GDT_TSS = 12, /* two */
	PV_GDT_SLOTS = 16,
};

/* Where set_fixmap's slots are mapped: 16 pages, 2 MiB aligned, an address no other use has. */
#define PV_FIXMAP UINT64_C(0x0000018000000000)
static inline uint64_t pv_fixmap(unsigned slot)
{
	return PV_FIXMAP + (uint64_t)slot * PV_PAGE_SIZE;
}

/* Entries from exceptions and interrupts (core/entry.c). */
typedef void pv_handler(struct pv_frame *frame);

/* Calls `handler` for `vector` from now on; NULL: pv_unhandled. Returns the one before. */
pv_handler *pv_handle(unsigned vector, pv_handler *handler);

/* Handles what nobody does: calls the platform's end with a message. Set by the platform. */
extern pv_handler *pv_unhandled;

/* Runs the handler of frame->vector: for a backend that has one entry for all its events. */
void pv_dispatch(struct pv_frame *frame);

/* An exception at an instruction that may fault (PV_FIX) goes on at its fix: false at any other. */
bool pv_fixed(struct pv_frame *frame);

/* Code address of the entry for `vector`, 0..255. */
uint64_t pv_entry(unsigned vector);

/* The entry of an event channel or the like: the frame has no vector; `handler` finds out. */
void pv_entry_event(void);
extern pv_handler *pv_event_handler;

/* An operation of convention KEEP written in C: `name` saves the registers around name_c. */
#define PV_KEEP(name) \
	__asm__(".pushsection .text\n\t.balign 16\n\t.globl " #name "\n\t.type " #name \
		", @function\n" #name ":\n\t" \
		"pushq %rcx\n\tpushq %rdx\n\tpushq %rsi\n\tpushq %rdi\n\t" \
		"pushq %r8\n\tpushq %r9\n\tpushq %r10\n\tpushq %r11\n\t" \
		"call " #name "_c\n\t" \
		"popq %r11\n\tpopq %r10\n\tpopq %r9\n\tpopq %r8\n\t" \
		"popq %rdi\n\tpopq %rsi\n\tpopq %rdx\n\tpopq %rcx\n\tret\n\t" \
		".size " #name ", .-" #name "\n\t.popsection");

/* Instructions that may fault: an exception at `fault` continues at `fix`. */
struct pv_fix {
	uint64_t fault;
	uint64_t fix;
};
#define PV_FIX(fault, fix) \
	".pushsection pv_fixes,\"a\"\n\t.balign 8\n\t.quad " fault "\n\t.quad " fix "\n\t.popsection\n\t"

/* Reads a word that may not be mapped: false, and *value as it was, where that faults. */
static inline bool pv_peek(const uint64_t *from, uint64_t *value)
{
	uint32_t ok = 0;
	uint64_t seen = *value;

	__asm__ volatile("1:\tmovq %2,%0\n\tmovl $1,%1\n2:\n\t" PV_FIX("1b", "2b")
			 : "+r"(seen), "+r"(ok)
			 : "m"(*from));
	*value = seen;
	return ok;
}

#endif
