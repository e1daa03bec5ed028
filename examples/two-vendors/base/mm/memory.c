/* Memory that does not know the machine. */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/pgtable.h>

void zap_pte(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	if (pte_present(*ptep))
		pte_clear(mm, addr, ptep);
}
