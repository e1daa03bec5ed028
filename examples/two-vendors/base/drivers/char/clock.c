/* A clock that reads the CMOS. */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/system.h>

unsigned long get_cmos_time(void);

unsigned long clock_read(void)
{
	unsigned long flags, now;

	local_irq_save(flags);
	now = get_cmos_time();
	local_irq_restore(flags);
	return now;
}
