/* Operations on interrupts. The flag is this CPU's; what stands behind it is the backend's: bit 9 of
 * RFLAGS, a byte shared with a hypervisor. Those marked KEEP change rax and flags, nothing else. */

/* Makes interrupts possible: controllers set up, all device lines masked, vectors below.
 * Leaves the flag as it is. context: boot, after load_idt. */
PV_OP(irq, init_IRQ, C_VOID, void, (void), (), "irq.init_IRQ", "out", "8259A data sheet")

/* returns: PV_IF set if interrupts are on. Other bits mean nothing.  context: any. */
PV_OP(irq, save_fl, KEEP, uint64_t, (void), (), "irq.save_fl", "pushfq; popq %rax", "SDM 2B PUSHF")

/* Puts the flag back to what save_fl returned: PV_IF counts, other bits are the native backend's
 * to restore. What is pending and now allowed comes in before or at the next operation. */
PV_OP(irq, restore_fl, KEEP_VOID, void, (uint64_t flags), (flags), "irq.restore_fl", "pushq %rdi; popfq",
	"SDM 2B POPF")

/* Interrupts are off when it returns; nesting is the caller's (save_fl). */
PV_OP(irq, irq_disable, KEEP_VOID, void, (void), (), "irq.irq_disable", "cli", "SDM 2A CLI")

/* Interrupts are on when it returns; what was pending has come in or comes in at once. */
PV_OP(irq, irq_enable, KEEP_VOID, void, (void), (), "irq.irq_enable", "sti", "SDM 2B STI")

/* Turns interrupts on and sleeps, as one step: an interrupt that is pending or arrives between
 * the two wakes it. Returns after an interrupt was handled, with interrupts on. */
PV_OP(irq, safe_halt, C_VOID, void, (void), (), "irq.safe_halt", "sti; hlt", "SDM 2B STI, 2A HLT")

/* Sleeps until an interrupt if they are on. If they are off, it is the CPU's end: on bare metal only
 * a non-maskable one wakes it. Leaves the flag as it is. */
PV_OP(irq, halt, C_VOID, void, (void), (), "irq.halt", "hlt", "SDM 2A HLT")

/* Called first in every entry from the IDT: makes the stack look as the CPU leaves it, whatever a
 * hypervisor pushed on top. Not callable from C; keeps every register but what it pops. */
PV_OP(irq, adjust_exception_frame, JUMP, void, (void), (), "irq.adjust_exception_frame", "", "SDM 3A 6.14")
