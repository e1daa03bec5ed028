/* Traps on i386. */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/system.h>
#include <asm/desc.h>

static struct desc_ptr idt_descr = { 8 * 256 - 1, 0 };

static void die(const char *what, long err)
{
	printk(KERN_INFO "%s: %04lx\n", what, err & 0xffff);
	panic("Fatal exception");
}

void do_divide_error(long error_code)
{
	current->thread.error_code = error_code;
	current->thread.trap_no = 0;
	die("divide error", error_code);
}

void do_general_protection(long error_code)
{
	current->thread.error_code = error_code;
	current->thread.trap_no = 13;
	die("general protection fault", error_code);
}

void do_nmi(void)
{
	printk(KERN_INFO "NMI recieved.\n");
}

void math_state_restore(void)
{
	clts();
}

void trap_init(void)
{
	set_trap_gate(0, &do_divide_error);
	set_trap_gate(13, &do_general_protection);
	load_idt(&idt_descr);
}
