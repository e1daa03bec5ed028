#ifndef _I386_PGTABLE_H
#define _I386_PGTABLE_H

#include <asm/page.h>

struct mm_struct;

#define _PAGE_PRESENT 0x001
#define _PAGE_RW 0x002

#define set_pte(pteptr, pteval) (*(pteptr) = pteval)
#define set_pte_at(mm, addr, ptep, pteval) set_pte(ptep, pteval)

#define pte_present(x) (pte_val(x) & _PAGE_PRESENT)

static inline void pte_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	set_pte_at(mm, addr, ptep, __pte(0));
}

#endif
