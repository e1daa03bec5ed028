/* Tests of entries: written, cleared, protected, made and read. */
#include "suite/paging.h"

TEST(set_pte, "maps, and reads back")
{
	pte_t entry = entry_for(data(DATA_A), PV_WRITE);
	bool ok;

	unmap(4);
	pv_set_pte(&tables()->pte[4], entry);
	ok = reads(TOP + 0x4000, DATA_WORD(DATA_A));
	CHECK((pv_pte_val(tables()->pte[4]) & PV_FRAME) == address(suite_page(DATA_A)));
	unmap(4);
	CHECK(ok);
	return SUITE_OK;
}

TEST(set_pte, "keeps protection: without write, a store faults")
{
	bool reading, storing;
	uint64_t at = map(4, data(DATA_A), 0);

	reading = reads(at, DATA_WORD(DATA_A));
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
	ok = reads(TOP + 0x7000, DATA_WORD(DATA_B));
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
	replaced = reads(TOP + 0x7000, DATA_WORD(DATA_B));
	pv_set_pte_at(TOP + 0x7000, &tables()->pte[7], (pte_t){0});
	pv_flush_tlb_single(TOP + 0x7000);
	gone = faults(TOP + 0x7000);
	CHECK(replaced);
	CHECK(gone);
	return SUITE_OK;
}

/* An entry of a table at `slot` that links the table `below`: what is mapped by it at `at` is page 0 of TOP. */
#define LINK_TESTS(level, below, slot, spare, at) \
	TEST(set_##level, "links a table, and reads back") \
	{ \
		bool ok, gone; \
		uint64_t entry; \
		map(0, data(DATA_A), 0); \
		pv_set_##level(slot, pv_make_##level(address(tables()->below) | PV_TABLE)); \
		ok = reads(at, DATA_WORD(DATA_A)); \
		entry = pv_##level##_val(*(slot)); \
		pv_set_##level(slot, (level##_t){0}); \
		pv_flush_tlb_user(); \
		gone = faults(at); \
		unmap(0); \
		CHECK(ok); \
		CHECK((entry & PV_FRAME) == address(tables()->below)); \
		CHECK(gone); \
		return SUITE_OK; \
	} \
	TEST(set_##level, "changes no register but rax") \
	{ \
		CHECK(suite_keeps(PV_ID_set_##level, address(spare), 0)); \
		return SUITE_OK; \
	}
LINK_TESTS(pmd, pte, &tables()->pmd[2], &tables()->pmd[9], TOP + 2 * UINT64_C(0x200000))
LINK_TESTS(pud, pmd, &tables()->pud[2], &tables()->pud[9], TOP + 2 * UINT64_C(0x40000000))
LINK_TESTS(pgd, pud, &tables()->pgd[TOP_ENTRY + 2], &tables()->pgd[TOP_ENTRY + 3],
	TOP + 2 * (UINT64_C(1) << 39))

TEST(pte_clear, "nothing is mapped there")
{
	map(8, data(DATA_A), PV_WRITE);
	CHECK(reads(TOP + 0x8000, DATA_WORD(DATA_A)));
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
	CHECK(reads(TOP + 0x7000, DATA_WORD(DATA_A)) && reads(TOP + 0x9000, DATA_WORD(DATA_B)));
	unmap(7);
	unmap(9);
	return SUITE_OK;
}

TEST(pmd_clear, "nothing is mapped there")
{
	map(0, data(DATA_A), 0);
	pv_set_pmd(&tables()->pmd[3], pv_make_pmd(address(tables()->pte) | PV_TABLE));
	CHECK(reads(TOP + 3 * 0x200000, DATA_WORD(DATA_A)));
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
	CHECK(reads(TOP, DATA_WORD(DATA_A)));
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
	} \
	TEST(level##_val, "entries that are not present pass unchanged") \
	{ \
		const uint64_t absent = UINT64_C(0x123456789abc00); \
		CHECK(pv_##level##_val((level##_t){0}) == 0); \
		CHECK(pv_##level##_val((level##_t){absent}) == absent); \
		return SUITE_OK; \
	} \
	TEST(level##_val, "changes no register but rax") \
	{ \
		uint64_t value = address(suite_page(DATA_A)) | PV_PRESENT; \
		CHECK(suite_keeps(PV_ID_##level##_val, pv_make_##level(value).v, 2)); \
		return SUITE_OK; \
	} \
	TEST(make_##level, "keeps all bits but the frame's") \
	{ \
		for (unsigned i = 0; i < sizeof(bits_of_entries) / 8; i++) { \
			uint64_t value = address(suite_page(DATA_B)) | bits_of_entries[i]; \
			CHECK((pv_make_##level(value).v & ~PV_FRAME) == (value & ~PV_FRAME)); \
		} \
		CHECK(pv_make_##level(0).v == 0); \
		return SUITE_OK; \
	} \
	TEST(make_##level, "has the frame of the machine: another one for each page") \
	{ \
		uint64_t a = address(suite_page(DATA_A)) | PV_PRESENT; \
		uint64_t b = address(suite_page(DATA_B)) | PV_PRESENT; \
		CHECK(pv_make_##level(a).v != pv_make_##level(b).v); \
		CHECK((pv_make_##level(a).v == a) == !suite_view->frames_differ); \
		CHECK(pv_##level##_val(pv_make_##level(b)) == b); \
		return SUITE_OK; \
	} \
	TEST(make_##level, "changes no register but rax") \
	{ \
		CHECK(suite_keeps(PV_ID_make_##level, address(suite_page(DATA_A)) | PV_PRESENT, 2)); \
		return SUITE_OK; \
	}
VALUE_TESTS(pte)
VALUE_TESTS(pmd)
VALUE_TESTS(pud)
VALUE_TESTS(pgd)
