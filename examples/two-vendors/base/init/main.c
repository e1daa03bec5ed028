/* Where the example starts. */
#include <linux/kernel.h>
#include <linux/sched.h>

void setup_arch(void);
void cpu_idle(void);

void start_kernel(void)
{
	setup_arch();
	printk(KERN_INFO "Example kernel\n");
	cpu_idle();
}
