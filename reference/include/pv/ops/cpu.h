/* Operations on the CPU's registers and tables. */

/* *eax and *ecx in; all four out (the upper halves of the registers are nobody's). */
PV_OP(cpu, cpuid, C_VOID, void, (uint32_t *eax, uint32_t *ebx, uint32_t *ecx, uint32_t *edx),
	(eax, ebx, ecx, edx), "cpu.cpuid", "cpuid", "SDM 2A CPUID")

/* returns: the register's 64 bits. The register exists: else an exception. */
PV_OP(cpu, read_msr, C, uint64_t, (uint32_t msr), (msr), "cpu.read_msr", "rdmsr", "SDM 2B RDMSR")

/* Writes all 64 bits. The register exists and takes the value: else an exception. */
PV_OP(cpu, write_msr, C_VOID, void, (uint32_t msr, uint64_t value), (msr, value), "cpu.write_msr", "wrmsr",
	"SDM 2C WRMSR")

/* As read_msr; *error is 0, or -1 where the register does not exist, and then it returns 0. */
PV_OP(cpu, read_msr_safe, C, uint64_t, (uint32_t msr, int *error), (msr, error),
	"cpu.read_msr_safe", "rdmsr", "SDM 2B RDMSR")

/* returns: 0, or -1 where the register does not exist or refuses the value. */
PV_OP(cpu, write_msr_safe, C, int, (uint32_t msr, uint64_t value), (msr, value),
	"cpu.write_msr_safe", "wrmsr", "SDM 2C WRMSR")

/* returns: cycles, 64 bits; does not run backwards on one CPU. For time use sched_clock. */
PV_OP(cpu, read_tsc, C, uint64_t, (void), (), "cpu.read_tsc", "rdtsc", "SDM 2B RDTSC")

/* returns: performance counter `counter`; 0 where it does not exist. Never an exception. */
PV_OP(cpu, read_pmc, C, uint64_t, (unsigned counter), (counter), "cpu.read_pmc", "rdpmc",
	"SDM 2B RDPMC")

/* returns: debug register 0..3, 6 or 7. */
PV_OP(cpu, get_debugreg, C, uint64_t, (unsigned n), (n), "cpu.get_debugreg", "mov %db,%r",
	"SDM 3B 17.2")

/* Sets debug register 0..3, 6 or 7. The value is valid (addresses canonical, reserved bits right). */
PV_OP(cpu, set_debugreg, C_VOID, void, (unsigned n, uint64_t value), (n, value), "cpu.set_debugreg",
	"mov %r,%db", "SDM 3B 17.2")

/* The task-switched flag is clear when it returns: the FPU can be used without a fault. */
PV_OP(cpu, clts, C_VOID, void, (void), (), "cpu.clts", "clts", "SDM 2A CLTS")

/* returns: control register 0; PV_CR0_TS as clts and write_cr0 left it. */
PV_OP(cpu, read_cr0, C, uint64_t, (void), (), "cpu.read_cr0", "mov %cr0,%rax", "SDM 3A 2.5")

/* PV_CR0_TS takes the given value. The other bits were read by read_cr0: no backend need
 * change them. */
PV_OP(cpu, write_cr0, C_VOID, void, (uint64_t value), (value), "cpu.write_cr0", "mov %rdi,%cr0", "SDM 3A 2.5")

/* returns: control register 4, as far as the guest owns it. */
PV_OP(cpu, read_cr4, C, uint64_t, (void), (), "cpu.read_cr4", "mov %cr4,%rax", "SDM 3A 2.5")

/* PV_CR4_TSD takes the given value; others were read by read_cr4 before. */
PV_OP(cpu, write_cr4, C_VOID, void, (uint64_t value), (value), "cpu.write_cr4", "mov %rdi,%cr4", "SDM 3A 2.5")

/* returns: the task priority, 0..15, that write_cr8 set; 0 at the start. */
PV_OP(cpu, read_cr8, C, uint64_t, (void), (), "cpu.read_cr8", "mov %cr8,%rax", "SDM 3A 10.8.6")

/* Sets the task priority, 0..15. */
PV_OP(cpu, write_cr8, C_VOID, void, (uint64_t value), (value), "cpu.write_cr8", "mov %rdi,%cr8",
	"SDM 3A 10.8.6")

/* The task register holds `selector`, a free TSS of the loaded GDT. No effect where a hypervisor
 * keeps the task segment for itself. */
PV_OP(cpu, load_tr_desc, C_VOID, void, (uint16_t selector), (selector), "cpu.load_tr_desc", "ltr %di",
	"SDM 2A LTR")

/* returns: the selector that load_tr_desc loaded; 0 where a hypervisor keeps it. */
PV_OP(cpu, store_tr, C, uint16_t, (void), (), "cpu.store_tr", "str %eax", "SDM 2B STR")

/* Makes `table` the GDT. It lies on pages of its own, page aligned, at most 14 pages; a hypervisor
 * may make them read-only: write_gdt_entry from then on. The table operand may be forgotten. */
