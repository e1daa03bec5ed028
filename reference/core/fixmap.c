/* See core/fixmap.h. */
#include "core/fixmap.h"

static pte_t ptes[PV_ENTRIES] __attribute__((aligned(PV_PAGE_SIZE)));
static pmd_t pmds[PV_ENTRIES] __attribute__((aligned(PV_PAGE_SIZE)));
static pud_t puds[PV_ENTRIES] __attribute__((aligned(PV_PAGE_SIZE)));
static bool ready;

static uint64_t index_of(unsigned shift)
{
	return (PV_FIXMAP >> shift) % PV_ENTRIES;
}

static uint64_t address_of(const void *table)
{
	return (uint64_t)(uintptr_t)table;
}

/* Links the tables from the lowest up: a table is told of before an entry points to it. */
static void make_tables(void)
{
	pv_alloc_pte(address_of(ptes) >> PV_PAGE_SHIFT);
	pv_alloc_pmd(address_of(pmds) >> PV_PAGE_SHIFT);
	pv_set_pmd(&pmds[index_of(21)], pv_make_pmd(address_of(ptes) | PV_TABLE));
	pv_alloc_pud(address_of(puds) >> PV_PAGE_SHIFT);
	pv_set_pud(&puds[index_of(30)], pv_make_pud(address_of(pmds) | PV_TABLE));
	ready = true;
}

pte_t *pv_fixmap_entry(unsigned slot)
{
	pgd_t *top = (pgd_t *)(uintptr_t)(pv_read_cr3() & PV_FRAME);
	pgd_t *entry = &top[index_of(39)];

	if (!ready)
		make_tables();
	if (!(pv_pgd_val(*entry) & PV_PRESENT)) {
		pv_set_pgd(entry, pv_make_pgd(address_of(puds) | PV_TABLE));
		pv_lazy_flush();
	}
	return &ptes[slot];
}
