/* Setting up the machine. */
#include <linux/kernel.h>
#include <asm/system.h>
#include <asm/processor.h>
#include <asm/desc.h>

void trap_init(void);
void time_init(void);
void init_IRQ(void);
void paging_init(void);

static struct desc_ptr gdt_descr;

static void identify_cpu(void)
{
	int eax, ebx, ecx, edx;

	cpuid(0, &eax, &ebx, &ecx, &edx);
	printk(KERN_INFO "CPU: level %d\n", eax);
}

void machine_halt(void)
{
	local_irq_disable();
	halt();
}

void setup_arch(void)
{
	load_gdt(&gdt_descr);
	identify_cpu();
	paging_init();
	trap_init();
	init_IRQ();
	time_init();
}
