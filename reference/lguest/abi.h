/* A small hypervisor's interface in lguest's style: one shared page with the interrupt flag and a ring of calls
 * that may wait, one trap (int $0x1f) for calls that may not. Of our own numbering.
 *
 * The guest runs outside ring 0 and writes its own tables; the host works with copies and is told of each change.
 * A call in the ring is done, in order, before the next call that traps. */
#ifndef PV_LGUEST_ABI_H
#define PV_LGUEST_ABI_H

#include <stdint.h>

/* int $0x1f: number in %rax, arguments in %rdx, %rbx, %rcx; result in %rax; other registers stay. */
enum lguest_call {
	LGUEST_FLUSH_RING, /* does what waits, nothing more */
	LGUEST_SHUTDOWN,
	LGUEST_WRITE, /* text, length: to the console */
	LGUEST_HALT,  /* sleeps until an interrupt */
	LGUEST_TS,    /* sets or clears the task-switched flag */
	LGUEST_CR4,
	LGUEST_DEBUG,	  /* n, value */
	LGUEST_READ_MSR,  /* msr: result in the shared page's `value`; %rax: 0 or -1 */
	LGUEST_WRITE_MSR, /* msr, value */
	LGUEST_LOAD_GDT,  /* base, limit */
	LGUEST_GDT_ENTRY, /* n, descriptor */
	LGUEST_LOAD_LDT,  /* base, entries */
	LGUEST_LDT_ENTRY, /* n, descriptor */
	LGUEST_IDT_ENTRY, /* vector, address (0: none), 1: turns interrupts off */
	LGUEST_STACK,	  /* for entries from user mode */
	LGUEST_GS_SELECTOR,
	LGUEST_NEW_TABLE,  /* physical address of the top table */
	LGUEST_ENTRY,	   /* address of an entry that changed */
	LGUEST_TABLE_GONE, /* frame that is no table any more */
	LGUEST_FLUSH,	   /* ends all that the TLB kept */
	LGUEST_FLUSH_PAGE, /* address */
	LGUEST_TIMER,	   /* period in ns of the tick; 0: none */
	LGUEST_INTERRUPT,  /* vector: to oneself */
	LGUEST_LOOK,	   /* interrupts were turned on while some waited */
	LGUEST_SET_TIME,   /* seconds since 1970 */
	LGUEST_RETURN,	   /* %rax, then what any return takes, lie on the stack */
};
#define LGUEST_RETURN_NUMBER 25 /* the same for assembly, which knows no enumerators */

enum { LGUEST_RING = 64, LGUEST_TRAP = 0x1f, LGUEST_MAGIC = 0x4c475354 };

struct lguest_slot {
	uint64_t number;
	uint64_t argument[3];
};

struct lguest_shared {
	uint64_t interrupts_on; /* the guest's */
	uint64_t waiting;	/* the host's: an interrupt waits for the flag */
	uint64_t cr2;		/* the host's at a fault, then the guest's */
	uint64_t value;
	uint64_t khz;	   /* of the time-stamp counter */
	int64_t seconds;   /* since 1970, when the counter was 0 */
	uint64_t top_table; /* at the start; physical address */
	uint64_t memory_start, memory_end; /* usable bytes */
	char command_line[256];
	uint8_t used[LGUEST_RING]; /* the guest sets, the host clears */
	struct lguest_slot ring[LGUEST_RING];
};

#endif
