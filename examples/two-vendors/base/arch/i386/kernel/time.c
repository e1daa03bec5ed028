/* Time on i386. */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/system.h>
#include <asm/msr.h>

unsigned long cpu_khz;
static unsigned long last_tick;

unsigned long get_cmos_time(void)
{
	return last_tick / CONFIG_HZ;
}

unsigned long long sched_clock(void)
{
	unsigned long long tsc;

	rdtscll(tsc);
	return tsc * 1000000ULL / cpu_khz;
}

void timer_interrupt(void)
{
	last_tick++;
	scheduler_tick();
}

void time_init(void)
{
	cpu_khz = 1000000;
	printk(KERN_INFO "Detected %lu kHz processor.\n", cpu_khz);
}
