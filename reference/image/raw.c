/* Looking at the CPU by plain instructions: in ring 0 they do what they say, and a hypervisor that lets
 * them trap answers for its guest. Either way it is not the way that the operations take. */
#include "image/platform.h"

enum { MONITOR = 0x5b0 };

uint64_t monitor_count(unsigned effect)
{
	uint32_t low, high;

	__asm__ volatile("outl %0,%1" : : "a"(effect), "d"((uint16_t)MONITOR));
	__asm__ volatile("inl %1,%0" : "=a"(low) : "d"((uint16_t)MONITOR));
	__asm__ volatile("inl %1,%0" : "=a"(high) : "d"((uint16_t)(MONITOR + 4)));
	return (uint64_t)high << 32 | low;
}

bool monitor_present(void)
{
	return (uint32_t)monitor_count(EFFECT_SIGNATURE) == SUITE_SIGNATURE;
}

uint64_t raw_cr(unsigned n)
{
	uint64_t value = 0;

	if (n == 0)
		__asm__ volatile("movq %%cr0,%0" : "=r"(value));
	else if (n == 2)
		__asm__ volatile("movq %%cr2,%0" : "=r"(value));
	else if (n == 4)
		__asm__ volatile("movq %%cr4,%0" : "=r"(value));
	return value;
}

uint64_t raw_cr8(void)
{
	uint64_t value;

	__asm__ volatile("movq %%cr8,%0" : "=r"(value));
	return value;
}

uint64_t raw_debug(unsigned n)
{
	uint64_t value = 0;

	if (n == 0)
		__asm__ volatile("movq %%db0,%0" : "=r"(value));
	else if (n == 1)
		__asm__ volatile("movq %%db1,%0" : "=r"(value));
	else if (n == 2)
		__asm__ volatile("movq %%db2,%0" : "=r"(value));
	else if (n == 3)
		__asm__ volatile("movq %%db3,%0" : "=r"(value));
	else if (n == 6)
		__asm__ volatile("movq %%db6,%0" : "=r"(value));
	else if (n == 7)
		__asm__ volatile("movq %%db7,%0" : "=r"(value));
	return value;
}

uint64_t raw_msr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

void raw_gdt(struct pv_table *table)
{
	__asm__ volatile("sgdt %0" : "=m"(*table));
}

void raw_idt(struct pv_table *table)
{
	__asm__ volatile("sidt %0" : "=m"(*table));
}

uint16_t raw_tr(void)
{
	uint16_t selector;

	__asm__ volatile("str %0" : "=r"(selector));
	return selector;
}
