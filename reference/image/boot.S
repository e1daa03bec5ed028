/* Three ways in, one image: multiboot (32 bits, no paging), Xen PV (64 bits, Xen's tables) and 64 bits with
 * memory mapped one to one (a simulated machine). All end in image_main(magic, info). */

#define MULTIBOOT_MAGIC 0x1badb002
/* align modules, memory map wanted, addresses below (a 64-bit ELF file is not read by itself) */
#define MULTIBOOT_FLAGS 0x00010003
#define MULTIBOOT_BOOTED 0x2badb002
#define XEN_BOOTED 0x58656e21

	.section .boot, "ax"
	.balign 4
multiboot:
	.long MULTIBOOT_MAGIC
	.long MULTIBOOT_FLAGS
	.long -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
	.long multiboot
	.long image_load
	.long image_load_end
	.long image_end
	.long start32

	.code32
	.globl start32
start32:
	cli
	cmpl $MULTIBOOT_BOOTED, %eax
	jne 9f
	movl %eax, %ebp

	/* 4 GiB one to one in pages of 2 MiB: present, writable, user, large */
	movl $boot_pdpt + 7, boot_pgd
	movl $boot_pmds + 7, %eax
	movl $boot_pdpt, %edi
	movl $4, %ecx
1:	movl %eax, (%edi)
	addl $4096, %eax
	addl $8, %edi
	loop 1b
	movl $0x87, %eax
	movl $boot_pmds, %edi
	movl $2048, %ecx
2:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	loop 2b

	movl %cr4, %eax
	orl $0xa0, %eax /* PAE, global pages */
	movl %eax, %cr4
	movl $boot_pgd, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx /* EFER: long mode, NX */
	rdmsr
	orl $0x900, %eax
	wrmsr
	movl %cr0, %eax
	orl $0x80010000, %eax /* paging, write protection in ring 0 */
	andl $~0x4, %eax
	movl %eax, %cr0
	lgdt boot_gdt_table
	ljmp $8, $3f
9:	hlt
	jmp 9b

	.code64
3:	xorl %eax, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl %eax, %ss
	movl %ebp, %edi
	movl %ebx, %esi
	.globl start64
start64:
	movl $boot_stack_end, %esp
	xorl %ebp, %ebp
	call image_main
8:	hlt
	jmp 8b

	.globl start_xen
start_xen:
	cld
	movl $XEN_BOOTED, %edi
	movl $boot_stack_end, %esp
	xorl %ebp, %ebp
	call image_main
7:	hlt
	jmp 7b

	.balign 8
boot_gdt:
	.quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
boot_gdt_table:
	.word . - boot_gdt - 1
	.quad boot_gdt

	.bss
	.balign 4096
boot_pgd:
	.skip 4096
boot_pdpt:
	.skip 4096
boot_pmds:
	.skip 4 * 4096
	.skip 65536
boot_stack_end:

/* Xen's notes: name "Xen", types of its public ABI (elfnote: 1 entry, 2 hypercall page, 3 virtual base,
 * 4 physical offset, 5 version, 6 guest's name, 8 loader, 9 PAE mode). */
	.macro note type, value:vararg
	.balign 4
	.long 4, 2f - 1f, \type
	.asciz "Xen"
1:	\value
2:	.balign 4
	.endm

	.section .note.Xen, "a", @note
	note 6, .asciz "truce reference"
	note 5, .asciz "xen-3.0"
	note 1, .quad start_xen
	note 2, .quad xen_hypercall_page
	note 3, .quad 0
	note 4, .quad 0
	note 8, .asciz "generic"
	note 9, .asciz "yes"

	.section .note.GNU-stack, "", @progbits