PV_OP(cpu, load_gdt, C_VOID, void, (const struct pv_table *table), (table), "cpu.load_gdt", "lgdt (%rdi)",
	"SDM 2A LGDT")

/* *table: what load_gdt was given last. */
PV_OP(cpu, store_gdt, C_VOID, void, (struct pv_table *table), (table), "cpu.store_gdt", "sgdt (%rdi)",
	"SDM 2B SGDT")

/* Makes `table` the interrupt table; its gates are in force from then on. */
PV_OP(cpu, load_idt, C_VOID, void, (const struct pv_table *table), (table), "cpu.load_idt", "lidt (%rdi)",
	"SDM 2A LIDT")

/* *table: what load_idt was given last. */
PV_OP(cpu, store_idt, C_VOID, void, (struct pv_table *table), (table), "cpu.store_idt", "sidt (%rdi)",
	"SDM 2B SIDT")

/* Makes `entries` descriptors at `table` (page aligned, from alloc_ldt) the local table; 0: none.
 * native: uses slot PV_GDT_LDT of the loaded GDT. */
PV_OP(cpu, set_ldt, C_VOID, void, (const uint64_t *table, unsigned entries), (table, entries), "cpu.set_ldt",
	"lldt %ax", "SDM 2A LLDT")

/* `table` (page aligned, `entries` of 8 bytes) will be a local table: from now on only
 * write_ldt_entry writes it. returns: false where the platform refuses. */
PV_OP(cpu, alloc_ldt, C, bool, (uint64_t *table, unsigned entries), (table, entries),
	"cpu.alloc_ldt", "", "")

/* Undoes alloc_ldt: `table` is plain memory again. It is not in use. */
PV_OP(cpu, free_ldt, C_VOID, void, (uint64_t *table, unsigned entries), (table, entries), "cpu.free_ldt", "",
	"")

/* The three thread-local segments at PV_GDT_TLS of the loaded GDT get these descriptors. */
PV_OP(cpu, load_tls, C_VOID, void, (const uint64_t *tls), (tls), "cpu.load_tls", "mov", "SDM 3A 3.5.1")

/* Loads the user's GS selector, keeping the kernel's GS base. A bad selector loads 0. */
PV_OP(cpu, load_gs_index, C_VOID, void, (unsigned selector), (selector), "cpu.load_gs_index",
	"swapgs; mov %edi,%gs; swapgs", "SDM 2B SWAPGS")

/* Entry `n` of the local table gets `descriptor`; its neighbours stay. The table is in use or not. */
PV_OP(cpu, write_ldt_entry, C_VOID, void, (uint64_t *table, unsigned n, uint64_t descriptor),
	(table, n, descriptor), "cpu.write_ldt_entry", "mov", "SDM 3A 3.5.1")

/* Entry `n` of a GDT gets `descriptor`; its neighbours stay. A hypervisor that keeps the system segments
 * for itself may leave out their descriptors. */
PV_OP(cpu, write_gdt_entry, C_VOID, void, (uint64_t *table, unsigned n, uint64_t descriptor),
	(table, n, descriptor), "cpu.write_gdt_entry", "mov", "SDM 3A 3.5.1")

/* Gate `n` of an interrupt table gets *gate; in force at once if that table is loaded. */
PV_OP(cpu, write_idt_entry, C_VOID, void, (struct pv_gate *table, unsigned n, const struct pv_gate *gate),
	(table, n, gate), "cpu.write_idt_entry", "mov", "SDM 3A 6.10")

/* The stack for entries from user mode starts at `sp0` (16-byte aligned).
 * native: a field of the loaded task segment. */
PV_OP(cpu, load_sp0, C_VOID, void, (uint64_t sp0), (sp0), "cpu.load_sp0", "mov", "SDM 3A 7.7")

/* The I/O privilege level takes bits 12-13 of `mask`; other bits of it are ignored. */
PV_OP(cpu, set_iopl_mask, C_VOID, void, (unsigned mask), (mask), "cpu.set_iopl_mask", "popfq", "SDM 1 3.4.3")

/* Caches are written back and empty, or memory is coherent without. Changes nothing visible. */
PV_OP(cpu, wbinvd, C_VOID, void, (void), (), "cpu.wbinvd", "wbinvd", "SDM 2C WBINVD")

/* Waits about a microsecond for slow devices, or not at all where there are none. */
PV_OP(cpu, io_delay, C_VOID, void, (void), (), "cpu.io_delay", "out %al,$0x80", "")

/* Exchanges the kernel's and the user's GS base. Twice, it changes nothing.  A hypervisor that does
 * it on entry by itself: no effect. */
PV_OP(cpu, swapgs, KEEP_VOID, void, (void), (), "cpu.swapgs", "swapgs", "SDM 2B SWAPGS")

/* Jumped to, never called: returns through the five words on the stack (rip, cs, rflags, rsp, ss),
 * the interrupt flag as in rflags. Not callable from C. */
PV_OP(cpu, iret, JUMP, void, (void), (), "cpu.iret", "iretq", "SDM 2A IRET")
