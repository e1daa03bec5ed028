/* Tests of paging. All tables that they make hang below one entry of the top table, at TOP. */
#include "core/string.h"
#include "suite/suite.h"

#define TOP UINT64_C(0x0000028000000000) /* entry 5 of the top table */
enum { TOP_ENTRY = 5, PTE, PMD, PUD, DATA_A = 10, DATA_B, DATA_C, PGD, OTHER };

struct tables {
	pgd_t *pgd;
	pud_t *pud;
	pmd_t *pmd;
	pte_t *pte;
};

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

static uint64_t frame(const void *page)
{
	return address(page) >> PV_PAGE_SHIFT;
}

static pgd_t *top_table(void)
{
	return (pgd_t *)(uintptr_t)(pv_read_cr3() & PV_FRAME);
}

/* The tables for TOP, linked into the top table in use; they exist from the first call on. */
static const struct tables *tables(void)
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

static pte_t entry_for(const void *page, uint64_t bits)
{
	return pv_make_pte(address(page) | bits | PV_PRESENT | PV_ACCESSED);
}

/* A page of data whose first word tells it from others. */
static void *data(unsigned n)
{
	uint64_t *page = suite_page(n);

	page[0] = 0x1000 + n;
	return page;
}

/* Maps `page` as page `n` of TOP. */
static uint64_t map(unsigned n, const void *page, uint64_t bits)
{
	pv_set_pte(&tables()->pte[n], entry_for(page, bits));
	pv_flush_tlb_single(TOP + n * PV_PAGE_SIZE);
	return TOP + n * PV_PAGE_SIZE;
}

static void unmap(unsigned n)
{
	pv_pte_clear(&tables()->pte[n]);
	pv_flush_tlb_single(TOP + n * PV_PAGE_SIZE);
}

static bool reads(uint64_t at, uint64_t wanted)
{
	uint64_t value = 0;

	return suite_read(at, &value) && value == wanted;
}

static bool faults(uint64_t at)
{
	uint64_t value;

	return !suite_read(at, &value);
}

/* What the tables under `pgd` say of an address, read as the walker does; 0: nothing. */
static uint64_t walk(const pgd_t *pgd, uint64_t at)
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

/* ---- control registers ---- */

static uint64_t fault_address;
static void note_fault(struct pv_frame *fault)
{
	fault_address = pv_read_cr2();
	if (!pv_fixed(fault))
		pv_unhandled(fault);
}

TEST(read_cr2, "in the handler of a page fault, the address that was touched")
{
	static const uint64_t places[] = {TOP + 0x1ff123, UINT64_C(0x7000000008), TOP + 0x1ff000};
	uint64_t value, seen[3];

	tables();
	pv_handle(14, note_fault);
	for (unsigned i = 0; i < 3; i++) {
		fault_address = 0;
		(void)suite_read(places[i], &value);
		seen[i] = fault_address;
	}
	pv_handle(14, NULL);
	CHECK(seen[0] == places[0] && seen[1] == places[1] && seen[2] == places[2]);
	return SUITE_OK;
}

TEST(read_cr2, "what write_cr2 set")
{
	pv_write_cr2(0x1234567);
	CHECK(pv_read_cr2() == 0x1234567);
	CHECK(pv_read_cr2() == 0x1234567);
	return SUITE_OK;
}

SUITE_KEEP_TEST(read_cr2, 1, 2)

TEST(write_cr2, "the register holds all 64 bits")
{
	pv_write_cr2(UINT64_C(0xffff812345678000));
	CHECK(pv_read_cr2() == UINT64_C(0xffff812345678000));
	if (suite_view->cr)
		CHECK(suite_view->cr(2) == UINT64_C(0xffff812345678000));
	return SUITE_OK;
}

TEST(write_cr2, "a fault after it replaces it")
{
	pv_write_cr2(0x5000);
	tables();
	CHECK(faults(TOP + 0x1fe000));
	CHECK(pv_read_cr2() == TOP + 0x1fe000);
	return SUITE_OK;
}

TEST(read_cr3, "is the top table that maps this code one to one")
{
	uint64_t here = address((const void *)(uintptr_t)walk);

	CHECK(pv_read_cr3() % PV_PAGE_SIZE == 0 || suite_view->bare);
	CHECK(walk(top_table(), here) == here);
	return SUITE_OK;
}

TEST(read_cr3, "is what write_cr3 was given")
{
	pgd_t *old = top_table(), *pgd = suite_page(PGD);
	uint64_t seen;

	CHECK(pv_pgd_alloc(pgd));
	pv_activate_mm(pgd);
	pv_write_cr3(address(pgd));
	seen = pv_read_cr3();
	pv_write_cr3(address(old));
	pv_exit_mmap(pgd);
	pv_pgd_free(pgd);
	CHECK((seen & PV_FRAME) == address(pgd));
	CHECK((pv_read_cr3() & PV_FRAME) == address(old));
	return SUITE_OK;
}

