/* More than one processor. */
#include <linux/kernel.h>
#include <asm/system.h>

int num_processors = CONFIG_NR_CPUS;

void smp_send_stop(void)
{
	local_irq_disable();
	num_processors = 1;
	local_irq_enable();
}
