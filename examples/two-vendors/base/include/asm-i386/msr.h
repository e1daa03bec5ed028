#ifndef _I386_MSR_H
#define _I386_MSR_H

#define rdmsr(msr, val1, val2) \
	__asm__ __volatile__("rdmsr" \
			  : "=a" (val1), "=d" (val2) \
			  : "c" (msr))

#define wrmsr(msr, val1, val2) \
	__asm__ __volatile__("wrmsr" \
			  : /* no outputs */ \
			  : "c" (msr), "a" (val1), "d" (val2))

#define rdtscll(val) \
	__asm__ __volatile__("rdtsc" : "=A" (val))

#endif
