/* What a 64-bit PV guest and Xen have agreed on: numbers and layouts of Xen's public interface (its headers
 * xen/include/public are the manual), in this project's words. */
#ifndef PV_XEN_ABI_H
#define PV_XEN_ABI_H

#include <stdint.h>

/* Hypercalls: number n is entered at hypercall page + 32 * n. */
enum xen_call {
	XEN_SET_TRAP_TABLE = 0,
	XEN_MMU_UPDATE = 1,
	XEN_SET_GDT = 2,
	XEN_STACK_SWITCH = 3,
	XEN_SET_CALLBACKS = 4,
	XEN_FPU_TASKSWITCH = 5,
	XEN_PLATFORM = 7,
	XEN_SET_DEBUG = 8,
	XEN_GET_DEBUG = 9,
	XEN_UPDATE_DESCRIPTOR = 10,
	XEN_MULTICALL = 13,
	XEN_UPDATE_MAPPING = 14,
	XEN_SET_TIMER = 15,
	XEN_VERSION = 17,
	XEN_CONSOLE = 18,
	XEN_IRET = 23,
	XEN_VCPU = 24,
	XEN_SEGMENT_BASE = 25,
	XEN_MMU_EXTENDED = 26,
	XEN_SCHEDULE = 29,
	XEN_EVENT = 32,
	XEN_PHYSICAL = 33,
};

#define XEN_SELF UINT64_C(0x7ff0) /* this domain */

/* XEN_SET_TRAP_TABLE: an array that ends with address 0. */
struct xen_trap {
	uint8_t vector;
	uint8_t flags; /* bits 0-1 DPL; bit 2 turns events off on entry */
	uint16_t selector;
	uint32_t pad;
	uint64_t address;
};
enum { XEN_TRAP_MASKS = 4 };

/* XEN_MMU_UPDATE: machine address of the entry, with the kind in its low bits. */
struct xen_update {
	uint64_t where;
	uint64_t value;
};
enum { XEN_UPDATE_KEEP_BITS = 2 /* accessed and dirty stay as they are */ };

/* XEN_MMU_EXTENDED */
struct xen_extended {
	uint32_t command;
	uint32_t pad;
	uint64_t first; /* a machine frame, or a linear address */
	uint64_t second;
};
enum {
	XEN_PIN_L4 = 3,
	XEN_UNPIN = 4,
	XEN_NEW_BASE = 5,
	XEN_TLB_FLUSH = 6,
	XEN_TLB_PAGE = 7,
	XEN_SET_LDT = 13,
};

/* XEN_UPDATE_MAPPING: what to do to the TLB. */
enum { XEN_FLUSH_NONE = 0, XEN_FLUSH_PAGE = 2 };

struct xen_multicall {
	uint64_t number;
	int64_t result;
	uint64_t argument[6];
};

enum {
	XEN_VCPU_DOWN = 2,
	XEN_VCPU_RUNSTATE = 5,
	XEN_VCPU_PERIODIC = 6,
	XEN_VCPU_PERIODIC_STOP = 7,
};
enum { XEN_BLOCK = 1, XEN_SHUTDOWN = 2, XEN_POLL = 3 };
enum { XEN_POWER_OFF = 0, XEN_REBOOT = 1, XEN_CRASH = 3 };
enum { XEN_BIND_VIRQ = 1, XEN_SEND = 4, XEN_BIND_IPI = 7, XEN_UNMASK = 9 };
enum { XEN_VIRQ_TIMER = 0 };
enum { XEN_BASE_FS = 0, XEN_BASE_GS_USER = 1, XEN_BASE_GS_KERNEL = 2, XEN_GS_SELECTOR = 3 };
enum { XEN_SET_IOPL = 6 };
enum { XEN_CONSOLE_WRITE = 0 };

struct xen_bind_virq {
	uint32_t virq, vcpu, port;
};
struct xen_bind_ipi {
	uint32_t vcpu, port;
};
struct xen_poll {
	const uint32_t *ports;
	uint32_t count;
	uint64_t until; /* 0: no end */
};
struct xen_runstate {
	int32_t state;
	uint64_t since;
	uint64_t time[4]; /* running, runnable, blocked, offline; nanoseconds */
};
struct xen_set_time {
	uint32_t command; /* 17: 32-bit seconds */
	uint32_t version; /* 0x03000000 */
	uint32_t seconds, nanoseconds;
	uint64_t system_time; /* at which it was that late */
	uint8_t pad[112];
};
enum { XEN_PLATFORM_SET_TIME = 17, XEN_PLATFORM_VERSION = 0x03000000 };

/* The page that both see. */
struct xen_time {
	uint32_t version; /* odd while it is being written */
	uint32_t pad0;
	uint64_t tsc;	  /* when the counter was this, */
	uint64_t system;  /* this many nanoseconds had passed */
	uint32_t multiply; /* nanoseconds = cycles << shift, times this, / 2^32 */
	int8_t shift;
	uint8_t pad1[3];
};
struct xen_vcpu {
	uint8_t pending;
	uint8_t mask; /* not 0: events wait */
	uint8_t pad0[6];
	uint64_t selector; /* bit n: word n of the pending events has news */
	uint64_t cr2;
	uint64_t pad1;
	struct xen_time time;
};
struct xen_shared {
	struct xen_vcpu vcpu[32];
	uint64_t pending[64];
	uint64_t masked[64];
	uint32_t wall_version;
	uint32_t wall_seconds;
	uint32_t wall_nanoseconds;
	uint32_t wall_seconds_high;
};
_Static_assert(sizeof(struct xen_vcpu) == 64, "layout of Xen");

/* What the domain builder leaves in %rsi. */
struct xen_start {
	char magic[32];
	uint64_t pages;
	uint64_t shared_info; /* machine address */
	uint32_t flags;
	uint64_t store_frame;
	uint32_t store_port;
	uint64_t console[2];
	uint64_t top_table; /* virtual addresses from here on */
	uint64_t table_frames;
	uint64_t frame_list; /* machine frame of each page */
	uint64_t module_start, module_length;
	char command_line[1024];
};
_Static_assert(__builtin_offsetof(struct xen_start, top_table) == 88, "layout of Xen");

/* Where Xen shows every guest which page each machine frame is. */
#define XEN_MACHINE_TO_PHYSICAL UINT64_C(0xffff800000000000)

/* Entries of a top table that are Xen's own. */
enum { XEN_FIRST_SLOT = 256, XEN_SLOTS = 16 };

#endif
