/* The native machine. */
#include <asm/machine_ops.h>

static unsigned long native_save_fl(void)
{
	unsigned long flags;
	asm volatile("pushfl ; popl %0" : "=g" (flags));
	return flags;
}

static void native_restore_fl(unsigned long flags)
{
	asm volatile("pushl %0 ; popfl" : : "g" (flags) : "memory", "cc");
}

static void native_safe_halt(void)
{
	asm volatile("sti; hlt" : : : "memory");
}

static int native_write_msr(unsigned int msr, unsigned long long value)
{
	asm volatile("wrmsr" : : "c" (msr), "A" (value));
	return 0;
}

struct machine_ops machine_ops = {
	.save_fl = native_save_fl,
	.restore_fl = native_restore_fl,
	.irq_disable = native_irq_disable,
	.irq_enable = native_irq_enable,
	.safe_halt = native_safe_halt,
	.write_cr3 = native_write_cr3,
	.write_msr = native_write_msr,
};
