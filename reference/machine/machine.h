/* A simulated machine in user space: one x86-64 CPU that interprets the image, page tables and TLB, the old
 * interrupt and timer chips, a local APIC; or, in their place, a simulated hypervisor.
 *
 * It is stricter than a real one: its TLB forgets nothing by itself, time is instructions, an instruction that
 * the image must not use stops it with a message. Deterministic: the same image gives the same run. All that the
 * image does stays within this struct: no pointer of the host can be reached from within. */
#ifndef MACHINE_H
#define MACHINE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	PAGE_SHIFT = 12,
	PAGE = 1 << PAGE_SHIFT,
	RAM_FRAMES = 4096, /* 16 MiB: the image needs less than 2 */
	RAM_SIZE = RAM_FRAMES * PAGE,
	TLB_SIZE = 1 << 11,
	CYCLES_OF_INSTRUCTION = 100, /* of a counter of 1 GHz */
	CYCLES_OF_PAUSE = 1000,
	CYCLES_OF_PORT = 1000, /* old devices are slow */
	TSC_KHZ = 1000000,
	TIMER_HZ = 1193182,
	PORTS = 1024,
};
#define BOOT_SECONDS INT64_C(1773360000) /* 2026-03-13 00:00 UTC: what the clock chip says at the start */

#define BIT(n) (UINT64_C(1) << (n))
#define FRAME_BITS UINT64_C(0x000ffffffffff000)
#define APIC_BASE UINT64_C(0xfee00000)

enum { ENTRY_P = 1, ENTRY_W = 2, ENTRY_U = 4, ENTRY_A = 0x20, ENTRY_D = 0x40, ENTRY_PS = 0x80, ENTRY_G = 0x100 };
enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11 };
enum { CF = 1, PF = 4, ZF = 0x40, SF = 0x80, TF = 0x100, IF = 0x200, DF = 0x400, OF = 0x800, IOPL = 0x3000 };
enum { VECTOR_UD = 6, VECTOR_TS = 10, VECTOR_NP = 11, VECTOR_GP = 13, VECTOR_PF = 14, NO_ERROR = -1 };
enum mode { MODE_BARE, MODE_XEN, MODE_LGUEST };
enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_EXECUTE };

struct table_register {
	uint16_t limit;
	uint64_t base;
};

struct tlb_entry {
	uint64_t page; /* linear page number + 1; 0: empty */
	uint64_t frame; /* byte address of the frame */
	bool write, user, execute, global, dirty;
};

struct timer {
	bool on;
	uint64_t period, next; /* cycles */
};

struct xen;
struct lguest;
struct watch;

struct machine {
	enum mode mode;
	uint8_t *ram;

	uint64_t reg[16], rip, rflags;
	uint64_t cr0, cr2, cr3, cr4, cr8, dr[8], efer;
	uint64_t fs_base, gs_base, kernel_gs_base;
	uint16_t cs, ds, es, fs, gs, ss, tr, ldt;
	struct table_register gdt, idt;
	struct table_register ldt_table; /* where `ldt` leads */
	bool interrupt_shadow; /* the instruction after sti */
	bool halted;
	struct tlb_entry tlb[TLB_SIZE];
	uint64_t code_page; /* whose bytes `code` are: page number + 1; 0: none */
	const uint8_t *code;

	uint64_t cycles, instructions;
	uint64_t count[32]; /* by suite_effect */
	uint16_t last_port;

	/* devices (devices.c) */
	struct {
		uint32_t irr[8], isr[8], spurious, priority;
	} apic;
	struct {
		uint8_t mask[2], base[2], step[2];
		bool request, service;
	} pic;
	struct {
		uint8_t write_low;
		bool half[3];
		uint16_t reload[3];
		uint64_t started; /* timer 2, in cycles */
		bool gate;
	} pit;
	struct {
		uint8_t index;
		uint8_t reg_b;
		int64_t offset; /* of the wall clock from BOOT_SECONDS + uptime */
		uint8_t set[10];
	} clock;
	uint32_t monitor;
	struct timer tick;
	bool powered_off;