TEST(write_cr3, "the new space is in force, and the old one again")
{
	pgd_t *old = top_table(), *pgd = suite_page(PGD);
	bool there, away, back;

	unmap(0);
	map(0, data(DATA_A), PV_WRITE);
	CHECK(pv_pgd_alloc(pgd));
	pv_set_pgd(&pgd[TOP_ENTRY], (pgd_t){0});
	pv_activate_mm(pgd);
	there = reads(TOP, 0x1000 + DATA_A);
	pv_write_cr3(address(pgd));
	away = faults(TOP);
	pv_write_cr3(address(old));
	back = reads(TOP, 0x1000 + DATA_A);
	pv_exit_mmap(pgd);
	pv_pgd_free(pgd);
	unmap(0);
	CHECK(there);
	CHECK(away);
	CHECK(back);
	return SUITE_OK;
}

TEST(write_cr3, "ends what the TLB kept")
{
	bool before, after;

	map(0, data(DATA_A), PV_WRITE);
	before = reads(TOP, 0x1000 + DATA_A);
	pv_set_pte(&tables()->pte[0], entry_for(data(DATA_B), PV_WRITE));
	pv_write_cr3(pv_read_cr3());
	after = reads(TOP, 0x1000 + DATA_B);
	unmap(0);
	CHECK(before && after);
	return SUITE_OK;
}

TEST(activate_mm, "a space that was activated can be entered, more than once")
{
	pgd_t *old = top_table(), *pgd = suite_page(PGD);

	CHECK(pv_pgd_alloc(pgd));
	pv_activate_mm(pgd);
	for (unsigned i = 0; i < 2; i++) {
		pv_write_cr3(address(pgd));
		pv_write_cr3(address(old));
	}
	pv_exit_mmap(pgd);
	pv_pgd_free(pgd);
	return SUITE_OK;
}

TEST(activate_mm, "its entries stay, and can still be set")
{
	pgd_t *pgd = suite_page(PGD);
	uint64_t here = address((const void *)(uintptr_t)walk);
	bool maps, set;

	tables();
	CHECK(pv_pgd_alloc(pgd));
	pv_activate_mm(pgd);
	maps = walk(pgd, here) == here;
	pv_set_pgd(&pgd[TOP_ENTRY], (pgd_t){0});
	set = !(pv_pgd_val(pgd[TOP_ENTRY]) & PV_PRESENT);
	pv_exit_mmap(pgd);
	pv_pgd_free(pgd);
	CHECK(maps);
	CHECK(set);
	return SUITE_OK;
}

TEST(exit_mmap, "after it the tables can be taken apart")
{
	pgd_t *pgd = suite_page(PGD);

	CHECK(pv_pgd_alloc(pgd));
	pv_activate_mm(pgd);
	pv_exit_mmap(pgd);
	pv_set_pgd(&pgd[TOP_ENTRY], (pgd_t){0});
	pv_pgd_free(pgd);
	CHECK(suite_store(address(pgd), 1));
	return SUITE_OK;
}

TEST(exit_mmap, "the space in use stays in force")
{
	pgd_t *pgd = suite_page(PGD);
	bool stays;

	map(0, data(DATA_A), 0);
	CHECK(pv_pgd_alloc(pgd));
	pv_activate_mm(pgd);
	pv_exit_mmap(pgd);
	stays = reads(TOP, 0x1000 + DATA_A);
	pv_pgd_free(pgd);
	unmap(0);
	CHECK(stays);
	return SUITE_OK;
}

/* ---- the TLB ---- */

TEST(flush_tlb_user, "after it, changed entries are in force")
{
	bool before, after;

	map(1, data(DATA_A), PV_WRITE);
	before = reads(TOP + 0x1000, 0x1000 + DATA_A);
	pv_set_pte(&tables()->pte[1], entry_for(data(DATA_B), PV_WRITE));
	pv_flush_tlb_user();
	after = reads(TOP + 0x1000, 0x1000 + DATA_B);
	unmap(1);
	CHECK(before && after);
	return SUITE_OK;
}

TEST(flush_tlb_user, "lazy writes have happened before")
{
	bool after;

	map(1, data(DATA_A), PV_WRITE);
	CHECK(reads(TOP + 0x1000, 0x1000 + DATA_A));
	pv_lazy_enter();
	pv_set_pte(&tables()->pte[1], entry_for(data(DATA_B), PV_WRITE));
	pv_flush_tlb_user();
	after = reads(TOP + 0x1000, 0x1000 + DATA_B);
	pv_lazy_leave();
	unmap(1);
	CHECK(after);
	return SUITE_OK;
}

TEST(flush_tlb_kernel, "after it, changed entries are in force, global pages too")
{
	bool before, after;

	map(2, data(DATA_A), PV_WRITE | PV_GLOBAL);
	before = reads(TOP + 0x2000, 0x1000 + DATA_A);
	pv_set_pte(&tables()->pte[2], entry_for(data(DATA_B), PV_WRITE | PV_GLOBAL));
	pv_flush_tlb_kernel();
	after = reads(TOP + 0x2000, 0x1000 + DATA_B);
	unmap(2);
	CHECK(before && after);
	return SUITE_OK;
}

