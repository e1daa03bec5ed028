#ifndef _I386_DESC_H
#define _I386_DESC_H

#include <asm/processor.h>

struct desc_ptr {
	unsigned short size;
	unsigned long address;
} __attribute__((packed));

void set_ldt(const void *addr, unsigned int entries);
void set_trap_gate(unsigned int n, void *addr);

#define load_idt(dtr) __asm__ __volatile__("lidt %0"::"m" (*(dtr)))
#define load_gdt(dtr) __asm__ __volatile__("lgdt %0"::"m" (*(dtr)))

#endif
