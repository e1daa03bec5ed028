/* The example's scheduler: one task after the other. */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/system.h>

#define TIMESLICE 10

struct task_struct *current_task;
static unsigned int ticks_left = TIMESLICE;
static unsigned long nr_switches;

void schedule(void)
{
	unsigned long flags;

	local_irq_save(flags);
	ticks_left = TIMESLICE;
	nr_switches++;
	local_irq_restore(flags);
}

void scheduler_tick(void)
{
	if (ticks_left)
		ticks_left--;
	if (!ticks_left)
		schedule();
}

void show_run_queue(void)
{
	printk(KERN_INFO "%lu switches\n", nr_switches);
}

static int task_is_idle(const struct task_struct *task)
{
	return task->pid == 0;
}

int can_steal(const struct task_struct *task)
{
	return !task_is_idle(task) && task->mm;
}

/* How many ticks a task gets when `load` tasks want the processor. */
unsigned int task_share(const struct task_struct *task, unsigned int load)
{
	unsigned int share = TIMESLICE;

	if (task_is_idle(task))
		return 0;
	if (load > 1)
		share /= load;

	/* Less than a tick is none at all. */
	if (!share)
		share = 1;
	return share;
}