TEST(flush_tlb_kernel, "leaves the control registers as they were")
{
	uint64_t cr3 = pv_read_cr3(), cr4 = pv_read_cr4();

	pv_flush_tlb_kernel();
	CHECK(pv_read_cr3() == cr3 && pv_read_cr4() == cr4);
	return SUITE_OK;
}

TEST(flush_tlb_single, "after it, the entry of that page is in force")
{
	bool before, after;

	map(3, data(DATA_A), PV_WRITE);
	before = reads(TOP + 0x3000, 0x1000 + DATA_A);
	pv_set_pte(&tables()->pte[3], entry_for(data(DATA_B), PV_WRITE));
	pv_flush_tlb_single(TOP + 0x3000);
	after = reads(TOP + 0x3000, 0x1000 + DATA_B);
	unmap(3);
	CHECK(before && after);
	return SUITE_OK;
}

TEST(flush_tlb_single, "any address within the page will do, global pages too")
{
	bool before, after;

	map(3, data(DATA_A), PV_WRITE | PV_GLOBAL);
	before = reads(TOP + 0x3000, 0x1000 + DATA_A);
	pv_set_pte(&tables()->pte[3], entry_for(data(DATA_B), PV_WRITE | PV_GLOBAL));
	pv_flush_tlb_single(TOP + 0x3abc);
	after = reads(TOP + 0x3000, 0x1000 + DATA_B);
	unmap(3);
	CHECK(before && after);
	return SUITE_OK;
}

/* ---- tables come and go ---- */

TEST(pgd_alloc, "the new top table maps the kernel")
{
	pgd_t *pgd = suite_page(PGD);
	uint64_t here = address((const void *)(uintptr_t)walk);
	bool maps;

	CHECK(pv_pgd_alloc(pgd));
	maps = walk(pgd, here) == here;
	pv_pgd_free(pgd);
	CHECK(maps);
	return SUITE_OK;
}

TEST(pgd_alloc, "its entries can be set, and the table in use stays")
{
	pgd_t *pgd = suite_page(PGD);
	bool cleared, stays;

	map(0, data(DATA_A), 0);
	CHECK(pv_pgd_alloc(pgd));
	pv_set_pgd(&pgd[TOP_ENTRY], (pgd_t){0});
	cleared = !(pv_pgd_val(pgd[TOP_ENTRY]) & PV_PRESENT);
	stays = reads(TOP, 0x1000 + DATA_A);
	pv_pgd_free(pgd);
	unmap(0);
	CHECK(cleared);
	CHECK(stays);
	return SUITE_OK;
}

TEST(pgd_free, "the page is plain memory again")
{
	pgd_t *pgd = suite_page(PGD);

	CHECK(pv_pgd_alloc(pgd));
	pv_pgd_free(pgd);
	CHECK(suite_store(address(pgd), 0x42));
	CHECK(pgd[0].v == 0x42);
	return SUITE_OK;
}

TEST(pgd_free, "the page can be a top table again")
{
	pgd_t *pgd = suite_page(PGD);

	for (unsigned i = 0; i < 3; i++) {
		CHECK(pv_pgd_alloc(pgd));
		pv_activate_mm(pgd);
		pv_exit_mmap(pgd);
		pv_pgd_free(pgd);
	}
	CHECK(suite_store(address(pgd), 1));
	return SUITE_OK;
}

/* A table of the lowest level for the second 2 MiB of TOP. */
static bool maps_through(pte_t *table, uint64_t wanted)
{
	bool ok;

	pv_set_pmd(&tables()->pmd[1], pv_make_pmd(address(table) | PV_TABLE));
	ok = reads(TOP + 0x200000, wanted);
	pv_pmd_clear(&tables()->pmd[1]);
	pv_flush_tlb_user();
	return ok && faults(TOP + 0x200000);
}

TEST(alloc_pte, "the table can be filled, linked and used")
{
	pte_t *table = suite_page(OTHER);
	bool ok;

	pv_alloc_pte(frame(table));
	pv_set_pte(&table[0], entry_for(data(DATA_A), PV_WRITE));
	ok = maps_through(table, 0x1000 + DATA_A);
	pv_set_pte(&table[0], (pte_t){0});
	pv_release_pte(frame(table));
	CHECK(ok);
	return SUITE_OK;
}

TEST(alloc_pte, "valid entries that were in it before stay")
{
	pte_t *table = suite_page(OTHER);
	bool ok;

	table[0] = entry_for(data(DATA_B), PV_WRITE);
	pv_alloc_pte(frame(table));
	ok = maps_through(table, 0x1000 + DATA_B);
	pv_set_pte(&table[0], (pte_t){0});
	pv_release_pte(frame(table));
	CHECK(ok);
	return SUITE_OK;
}

