#ifndef _I386_PROCESSOR_H
#define _I386_PROCESSOR_H

#include <asm/page.h>

struct tss_struct {
	unsigned long esp0;
	unsigned short ss0, ss1;
	unsigned short io_bitmap_base;
};

struct thread_struct {
	unsigned long esp0;
	unsigned long eip;
	unsigned long cr2, trap_no, error_code;
};

#define load_cr3(pgdir) \
	asm volatile("movl %0,%%cr3": :"r" (__pa(pgdir)))

static inline void load_esp0(struct tss_struct *tss, struct thread_struct *thread)
{
	tss->esp0 = thread->esp0;
}

static inline void cpuid(int op, int *eax, int *ebx, int *ecx, int *edx)
{
	__asm__("cpuid"
		: "=a" (*eax), "=b" (*ebx), "=c" (*ecx), "=d" (*edx)
		: "0" (op));
}

#endif
