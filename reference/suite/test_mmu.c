/* Tests of address spaces: control registers, the TLB, pages that become tables. */
#include "suite/paging.h"

/* A space of its own that maps what the kernel needs. */
static bool begin_space(pgd_t *pgd)
{
	if (!pv_pgd_alloc(pgd))
		return false;
	pv_activate_mm(pgd);
	return true;
}

static void end_space(pgd_t *pgd)
{
	pv_exit_mmap(pgd);
	pv_pgd_free(pgd);
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
	CHECK(pv_read_cr3() % PV_PAGE_SIZE == 0 || suite_view->bare);
	CHECK(maps_code(top_table()));
	return SUITE_OK;
}

TEST(read_cr3, "is what write_cr3 was given")
{
	pgd_t *old = top_table(), *pgd = suite_page(PGD);
	uint64_t seen;

	CHECK(begin_space(pgd));
	pv_write_cr3(address(pgd));
	seen = pv_read_cr3();
	pv_write_cr3(address(old));
	end_space(pgd);
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
	there = reads(TOP, DATA_WORD(DATA_A));
	pv_write_cr3(address(pgd));
	away = faults(TOP);
	pv_write_cr3(address(old));
	back = reads(TOP, DATA_WORD(DATA_A));
	end_space(pgd);
	unmap(0);
	CHECK(there);
	CHECK(away);
	CHECK(back);
	return SUITE_OK;
}

TEST(activate_mm, "a space that was activated can be entered, more than once")
{
	pgd_t *old = top_table(), *pgd = suite_page(PGD);

	CHECK(begin_space(pgd));
	for (unsigned i = 0; i < 2; i++) {
		pv_write_cr3(address(pgd));
		pv_write_cr3(address(old));
	}
	end_space(pgd);
	return SUITE_OK;
}

TEST(activate_mm, "its entries stay, and can still be set")
{
	pgd_t *pgd = suite_page(PGD);
	bool maps, set;

	tables();
	CHECK(begin_space(pgd));
	maps = maps_code(pgd);
	pv_set_pgd(&pgd[TOP_ENTRY], (pgd_t){0});
	set = !(pv_pgd_val(pgd[TOP_ENTRY]) & PV_PRESENT);
	end_space(pgd);
	CHECK(maps);
	CHECK(set);
	return SUITE_OK;
}

TEST(exit_mmap, "after it the tables can be taken apart")
{
	pgd_t *pgd = suite_page(PGD);

	CHECK(begin_space(pgd));
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
	CHECK(begin_space(pgd));
	pv_exit_mmap(pgd);
	stays = reads(TOP, DATA_WORD(DATA_A));
	pv_pgd_free(pgd);
	unmap(0);
	CHECK(stays);
	return SUITE_OK;
}

TEST(exit_mmap, "the entries stay, for who takes the tables apart")
{
	pgd_t *pgd = suite_page(PGD);
	bool maps;

	CHECK(begin_space(pgd));
	pv_exit_mmap(pgd);
	maps = maps_code(pgd);
	pv_pgd_free(pgd);
	CHECK(maps);
	return SUITE_OK;
}

/* ---- the TLB ---- */

/* Is an entry that was changed in force after `flush`? What the TLB kept is seen before it. */
#define FLUSH_TEST(op, text, page, bits, flush) \
	TEST(op, text) \
	{ \
		uint64_t at = map(page, data(DATA_A), PV_WRITE | (bits)); \
		bool before = reads(at, DATA_WORD(DATA_A)), after; \
		pv_set_pte(&tables()->pte[page], entry_for(data(DATA_B), PV_WRITE | (bits))); \
		flush; \
		after = reads(at, DATA_WORD(DATA_B)); \
		unmap(page); \
		CHECK(before && after); \
		return SUITE_OK; \
	}
FLUSH_TEST(write_cr3, "ends what the TLB kept", 0, 0, pv_write_cr3(pv_read_cr3()))
FLUSH_TEST(flush_tlb_user, "after it, changed entries are in force", 1, 0, pv_flush_tlb_user())
FLUSH_TEST(flush_tlb_kernel, "after it, changed entries are in force, global pages too", 2, PV_GLOBAL, pv_flush_tlb_kernel())
FLUSH_TEST(flush_tlb_single, "after it, the entry of that page is in force", 3, 0, pv_flush_tlb_single(at))
FLUSH_TEST(flush_tlb_single, "any address within the page will do, global pages too", 3, PV_GLOBAL,
	pv_flush_tlb_single(at + 0xabc))

