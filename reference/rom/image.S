/* A ROM that forwards to bare metal: what a hypervisor's would do in its own way. A flat file, linked at 0. It
 * counts its calls, in memory of its own that it finds by an address that boot corrects. */
#include "rom/abi.h"

	/* counts in %rax, which any call may change */
	.macro entry name
	.balign 16
rom_\name:
	.byte 0x48, 0xb8 /* movabsq $counter, %rax */
9:	.quad counter
	.pushsection .relocations, "a"
	.long 9b
	.popsection
	incq (%rax)
	.endm

	.section .header, "ax"
	.word ROM_SIGNATURE
	.byte ROM_BLOCKS
	.byte 0xcb, 0, 0, 0, 0 /* far return: firmware that calls us finds nothing to do */
	.long ROM_MAGIC
	.word ROM_VERSION
	.word ROM_COUNT
	.long table
	.long relocations
	.long relocation_count
	.long name
	.long counter

	.text
	entry save_fl
	pushfq
	popq %rax
	ret
	entry restore_fl
	pushq %rdi
	popfq
	ret
	entry irq_disable
	cli
	ret
	entry irq_enable
	sti
	ret
	entry safe_halt
	sti
	hlt
	ret
	entry halt
	hlt
	ret
	.balign 16
rom_iret: /* is no call: every register belongs to what it returns to */
	iretq
	entry clts
	clts
	ret
	entry read_cr0
	movq %cr0, %rax
	ret
	entry write_cr0
	movq %rdi, %cr0
	ret
	entry read_cr2
	movq %cr2, %rax
	ret
	entry write_cr2
	movq %rdi, %cr2
	ret
	entry read_cr3
	movq %cr3, %rax
	ret
	entry write_cr3
	movq %rdi, %cr3
	ret
	entry read_cr4
	movq %cr4, %rax
	ret
	entry write_cr4
	movq %rdi, %cr4
	ret
	entry load_gdt
	lgdt (%rdi)
	ret
	entry store_gdt
	sgdt (%rdi)
	ret
	entry load_idt
	lidt (%rdi)
	ret
	entry store_idt
	sidt (%rdi)
	ret
	entry load_tr_desc
	ltr %di
	ret
	entry store_tr
	str %eax
	ret
	entry write_gdt_entry
	movl %esi, %eax
	movq %rdx, (%rdi,%rax,8)
	ret
	entry write_ldt_entry
	movl %esi, %eax
	movq %rdx, (%rdi,%rax,8)
	ret
	entry write_idt_entry
	pushq %rsi
	movl %esi, %esi
	shlq $4, %rsi
	movq 8(%rdx), %rax
	movq %rax, 8(%rdi,%rsi)
	movq (%rdx), %rax
	movq %rax, (%rdi,%rsi)
	popq %rsi
	ret
	entry read_msr
	pushq %rcx
	pushq %rdx
	movl %edi, %ecx
	rdmsr
	shlq $32, %rdx
	orq %rdx, %rax
	popq %rdx
	popq %rcx
	ret
	entry write_msr
	pushq %rcx
	pushq %rdx
	movl %edi, %ecx
	movl %esi, %eax
	movq %rsi, %rdx
	shrq $32, %rdx
	wrmsr
	popq %rdx
	popq %rcx
	ret
	entry read_tsc
	pushq %rdx
	rdtsc
	shlq $32, %rdx
	orq %rdx, %rax
	popq %rdx
	ret
	entry wbinvd
	wbinvd
	ret
	entry io_delay
	outb %al, $0x80
	ret
	entry set_iopl_mask
	pushq %rdi
	pushfq
	popq %rax
	andq $~0x3000, %rax
	andl $0x3000, %edi
	orq %rdi, %rax
	pushq %rax
	popfq
	popq %rdi
	ret
	entry apic_read
	movl $0xfee00000, %eax
	movl (%rax,%rdi), %eax
	ret
	entry apic_write
	movl $0xfee00000, %eax
	movl %esi, (%rax,%rdi)
	ret
	entry flush_tlb_user
	movq %cr3, %rax
	movq %rax, %cr3
	ret
	entry flush_tlb_kernel
	movq %cr4, %rax
	xorq $0x80, %rax
	movq %rax, %cr4
	xorq $0x80, %rax
	movq %rax, %cr4
	ret
	entry flush_tlb_single
	invlpg (%rdi)
	ret
	.irp level, pte, pmd, pud, pgd
	entry set_\level
	movq %rsi, (%rdi)
	ret
	.endr
	entry set_pte_at
	movq %rdx, (%rsi)
	ret
	entry pte_clear
	movq $0, (%rdi)
	ret
	entry pmd_clear
	movq $0, (%rdi)
	ret

	/* Bare metal need not be told of tables, and has nothing to wait with. */
	.set rom_alloc_pte, 0
	.set rom_alloc_pmd, 0
	.set rom_alloc_pud, 0
	.set rom_release_pte, 0
	.set rom_release_pmd, 0
	.set rom_release_pud, 0
	.set rom_lazy_enter, 0
	.set rom_lazy_leave, 0
	.set rom_lazy_flush, 0

	.section .rodata, "a"
	.balign 8
table:
#define CALL(number, operation) .long rom_##operation, (ROM_NOTHING - (number < 43));
	ROM_CALLS(CALL)
name:
	.asciz "ROM that forwards to bare metal"

	.data
	.balign 8
counter:
	.quad 0
	.section .note.GNU-stack, "", @progbits
