/* Interrupts on i386. */
#include <linux/kernel.h>
#include <asm/system.h>

#define NR_IRQS 16

static void (*irq_action[NR_IRQS])(void);

int setup_irq(unsigned int irq, void (*action)(void))
{
	unsigned long flags;

	if (irq >= NR_IRQS)
		return -1;
	local_irq_save(flags);
	irq_action[irq] = action;
	local_irq_restore(flags);
	return 0;
}

void do_IRQ(unsigned int irq)
{
	if (irq < NR_IRQS && irq_action[irq])
		irq_action[irq]();
}

void init_IRQ(void)
{
	local_irq_disable();
}