TEST(alloc_pmd, "the table can be filled, linked and used")
{
	pmd_t *table = suite_page(OTHER);
	bool ok;

	map(0, data(DATA_A), 0);
	pv_alloc_pmd(frame(table));
	pv_set_pmd(&table[0], pv_make_pmd(address(tables()->pte) | PV_TABLE));
	pv_set_pud(&tables()->pud[1], pv_make_pud(address(table) | PV_TABLE));
	ok = reads(TOP + 0x40000000, 0x1000 + DATA_A);
	pv_set_pud(&tables()->pud[1], (pud_t){0});
	pv_flush_tlb_user();
	pv_set_pmd(&table[0], (pmd_t){0});
	pv_release_pmd(frame(table));
	unmap(0);
	CHECK(ok);
	return SUITE_OK;
}

TEST(alloc_pmd, "valid entries that were in it before stay")
{
	pmd_t *table = suite_page(OTHER);
	bool ok;

	map(0, data(DATA_A), 0);
	table[0] = pv_make_pmd(address(tables()->pte) | PV_TABLE);
	pv_alloc_pmd(frame(table));
	pv_set_pud(&tables()->pud[1], pv_make_pud(address(table) | PV_TABLE));
	ok = reads(TOP + 0x40000000, 0x1000 + DATA_A);
	pv_set_pud(&tables()->pud[1], (pud_t){0});
	pv_flush_tlb_user();
	pv_set_pmd(&table[0], (pmd_t){0});
	pv_release_pmd(frame(table));
	unmap(0);
	CHECK(ok);
	return SUITE_OK;
}

TEST(alloc_pmd, "an empty table maps nothing")
{
	pmd_t *table = suite_page(OTHER);
	bool empty;

	tables();
	pv_alloc_pmd(frame(table));
	pv_set_pud(&tables()->pud[1], pv_make_pud(address(table) | PV_TABLE));
	empty = faults(TOP + 0x40000000);
	pv_set_pud(&tables()->pud[1], (pud_t){0});
	pv_flush_tlb_user();
	pv_release_pmd(frame(table));
	CHECK(empty);
	return SUITE_OK;
}

TEST(alloc_pud, "the table can be filled, linked and used")
{
	pud_t *table = suite_page(OTHER);
	bool ok;

	map(0, data(DATA_A), 0);
	pv_alloc_pud(frame(table));
	pv_set_pud(&table[0], pv_make_pud(address(tables()->pmd) | PV_TABLE));
	pv_set_pgd(&tables()->pgd[TOP_ENTRY + 1], pv_make_pgd(address(table) | PV_TABLE));
	ok = reads(TOP + (UINT64_C(1) << 39), 0x1000 + DATA_A);
	pv_set_pgd(&tables()->pgd[TOP_ENTRY + 1], (pgd_t){0});
	pv_flush_tlb_user();
	pv_set_pud(&table[0], (pud_t){0});
	pv_release_pud(frame(table));
	unmap(0);
	CHECK(ok);
	return SUITE_OK;
}

TEST(alloc_pud, "valid entries that were in it before stay")
{
	pud_t *table = suite_page(OTHER);
	bool ok;

	map(0, data(DATA_A), 0);
	table[0] = pv_make_pud(address(tables()->pmd) | PV_TABLE);
	pv_alloc_pud(frame(table));
	pv_set_pgd(&tables()->pgd[TOP_ENTRY + 1], pv_make_pgd(address(table) | PV_TABLE));
	ok = reads(TOP + (UINT64_C(1) << 39), 0x1000 + DATA_A);
	pv_set_pgd(&tables()->pgd[TOP_ENTRY + 1], (pgd_t){0});
	pv_flush_tlb_user();
	pv_set_pud(&table[0], (pud_t){0});
	pv_release_pud(frame(table));
	unmap(0);
	CHECK(ok);
	return SUITE_OK;
}

TEST(alloc_pud, "an empty table maps nothing")
{
	pud_t *table = suite_page(OTHER);
	bool empty;

	tables();
	pv_alloc_pud(frame(table));
	pv_set_pgd(&tables()->pgd[TOP_ENTRY + 1], pv_make_pgd(address(table) | PV_TABLE));
	empty = faults(TOP + (UINT64_C(1) << 39));
	pv_set_pgd(&tables()->pgd[TOP_ENTRY + 1], (pgd_t){0});
	pv_flush_tlb_user();
	pv_release_pud(frame(table));
	CHECK(empty);
	return SUITE_OK;
}

