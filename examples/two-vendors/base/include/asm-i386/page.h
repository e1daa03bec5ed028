#ifndef _I386_PAGE_H
#define _I386_PAGE_H

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_OFFSET 0xC0000000UL

typedef struct { unsigned long pte_low; } pte_t;
typedef struct { unsigned long pgd; } pgd_t;

#define pte_val(x) ((x).pte_low)
#define pgd_val(x) ((x).pgd)
#define __pte(x) ((pte_t) { (x) })
#define __pa(x) ((unsigned long)(x) - PAGE_OFFSET)

#endif
