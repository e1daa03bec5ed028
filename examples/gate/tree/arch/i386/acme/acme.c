/* The backend of Acme. */
#include <asm/machine_ops.h>

extern long ACME_CALL(int number, unsigned long argument);

#define ACME_SAVE_FL	1
#define ACME_RESTORE_FL 2
#define ACME_HALT	3
#define ACME_LOAD_CR3	4
#define ACME_SET_PTE	5

static unsigned long acme_flags;

static unsigned long acme_save_fl(void)
{
	return acme_flags;
}

static void acme_restore_fl(unsigned long flags)
{
	acme_flags = flags;
	ACME_CALL(ACME_RESTORE_FL, flags);
}

static void acme_irq_disable(void)
{
	acme_restore_fl(0);
}

static void acme_irq_enable(void)
{
	acme_restore_fl(0x200);
}

static void acme_safe_halt(void)
{
	ACME_CALL(ACME_HALT, 0x200);
}

static void acme_write_cr3(unsigned long pfn)
{
	ACME_CALL(ACME_LOAD_CR3, pfn);
}

static void acme_set_pte(pte_slot_t *ptep, pte_slot_t pteval)
{
	ACME_CALL(ACME_SET_PTE, (unsigned long)ptep);
	*ptep = pteval;
}

static struct machine_ops acme_ops = {
	.save_fl = acme_save_fl,
	.restore_fl = acme_restore_fl,
	.irq_disable = acme_irq_disable,
	.irq_enable = acme_irq_enable,
	.safe_halt = acme_safe_halt,
	.write_cr3 = acme_write_cr3,
	.set_pte = acme_set_pte,
};

void acme_init(void)
{
	machine_ops = acme_ops;
}