#define RELEASE_TESTS(level) \
	TEST(release_##level, "the page is plain memory again, with what it held") \
	{ \
		level##_t *table = suite_page(OTHER); \
		table[0].v = UINT64_C(0x12344); /* not present: valid in any table */ \
		pv_alloc_##level(frame(table)); \
		pv_release_##level(frame(table)); \
		CHECK(table[0].v == UINT64_C(0x12344)); \
		CHECK(suite_store(address(table), 0x77)); \
		CHECK(table[0].v == 0x77); \
		return SUITE_OK; \
	}
#define AGAIN_TEST(level) \
	TEST(release_##level, "the page can be a table again") \
	{ \
		level##_t *table = suite_page(OTHER); \
		for (unsigned i = 0; i < 3; i++) { \
			pv_alloc_##level(frame(table)); \
			pv_release_##level(frame(table)); \
		} \
		CHECK(suite_store(address(table), 0x78)); \
		return SUITE_OK; \
	}
RELEASE_TESTS(pte)
AGAIN_TEST(pte)
/* one test a line: their names are made of it */
RELEASE_TESTS(pmd)
AGAIN_TEST(pmd)
RELEASE_TESTS(pud)
AGAIN_TEST(pud)

/* ---- entries ---- */

TEST(set_pte, "maps, and reads back")
{
	pte_t entry = entry_for(data(DATA_A), PV_WRITE);
	bool ok;

	unmap(4);
	pv_set_pte(&tables()->pte[4], entry);
	ok = reads(TOP + 0x4000, 0x1000 + DATA_A);
	CHECK((pv_pte_val(tables()->pte[4]) & PV_FRAME) == address(suite_page(DATA_A)));
	unmap(4);
	CHECK(ok);
	return SUITE_OK;
}

TEST(set_pte, "keeps protection: without write, a store faults")
{
	bool reading, storing;
	uint64_t at = map(4, data(DATA_A), 0);

	reading = reads(at, 0x1000 + DATA_A);
	storing = suite_store(at, 1);
	unmap(4);
	CHECK(reading);
	CHECK(!storing);
	return SUITE_OK;
}

TEST(set_pte, "its neighbours stay")
{
	map(4, data(DATA_A), 0);
	map(6, data(DATA_B), 0);
	pte_t below = tables()->pte[4], above = tables()->pte[6];
	map(5, data(DATA_C), 0);
	CHECK(tables()->pte[4].v == below.v && tables()->pte[6].v == above.v);
	unmap(4);
	unmap(5);
	unmap(6);
	return SUITE_OK;
}

TEST(set_pte, "changes no register but rax")
{
	CHECK(suite_keeps(PV_ID_set_pte, address(&tables()->pte[9]), 0));
	return SUITE_OK;
}

TEST(set_pte_at, "maps the address that it is told")
{
	bool ok;

	unmap(7);
	pv_set_pte_at(TOP + 0x7000, &tables()->pte[7], entry_for(data(DATA_B), PV_WRITE));
	pv_flush_tlb_single(TOP + 0x7000);
	ok = reads(TOP + 0x7000, 0x1000 + DATA_B);
	unmap(7);
	CHECK(ok);
	return SUITE_OK;
}

TEST(set_pte_at, "replaces, and an entry that is not present unmaps")
{
	bool replaced, gone;

	map(7, data(DATA_A), 0);
	pv_set_pte_at(TOP + 0x7000, &tables()->pte[7], entry_for(data(DATA_B), 0));
	pv_flush_tlb_single(TOP + 0x7000);
	replaced = reads(TOP + 0x7000, 0x1000 + DATA_B);
	pv_set_pte_at(TOP + 0x7000, &tables()->pte[7], (pte_t){0});
	pv_flush_tlb_single(TOP + 0x7000);
	gone = faults(TOP + 0x7000);
	CHECK(replaced);
	CHECK(gone);
	return SUITE_OK;
}

TEST(set_pmd, "links a table, and reads back")
{
	bool ok;

	map(0, data(DATA_A), 0);
	pv_set_pmd(&tables()->pmd[2], pv_make_pmd(address(tables()->pte) | PV_TABLE));
	ok = reads(TOP + 2 * 0x200000, 0x1000 + DATA_A);
	CHECK((pv_pmd_val(tables()->pmd[2]) & PV_FRAME) == address(tables()->pte));
	pv_set_pmd(&tables()->pmd[2], (pmd_t){0});
	pv_flush_tlb_user();
	CHECK(faults(TOP + 2 * 0x200000));
	unmap(0);
	CHECK(ok);
	return SUITE_OK;
}

TEST(set_pmd, "changes no register but rax")
{
	CHECK(suite_keeps(PV_ID_set_pmd, address(&tables()->pmd[9]), 0));
	return SUITE_OK;
}

TEST(set_pud, "links a table, and reads back")
{
	bool ok;

	map(0, data(DATA_A), 0);
	pv_set_pud(&tables()->pud[2], pv_make_pud(address(tables()->pmd) | PV_TABLE));
	ok = reads(TOP + 2 * UINT64_C(0x40000000), 0x1000 + DATA_A);
	CHECK((pv_pud_val(tables()->pud[2]) & PV_FRAME) == address(tables()->pmd));
	pv_set_pud(&tables()->pud[2], (pud_t){0});
	pv_flush_tlb_user();
	CHECK(faults(TOP + 2 * UINT64_C(0x40000000)));
	unmap(0);
	CHECK(ok);
	return SUITE_OK;
}

TEST(set_pud, "changes no register but rax")
{
	CHECK(suite_keeps(PV_ID_set_pud, address(&tables()->pud[9]), 0));
	return SUITE_OK;
}

TEST(set_pgd, "links a table, and reads back")
{
	bool ok;

	map(0, data(DATA_A), 0);
	pv_set_pgd(&tables()->pgd[TOP_ENTRY + 2], pv_make_pgd(address(tables()->pud) | PV_TABLE));
	ok = reads(TOP + 2 * (UINT64_C(1) << 39), 0x1000 + DATA_A);
	CHECK((pv_pgd_val(tables()->pgd[TOP_ENTRY + 2]) & PV_FRAME) == address(tables()->pud));
	pv_set_pgd(&tables()->pgd[TOP_ENTRY + 2], (pgd_t){0});
	pv_flush_tlb_user();
	CHECK(faults(TOP + 2 * (UINT64_C(1) << 39)));
	unmap(0);
	CHECK(ok);
	return SUITE_OK;
}

TEST(set_pgd, "changes no register but rax")
{
	CHECK(suite_keeps(PV_ID_set_pgd, address(&tables()->pgd[TOP_ENTRY + 3]), 0));
	return SUITE_OK;
}

TEST(pte_clear, "nothing is mapped there")
{
	map(8, data(DATA_A), PV_WRITE);
	CHECK(reads(TOP + 0x8000, 0x1000 + DATA_A));
	pv_pte_clear(&tables()->pte[8]);
	pv_flush_tlb_single(TOP + 0x8000);
	CHECK(tables()->pte[8].v == 0);
	CHECK(faults(TOP + 0x8000));
	return SUITE_OK;
}

TEST(pte_clear, "its neighbours stay")
{
	map(7, data(DATA_A), 0);
	map(9, data(DATA_B), 0);
	pv_pte_clear(&tables()->pte[8]);
	CHECK(reads(TOP + 0x7000, 0x1000 + DATA_A) && reads(TOP + 0x9000, 0x1000 + DATA_B));
	unmap(7);
	unmap(9);
	return SUITE_OK;
}

TEST(pmd_clear, "nothing is mapped there")
{
	map(0, data(DATA_A), 0);
	pv_set_pmd(&tables()->pmd[3], pv_make_pmd(address(tables()->pte) | PV_TABLE));
	CHECK(reads(TOP + 3 * 0x200000, 0x1000 + DATA_A));
	pv_pmd_clear(&tables()->pmd[3]);
	pv_flush_tlb_user();
	CHECK(tables()->pmd[3].v == 0);
	CHECK(faults(TOP + 3 * 0x200000));
	unmap(0);
	return SUITE_OK;
}

TEST(pmd_clear, "its neighbours stay")
{
	map(0, data(DATA_A), 0);
	pv_pmd_clear(&tables()->pmd[1]);
	CHECK(reads(TOP, 0x1000 + DATA_A));
	unmap(0);
	return SUITE_OK;
}

TEST(ptep_modify_prot_start, "returns the entry, dirty bit and all")
{
	uint64_t at = map(10, data(DATA_A), PV_WRITE);
	pte_t entry;

	CHECK(suite_store(at, 0x99));
	entry = pv_ptep_modify_prot_start(at, &tables()->pte[10]);
	CHECK((pv_pte_val(entry) & PV_FRAME) == address(suite_page(DATA_A)));
	CHECK(pv_pte_val(entry) & PV_DIRTY);
	pv_ptep_modify_prot_commit(at, &tables()->pte[10], entry);
	unmap(10);
	return SUITE_OK;
}

TEST(ptep_modify_prot_start, "with the commit of the same entry nothing changes")
{
	uint64_t at = map(10, data(DATA_A), PV_WRITE), before, after;
	pte_t entry;

	CHECK(suite_store(at, 0x98));
	before = pv_pte_val(tables()->pte[10]);
	entry = pv_ptep_modify_prot_start(at, &tables()->pte[10]);
	pv_ptep_modify_prot_commit(at, &tables()->pte[10], entry);
	after = pv_pte_val(tables()->pte[10]);
	CHECK(before == after);
	CHECK(suite_store(at, 0x97));
	unmap(10);
	return SUITE_OK;
}

TEST(ptep_modify_prot_commit, "the new protection is in force")
{
	uint64_t at = map(11, data(DATA_A), PV_WRITE), value;
	pte_t entry;
	bool stored, reading;

	CHECK(suite_store(at, 0x99));
	entry = pv_ptep_modify_prot_start(at, &tables()->pte[11]);
	value = pv_pte_val(entry) & ~PV_WRITE;
	pv_ptep_modify_prot_commit(at, &tables()->pte[11], pv_make_pte(value));
	pv_flush_tlb_single(at);
	stored = suite_store(at, 0x98);
	reading = reads(at, 0x99);
	unmap(11);
	CHECK(!stored);
	CHECK(reading);
	return SUITE_OK;
}

TEST(ptep_modify_prot_commit, "the dirty bit stays")
{
	uint64_t at = map(11, data(DATA_A), PV_WRITE);
	pte_t entry;

	CHECK(suite_store(at, 0x99));
	entry = pv_ptep_modify_prot_start(at, &tables()->pte[11]);
	pv_ptep_modify_prot_commit(
		at, &tables()->pte[11], pv_make_pte(pv_pte_val(entry) & ~PV_WRITE));
	CHECK(pv_pte_val(tables()->pte[11]) & PV_DIRTY);
	unmap(11);
	return SUITE_OK;
}

/* An entry of each kind: the walker's bits, the kernel's bits, no execution. */
static const uint64_t bits_of_entries[] = {PV_PRESENT, PV_PRESENT | PV_WRITE,
	PV_TABLE, PV_PRESENT | PV_DIRTY | PV_NX, PV_PRESENT | UINT64_C(1) << 9 | UINT64_C(1) << 52};

#define VALUE_TESTS(level) \
	TEST(level##_val, "is what make_" #level " was given: frame and all bits") \
	{ \
		for (unsigned i = 0; i < sizeof(bits_of_entries) / 8; i++) { \
			uint64_t value = address(suite_page(DATA_A)) | bits_of_entries[i]; \
			CHECK(pv_##level##_val(pv_make_##level(value)) == value); \
		} \
		return SUITE_OK; \
	}
#define ABSENT_TEST(level) \
	TEST(level##_val, "entries that are not present pass unchanged") \
	{ \
		CHECK(pv_##level##_val((level##_t){0}) == 0); \
		CHECK(pv_##level##_val((level##_t){UINT64_C(0x123456789abc00)}) == \
			UINT64_C(0x123456789abc00)); \
		return SUITE_OK; \
	}
#define MAKE_TEST(level) \
	TEST(make_##level, "keeps all bits but the frame's") \
	{ \
		for (unsigned i = 0; i < sizeof(bits_of_entries) / 8; i++) { \
			uint64_t value = address(suite_page(DATA_B)) | bits_of_entries[i]; \
			CHECK((pv_make_##level(value).v & ~PV_FRAME) == (value & ~PV_FRAME)); \
		} \
		CHECK(pv_make_##level(0).v == 0); \
		return SUITE_OK; \
	}
#define MAKE_FRAME_TEST(level) \
	TEST(make_##level, "has the frame of the machine: another one for each page") \
	{ \
		uint64_t a = address(suite_page(DATA_A)) | PV_PRESENT; \
		uint64_t b = address(suite_page(DATA_B)) | PV_PRESENT; \
		CHECK(pv_make_##level(a).v != pv_make_##level(b).v); \
		CHECK((pv_make_##level(a).v == a) == !suite_view->frames_differ); \
		CHECK(pv_##level##_val(pv_make_##level(b)) == b); \
		return SUITE_OK; \
	}
#define VAL_KEEP_TEST(level) \
	TEST(level##_val, "changes no register but rax") \
	{ \
		uint64_t value = address(suite_page(DATA_A)) | PV_PRESENT; \
		CHECK(suite_keeps(PV_ID_##level##_val, pv_make_##level(value).v, 2)); \
		return SUITE_OK; \
	}
#define MAKE_KEEP_TEST(level) \
	TEST(make_##level, "changes no register but rax") \
	{ \
		CHECK(suite_keeps(PV_ID_make_##level, address(suite_page(DATA_A)) | PV_PRESENT, 2)); \
		return SUITE_OK; \
	}
VALUE_TESTS(pte)
ABSENT_TEST(pte)
VAL_KEEP_TEST(pte)
MAKE_TEST(pte)
MAKE_FRAME_TEST(pte)
MAKE_KEEP_TEST(pte)
VALUE_TESTS(pmd)
ABSENT_TEST(pmd)
VAL_KEEP_TEST(pmd)
MAKE_TEST(pmd)
MAKE_FRAME_TEST(pmd)
MAKE_KEEP_TEST(pmd)
VALUE_TESTS(pud)
ABSENT_TEST(pud)
VAL_KEEP_TEST(pud)
MAKE_TEST(pud)
MAKE_FRAME_TEST(pud)
MAKE_KEEP_TEST(pud)
VALUE_TESTS(pgd)
ABSENT_TEST(pgd)
VAL_KEEP_TEST(pgd)
MAKE_TEST(pgd)
MAKE_FRAME_TEST(pgd)
MAKE_KEEP_TEST(pgd)

/* ---- fixed addresses, lazy mode ---- */

TEST(set_fixmap, "maps the frame, and another one in its place, at once")
{
	bool first, second;

	pv_set_fixmap(3, frame(data(DATA_A)), PV_PRESENT | PV_WRITE | PV_ACCESSED | PV_DIRTY);
	first = reads(pv_fixmap(3), 0x1000 + DATA_A);
	pv_set_fixmap(3, frame(data(DATA_B)), PV_PRESENT | PV_WRITE | PV_ACCESSED | PV_DIRTY);
	second = reads(pv_fixmap(3), 0x1000 + DATA_B);
	pv_set_fixmap(3, 0, 0);
	CHECK(first);
	CHECK(second);
	return SUITE_OK;
}

TEST(set_fixmap, "no bits: unmapped; the other slots stay")
{
	bool gone, stays;

	pv_set_fixmap(0, frame(data(DATA_A)), PV_PRESENT | PV_ACCESSED);
	pv_set_fixmap(15, frame(data(DATA_B)), PV_PRESENT | PV_ACCESSED);
	CHECK(reads(pv_fixmap(15), 0x1000 + DATA_B));
	pv_set_fixmap(15, 0, 0);
	gone = faults(pv_fixmap(15));
	stays = reads(pv_fixmap(0), 0x1000 + DATA_A);
	pv_set_fixmap(0, 0, 0);
	CHECK(gone);
	CHECK(stays);
	return SUITE_OK;
}

TEST(set_fixmap, "in lazy mode too it is in force at once")
{
	bool ok;

	pv_lazy_enter();
	pv_set_fixmap(2, frame(data(DATA_A)), PV_PRESENT | PV_ACCESSED);
	ok = reads(pv_fixmap(2), 0x1000 + DATA_A);
	pv_lazy_leave();
	pv_set_fixmap(2, 0, 0);
	CHECK(ok);
	return SUITE_OK;
}

#define FLAG_TEST(op) \
	TEST(op, "leaves the interrupt flag alone") \
	{ \
		NEED(interrupts_on, "the flag cannot be seen"); \
		pv_##op(); \
		CHECK(!suite_view->interrupts_on()); \
		pv_irq_enable(); \
		pv_##op(); \
		CHECK(suite_view->interrupts_on()); \
		return SUITE_OK; \
	}
FLAG_TEST(lazy_enter)
FLAG_TEST(lazy_leave)
FLAG_TEST(lazy_flush)

TEST(lazy_enter, "writes may wait, and none is lost")
{
	bool ok = true;

	data(DATA_A);
	pv_lazy_enter();
	for (unsigned i = 0; i < 100; i++)
		pv_set_pte(&tables()->pte[20 + i], entry_for(&((char *)tables()->pte)[0], 0));
	pv_lazy_leave();
	pv_flush_tlb_user();
	for (unsigned i = 0; i < 100; i++)
		ok &= (pv_pte_val(tables()->pte[20 + i]) & PV_FRAME) == address(tables()->pte);
	for (unsigned i = 0; i < 100; i++)
		pv_pte_clear(&tables()->pte[20 + i]);
	pv_flush_tlb_user();
	CHECK(ok);
	return SUITE_OK;
}

TEST(lazy_enter, "saves calls, where calls cost")
{
	uint64_t before, lazy;

	tables();
	if (!suite_view->lazy_batches || !suite_view->count)
		return suite_skip("nothing to save, or not to be seen");
	before = suite_view->count(EFFECT_CALL);
	pv_lazy_enter();
	for (unsigned i = 0; i < 8; i++)
		pv_set_pte(&tables()->pte[20 + i], (pte_t){0});
	pv_lazy_leave();
	lazy = suite_view->count(EFFECT_CALL) - before;
	CHECK(lazy < 8);
	return SUITE_OK;
}

TEST(lazy_leave, "all that waited has happened, in order")
{
	bool ok;

	unmap(12);
	pv_lazy_enter();
	pv_set_pte(&tables()->pte[12], entry_for(data(DATA_A), 0));
	pv_set_pte(&tables()->pte[12], entry_for(data(DATA_B), 0));
	pv_lazy_leave();
	ok = reads(TOP + 0xc000, 0x1000 + DATA_B);
	unmap(12);
	CHECK(ok);
	return SUITE_OK;
}

TEST(lazy_leave, "after it, writes do not wait")
{
	bool ok;

	unmap(13);
	pv_lazy_enter();
	pv_lazy_leave();
	pv_set_pte(&tables()->pte[13], entry_for(data(DATA_A), 0));
	ok = reads(TOP + 0xd000, 0x1000 + DATA_A);
	unmap(13);
	CHECK(ok);
	return SUITE_OK;
}

TEST(lazy_flush, "all that waited has happened, and lazy mode goes on")
{
	bool first, second;

	unmap(14);
	unmap(15);
	pv_lazy_enter();
	pv_set_pte(&tables()->pte[14], entry_for(data(DATA_A), 0));
	pv_lazy_flush();
	first = reads(TOP + 0xe000, 0x1000 + DATA_A);
	pv_set_pte(&tables()->pte[15], entry_for(data(DATA_B), 0));
	pv_lazy_leave();
	second = reads(TOP + 0xf000, 0x1000 + DATA_B);
	unmap(14);
	unmap(15);
	CHECK(first);
	CHECK(second);
	return SUITE_OK;
}

TEST(lazy_flush, "outside of lazy mode it does nothing")
{
	uint64_t before;

	pv_lazy_flush();
	NEED(count, "calls cannot be seen");
	before = suite_view->count(EFFECT_CALL);
	pv_lazy_flush();
	CHECK(suite_view->count(EFFECT_CALL) == before);
	return SUITE_OK;
}
