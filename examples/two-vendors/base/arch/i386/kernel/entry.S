/* Entry and exit of the example kernel. */

.text

ENTRY(resume_userspace)
	cli
	movl 8(%esp), %ecx
	testl %ecx, %ecx
	jne work_pending
	iret

ENTRY(work_pending)
	call schedule
	jmp resume_userspace

ENTRY(nmi)
	pushl %eax
	call do_nmi
	popl %eax
	iret
