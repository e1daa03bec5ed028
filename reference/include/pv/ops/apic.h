/* Operations of the local interrupt controller. Registers are byte offsets (SDM 3A table 10-1). Where
 * there is none, the backend keeps what these promise: ID, task priority, interrupts to oneself, EOI. */

/* returns: the register's 32 bits. ID (0x20), version (0x30) and task priority (0x80) can be read. */
PV_OP(apic, apic_read, C, uint32_t, (uint32_t reg), (reg), "apic.apic_read", "mov", "SDM 3A 10.4.1")

/* Writes a register. Task priority is kept; a fixed interrupt command (0x300) with the shorthand
 * "self" (bits 18-19 = 01) makes that vector pending on this CPU. */
PV_OP(apic, apic_write, C_VOID, void, (uint32_t reg, uint32_t value), (reg, value), "apic.apic_write", "mov",
	"SDM 3A 10.6.1")

/* Ends the handling of `vector` (32..255): the next interrupt of its rank may come in.
 * context: in its handler, interrupts off. native: the register 0x0b0, and the 8259A's for its lines */
PV_OP(apic, apic_eoi, C_VOID, void, (unsigned vector), (vector), "apic.apic_write", "mov", "SDM 3A 10.8.5")

/* Starts the boot CPU's periodic tick, `hz` (20..1000) a second, as vector PV_VECTOR_TICK;
 * 0 stops it. Leaves the interrupt flag as it is. */
PV_OP(apic, setup_boot_clock, C_VOID, void, (unsigned hz), (hz), "apic.setup_boot_clock", "out",
	"8254 data sheet")
