/* Processes on i386: idling and switching. */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/system.h>
#include <asm/processor.h>
#include <asm/desc.h>

struct tss_struct init_tss;

void default_idle(void)
{
	local_irq_disable();
	safe_halt();
}

void cpu_idle_wait(void)
{
	schedule();
}

void cpu_idle(void)
{
	for (;;) {
		default_idle();
		schedule();
	}
}

struct task_struct *__switch_to(struct task_struct *prev, struct task_struct *next)
{
	struct tss_struct *tss = &init_tss;

	load_esp0(tss, &next->thread);
	if (prev->mm != next->mm)
		load_cr3(next->mm->pgd);
	stts();
	return prev;
}

void flush_thread(struct task_struct *task)
{
	task->thread.trap_no = 0;
	task->thread.error_code = 0;
	clts();
}
