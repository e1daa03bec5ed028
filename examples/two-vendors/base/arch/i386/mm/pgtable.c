/* Page tables. */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>

void set_pte_pfn(pte_t *pte, unsigned long vaddr, unsigned long pfn, unsigned long flags)
{
	set_pte(pte, __pte((pfn << PAGE_SHIFT) | flags));
	__flush_tlb_single(vaddr);
}

void show_mem_map(const pte_t *table, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (pte_present(table[i]))
			printk(KERN_INFO "%u: %08lx\n", i, pte_val(table[i]));
}