	struct xen *xen;
	struct lguest *lguest;
	struct watch *watch; /* NULL: nobody is distrusted */

	/* an exception of the instruction under way goes back to the loop */
	jmp_buf fault;
	unsigned fault_vector;
	int64_t fault_error;
	uint64_t fault_rip;
	bool delivering;

	/* a defect put into one function of the image, to see whether the suite finds it */
	struct {
		uint64_t at; /* its address; 0: none */
		char kind;   /* 's' skips it, 'r' changes its result, 'h' harms what it is told of */
		uint64_t back, stack; /* where it returns to */
	} defect;

	FILE *out; /* of the serial line; NULL: nobody listens */
	uint64_t limit; /* instructions; then it is stopped */
	bool stopped;
	const char *why;
};

/* Ends the run: the image did what no machine allows, or the machine has no such thing. */
void machine_stop(struct machine *m, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* Runs until power off, a stop or the limit. */
void machine_run(struct machine *m);

/* An exception of the instruction under way. */
void cpu_fault(struct machine *m, unsigned vector, int64_t error) __attribute__((noreturn));

/* ---- memory.c: linear addresses, through tables and TLB ---- */
uint64_t memory_read(struct machine *m, uint64_t address, unsigned size);
void memory_write(struct machine *m, uint64_t address, uint64_t value, unsigned size);
uint8_t memory_fetch(struct machine *m, uint64_t address);
/* Read-modify-write: faults as a write before anything is read. */
uint64_t memory_read_for_write(struct machine *m, uint64_t address, unsigned size);
void memory_copy_in(struct machine *m, void *to, uint64_t address, size_t size);
void memory_copy_out(struct machine *m, uint64_t address, const void *from, size_t size);
/* Physical (machine) addresses: an address past memory stops the machine. */
uint64_t physical_read(struct machine *m, uint64_t address);
void physical_write(struct machine *m, uint64_t address, uint64_t value);
/* The entry of the lowest level for an address, without effects: 0 if there is none. */
uint64_t memory_entry(struct machine *m, uint64_t address);
void tlb_flush(struct machine *m, bool global_too);
void tlb_flush_page(struct machine *m, uint64_t address);

/* ---- cpu.c ---- */
void cpu_step(struct machine *m);

/* ---- system.c: what the CPU does beyond computing ---- */
/* A privileged instruction in ring 3: emulated by a hypervisor, or a fault. */
uint64_t system_read_cr(struct machine *m, unsigned n);
void system_write_cr(struct machine *m, unsigned n, uint64_t value);
uint64_t system_read_dr(struct machine *m, unsigned n);
void system_write_dr(struct machine *m, unsigned n, uint64_t value);
uint64_t system_read_msr(struct machine *m, uint32_t msr);
void system_write_msr(struct machine *m, uint32_t msr, uint64_t value);
void system_cpuid(struct machine *m);
uint64_t system_rdtsc(struct machine *m);
uint64_t system_rdpmc(struct machine *m);
void system_set_if(struct machine *m, bool on);
void system_popf(struct machine *m, uint64_t flags);
void system_halt(struct machine *m);
void system_table(struct machine *m, unsigned which, uint64_t address); /* 0F 01 /0../3 */
void system_segment(struct machine *m, unsigned which, uint16_t selector); /* 0F 00 /2, /3 */
uint16_t system_store_segment(struct machine *m, unsigned which);
void system_load_sreg(struct machine *m, unsigned which, uint16_t selector);
bool system_limit(struct machine *m, uint16_t selector, uint32_t *limit);
void system_privileged(struct machine *m); /* clts, wbinvd, invlpg, swapgs: ring 0 alone */
void system_iret(struct machine *m);
void system_software_interrupt(struct machine *m, unsigned vector);
void system_syscall(struct machine *m);
uint32_t system_in(struct machine *m, uint16_t port, unsigned size);
void system_out(struct machine *m, uint16_t port, uint32_t value, unsigned size);
/* Enters the handler of a vector as the machine or its hypervisor does. */
void system_deliver(struct machine *m, unsigned vector, int64_t error);
bool canonical(uint64_t address);

/* ---- devices.c ---- */
uint32_t device_in(struct machine *m, uint16_t port, unsigned size);
void device_out(struct machine *m, uint16_t port, uint32_t value, unsigned size);
uint32_t apic_read(struct machine *m, uint32_t reg);
void apic_write(struct machine *m, uint32_t reg, uint32_t value);
/* The vector that may come in now, taken from its controller; -1: none. */
int device_interrupt(struct machine *m);
bool device_interrupt_waits(struct machine *m);
/* Timers up to now. */
void device_tick(struct machine *m);
uint64_t device_monitor(struct machine *m, unsigned effect);
int64_t device_seconds(struct machine *m);

/* ---- hypervisors ---- */
void xen_boot(struct machine *m, uint64_t first_free, uint64_t entry, uint64_t hypercall_page,
	const char *command_line);
void xen_hypercall(struct machine *m);
void xen_deliver(struct machine *m, unsigned vector, int64_t error);
void xen_events(struct machine *m);
void xen_timer(struct machine *m);
bool xen_descriptor(struct machine *m, uint16_t selector, uint64_t *descriptor);
bool xen_ports(struct machine *m); /* the guest's kernel may use ports */
void xen_free(struct machine *m);

void lguest_boot(struct machine *m, const char *command_line);
void lguest_hypercall(struct machine *m);
void lguest_deliver(struct machine *m, unsigned vector, int64_t error);
void lguest_events(struct machine *m);
void lguest_timer(struct machine *m);
uint64_t lguest_table_read(struct machine *m, uint64_t where);
void lguest_table_write(struct machine *m, uint64_t where, uint64_t value);
bool lguest_descriptor(struct machine *m, uint16_t selector, uint64_t *descriptor);
uint64_t lguest_monitor(struct machine *m, unsigned effect);
void lguest_free(struct machine *m);

/* ---- load.c ---- */
/* The image's segments into memory at their addresses; *end is the first address after. */
bool load_image(struct machine *m, const char *path, uint64_t *end, const char **error);
uint64_t load_symbol(const char *name); /* 0: the image has none */
bool load_bare(struct machine *m, uint64_t end, const char *command_line, const char *rom,
	const char **error);
void load_free(void);
/* The same, of what an object may use: global names of the interface (pv_..., native_...) and what compilers call by
 * themselves. Nothing of the suite. */
uint64_t load_exported(const char *name);
/* What may be called there: every such function's address, at most `most`; returns how many. */
size_t load_exports(uint64_t *out, size_t most);

/* ---- object.c: a vendor's backend ---- */
struct object;
/* The bytes alone; NULL with *error. */
struct object *object_read(const char *path, const char **error);
/* Into memory from *end on, as the first backend, watched. */
bool object_bind(struct machine *m, struct object *o, uint64_t *end, const char **error);
void object_free(struct object *o);

/* ---- watch.c: the suite, believed; an object, not ---- */
struct watched {
	uint64_t start, end; /* its memory */
	uint64_t backend;    /* its struct pv_backend */
};
bool watch_start(struct machine *m, const struct watched *what, const char **error);
void watch_step(struct machine *m); /* before each instruction */
void watch_call(struct machine *m, uint64_t back);
void watch_return(struct machine *m, uint64_t to);
void watch_interrupt(struct machine *m); /* before a handler is entered */
void watch_iret(struct machine *m);
void watch_write(struct machine *m, uint64_t physical, unsigned size);
/* Writes what the suite found out, in KTAP. Returns the exit status; 2 with *error: the object was not run. */
int watch_tell(struct machine *m, const char *only, const char **error);
void watch_free(struct machine *m);

/* lockdown.c: gives up everything but computing and writing to open files. */
bool machine_lock_down(void);

#endif
