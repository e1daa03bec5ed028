#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H

#include <linux/types.h>
#include <asm/page.h>
#include <asm/processor.h>

struct mm_struct {
	pgd_t *pgd;
	int users;
};

struct task_struct {
	int pid;
	struct mm_struct *mm;
	struct thread_struct thread;
};

extern struct task_struct *current_task;
#define current current_task

void schedule(void);
void scheduler_tick(void);
unsigned long long sched_clock(void);
void cpu_idle_wait(void);
void show_run_queue(void);

#endif