TEST(flush_tlb_user, "lazy writes have happened before")
{
	uint64_t at = map(1, data(DATA_A), PV_WRITE);
	bool after;

	CHECK(reads(at, DATA_WORD(DATA_A)));
	pv_lazy_enter();
	pv_set_pte(&tables()->pte[1], entry_for(data(DATA_B), PV_WRITE));
	pv_flush_tlb_user();
	after = reads(at, DATA_WORD(DATA_B));
	pv_lazy_leave();
	unmap(1);
	CHECK(after);
	return SUITE_OK;
}

TEST(flush_tlb_kernel, "leaves the control registers as they were")
{
	uint64_t cr3 = pv_read_cr3(), cr4 = pv_read_cr4();

	pv_flush_tlb_kernel();
	CHECK(pv_read_cr3() == cr3 && pv_read_cr4() == cr4);
	return SUITE_OK;
}

/* ---- tables come and go ---- */

TEST(pgd_alloc, "the new top table maps the kernel")
{
	pgd_t *pgd = suite_page(PGD);
	bool maps;

	CHECK(pv_pgd_alloc(pgd));
	maps = maps_code(pgd);
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
	stays = reads(TOP, DATA_WORD(DATA_A));
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
		CHECK(begin_space(pgd));
		end_space(pgd);
	}
	CHECK(suite_store(address(pgd), 1));
	return SUITE_OK;
}

TEST(pgd_free, "leaves the interrupt flag alone")
{
	pgd_t *pgd = suite_page(PGD);

	NEED(interrupts_on, "the flag cannot be seen");
	for (unsigned on = 0; on < 2; on++) {
		if (on)
			pv_irq_enable();
		CHECK(begin_space(pgd));
		end_space(pgd);
		CHECK(suite_view->interrupts_on() == on);
	}
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
	ok = maps_through(table, DATA_WORD(DATA_A));
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
	ok = maps_through(table, DATA_WORD(DATA_B));
	pv_set_pte(&table[0], (pte_t){0});
	pv_release_pte(frame(table));
	CHECK(ok);
	return SUITE_OK;
}

/* A page as a table of a level between: `below` is what its first entry leads to, `link` the entry above that leads to it,
 * in a table of `above`, and `at` what is mapped by that. */
#define MIDDLE_TESTS(level, below, above, link, at) \
	static void link_##level(level##_t *table, bool on) \
	{ \
		pv_set_##above(link, pv_make_##above(on ? address(table) | PV_TABLE : 0)); \
		if (!on) \
			pv_flush_tlb_user(); \
	} \
	static bool level##_maps(level##_t *table) \
	{ \
		bool ok; \
		link_##level(table, true); \
		ok = reads(at, DATA_WORD(DATA_A)); \
		link_##level(table, false); \
		pv_set_##level(&table[0], (level##_t){0}); \
		pv_release_##level(frame(table)); \
		unmap(0); \
		return ok; \
	} \
	TEST(alloc_##level, "the table can be filled, linked and used") \
	{ \
		level##_t *table = suite_page(OTHER); \
		map(0, data(DATA_A), 0); \
		pv_alloc_##level(frame(table)); \
		pv_set_##level(&table[0], pv_make_##level(address(tables()->below) | PV_TABLE)); \
		CHECK(level##_maps(table)); \
		return SUITE_OK; \
	} \
	TEST(alloc_##level, "valid entries that were in it before stay") \
	{ \
		level##_t *table = suite_page(OTHER); \
		map(0, data(DATA_A), 0); \
		table[0] = pv_make_##level(address(tables()->below) | PV_TABLE); \
		pv_alloc_##level(frame(table)); \
		CHECK(level##_maps(table)); \
		return SUITE_OK; \
	} \
	TEST(alloc_##level, "an empty table maps nothing") \
	{ \
		level##_t *table = suite_page(OTHER); \
		bool empty; \
		tables(); \
		pv_alloc_##level(frame(table)); \
		link_##level(table, true); \
		empty = faults(at); \
		link_##level(table, false); \
		pv_release_##level(frame(table)); \
		CHECK(empty); \
		return SUITE_OK; \
	}
MIDDLE_TESTS(pmd, pte, pud, &tables()->pud[1], TOP + UINT64_C(0x40000000))
MIDDLE_TESTS(pud, pmd, pgd, &tables()->pgd[TOP_ENTRY + 1], TOP + (UINT64_C(1) << 39))

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
	} \
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
RELEASE_TESTS(pmd)
RELEASE_TESTS(pud)
