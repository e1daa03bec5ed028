/* A ROM in the style of VMware's of 2006: the hypervisor brings code for the guest's privileged operations, the
 * guest copies it where it likes, corrects its addresses and calls it. Of our own layout, for 64 bits.
 *
 * Calls take arguments as C does (%rdi, %rsi, %rdx), return in %rax and change nothing but %rax and flags. */
#ifndef PV_ROM_ABI_H
#define PV_ROM_ABI_H

#define ROM_SIGNATURE 0xaa55	  /* of any option ROM, at byte 0 */
#define ROM_MAGIC 0x696d5674	  /* "tVmi", at byte 8 */
#define ROM_VERSION 1
#define ROM_SIZE_MOST 0x4000
#define ROM_STEP 2048		  /* ROMs start at multiples of this */

/* What a call site should become. */
#define ROM_NONE 0   /* the ROM has no such call: native */
#define ROM_CALL 1   /* a call */
#define ROM_NOTHING 2 /* nothing to do on this hypervisor: no call at all */

/* X(number, operation): the numbers never change. */
#define ROM_CALLS(X) \
	X(0, save_fl) \
	X(1, restore_fl) \
	X(2, irq_disable) \
	X(3, irq_enable) \
	X(4, safe_halt) \
	X(5, halt) \
	X(6, iret) \
	X(7, clts) \
	X(8, read_cr0) \
	X(9, write_cr0) \
	X(10, read_cr2) \
	X(11, write_cr2) \
	X(12, read_cr3) \
	X(13, write_cr3) \
	X(14, read_cr4) \
	X(15, write_cr4) \
	X(16, load_gdt) \
	X(17, store_gdt) \
	X(18, load_idt) \
	X(19, store_idt) \
	X(20, load_tr_desc) \
	X(21, store_tr) \
	X(22, write_gdt_entry) \
	X(23, write_ldt_entry) \
	X(24, write_idt_entry) \
	X(25, read_msr) \
	X(26, write_msr) \
	X(27, read_tsc) \
	X(28, wbinvd) \
	X(29, io_delay) \
	X(30, set_iopl_mask) \
	X(31, apic_read) \
	X(32, apic_write) \
	X(33, flush_tlb_user) \
	X(34, flush_tlb_kernel) \
	X(35, flush_tlb_single) \
	X(36, set_pte) \
	X(37, set_pte_at) \
	X(38, set_pmd) \
	X(39, set_pud) \
	X(40, set_pgd) \
	X(41, pte_clear) \
	X(42, pmd_clear) \
	X(43, alloc_pte) \
	X(44, alloc_pmd) \
	X(45, alloc_pud) \
	X(46, release_pte) \
	X(47, release_pmd) \
	X(48, release_pud) \
	X(49, lazy_enter) \
	X(50, lazy_leave) \
	X(51, lazy_flush)
#define ROM_COUNT 52

#ifndef __ASSEMBLER__
#include <stdint.h>

struct rom_header {
	uint16_t signature;
	uint8_t blocks; /* of 512 bytes */
	uint8_t entry[5];
	uint32_t magic;
	uint16_t version;
	uint16_t calls;	      /* entries of the table */
	uint32_t table;	      /* offset of it: struct rom_call */
	uint32_t relocations; /* offset of a list of offsets: 8 bytes there grow by the address of the copy */
	uint32_t relocation_count;
	uint32_t name;	    /* offset of a text */
	uint32_t counter; /* offset of 8 bytes: calls done */
};

struct rom_call {
	uint32_t offset;
	uint32_t kind; /* ROM_CALL... */
};
#endif

#endif
