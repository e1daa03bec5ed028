/* Tables and pages for the tests of paging. All tables that tests make hang below one entry of the top table, at TOP. */
#ifndef PV_SUITE_PAGING_H
#define PV_SUITE_PAGING_H

#include "suite/suite.h"

#define TOP UINT64_C(0x0000028000000000) /* entry 5 of the top table */
/* Pages of the suite's, by use. */
enum { TOP_ENTRY = 5, PTE, PMD, PUD, DATA_A = 10, DATA_B, DATA_C, PGD, OTHER };

struct tables {
	pgd_t *pgd;
	pud_t *pud;
	pmd_t *pmd;
	pte_t *pte;
};

/* The tables for TOP, linked into the top table in use; they exist from the first call on. */
const struct tables *tables(void);

static inline uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

static inline uint64_t frame(const void *page)
{
	return address(page) >> PV_PAGE_SHIFT;
}

pgd_t *top_table(void);
pte_t entry_for(const void *page, uint64_t bits);

/* A page of data whose first word, DATA_WORD(n), tells it from others. */
#define DATA_WORD(n) (UINT64_C(0x1000) + (n))
void *data(unsigned n);

/* Maps `page` as page `n` of TOP; returns its address. */
uint64_t map(unsigned n, const void *page, uint64_t bits);
void unmap(unsigned n);
bool reads(uint64_t at, uint64_t wanted);
bool faults(uint64_t at);

/* What the tables under `pgd` say of an address, read as the walker does; 0: nothing. */
uint64_t walk(const pgd_t *pgd, uint64_t at);
/* They map this code one to one. */
bool maps_code(const pgd_t *pgd);

#endif
