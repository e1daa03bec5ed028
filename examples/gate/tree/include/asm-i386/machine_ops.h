#ifndef _I386_MACHINE_OPS_H
#define _I386_MACHINE_OPS_H

typedef struct { unsigned long pte_low; } pte_slot_t;

/* What a hypervisor may bring of its own. */
struct machine_ops {
	unsigned long (*save_fl)(void);
	void (*restore_fl)(unsigned long flags);
	void (*irq_disable)(void);
	void (*irq_enable)(void);
	void (*safe_halt)(void);
	void (*halt)(void);
	unsigned long (*read_cr3)(void);
	void (*write_cr3)(unsigned long pfn);
	void (*set_pte)(pte_slot_t *ptep, pte_slot_t pteval);
#ifdef CONFIG_X86_PAE
	void (*set_pte_atomic)(pte_slot_t *ptep, pte_slot_t pteval);
#endif
	int (*write_msr)(unsigned int msr, unsigned long long value);
	unsigned long long (*sched_clock)(void);
};

extern struct machine_ops machine_ops;

static inline void native_irq_disable(void)
{
	asm volatile("cli" : : : "memory");
}

static inline void native_irq_enable(void)
{
	asm volatile("sti" : : : "memory");
}

static inline void native_write_cr3(unsigned long pfn)
{
	asm volatile("movl %0,%%cr3" : : "r" (pfn));
}

static inline int machine_write_msr(unsigned int msr, unsigned long long value)
{
	return machine_ops.write_msr(msr, value);
}

#endif
