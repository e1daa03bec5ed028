/* Tables and pages for the tests of paging. */
#include "suite/paging.h"

pgd_t *top_table(void)
{
	return (pgd_t *)(uintptr_t)(pv_read_cr3() & PV_FRAME);
}

const struct tables *tables(void)
{
	static struct tables made;

	if (made.pte)
		return &made;
	made.pgd = top_table();
	made.pte = suite_page(PTE);
	made.pmd = suite_page(PMD);
	made.pud = suite_page(PUD);
	pv_alloc_pte(frame(made.pte));
	pv_alloc_pmd(frame(made.pmd));
	pv_alloc_pud(frame(made.pud));
	pv_set_pmd(&made.pmd[0], pv_make_pmd(address(made.pte) | PV_TABLE));
	pv_set_pud(&made.pud[0], pv_make_pud(address(made.pmd) | PV_TABLE));
	pv_set_pgd(&made.pgd[TOP_ENTRY], pv_make_pgd(address(made.pud) | PV_TABLE));
	return &made;
}

pte_t entry_for(const void *page, uint64_t bits)
{
	return pv_make_pte(address(page) | bits | PV_PRESENT | PV_ACCESSED);
}

void *data(unsigned n)
{
	uint64_t *page = suite_page(n);

	page[0] = DATA_WORD(n);
	return page;
}

uint64_t map(unsigned n, const void *page, uint64_t bits)
{
	pv_set_pte(&tables()->pte[n], entry_for(page, bits));
	pv_flush_tlb_single(TOP + n * PV_PAGE_SIZE);
	return TOP + n * PV_PAGE_SIZE;
}

void unmap(unsigned n)
{
	pv_pte_clear(&tables()->pte[n]);
	pv_flush_tlb_single(TOP + n * PV_PAGE_SIZE);
}

bool reads(uint64_t at, uint64_t wanted)
{
	uint64_t value = 0;

	return suite_read(at, &value) && value == wanted;
}

bool faults(uint64_t at)
{
	uint64_t value;

	return !suite_read(at, &value);
}

uint64_t walk(const pgd_t *pgd, uint64_t at)
{
	const pud_t *pud;
	const pmd_t *pmd;
	const pte_t *pte;
	uint64_t entry = pv_pgd_val(pgd[at >> 39 & 511]);

	if (!(entry & PV_PRESENT))
		return 0;
	pud = (const pud_t *)(uintptr_t)(entry & PV_FRAME);
	entry = pv_pud_val(pud[at >> 30 & 511]);
	if (!(entry & PV_PRESENT))
		return 0;
	pmd = (const pmd_t *)(uintptr_t)(entry & PV_FRAME);
	entry = pv_pmd_val(pmd[at >> 21 & 511]);
	if (!(entry & PV_PRESENT))
		return 0;
	if (entry & PV_LARGE)
		return (entry & PV_FRAME & ~UINT64_C(0x1fffff)) | (at & 0x1fffff);
	pte = (const pte_t *)(uintptr_t)(entry & PV_FRAME);
	entry = pv_pte_val(pte[at >> 12 & 511]);
	return entry & PV_PRESENT ? (entry & PV_FRAME) | (at & 0xfff) : 0;
}

bool maps_code(const pgd_t *pgd)
{
	uint64_t here = address((const void *)(uintptr_t)walk);

	return walk(pgd, here) == here;
}
