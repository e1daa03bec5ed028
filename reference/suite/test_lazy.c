/* Tests of fixed addresses and of lazy mode. */
#include "suite/paging.h"

TEST(set_fixmap, "maps the frame, and another one in its place, at once")
{
	bool first, second;

	pv_set_fixmap(3, frame(data(DATA_A)), PV_PRESENT | PV_WRITE | PV_ACCESSED | PV_DIRTY);
	first = reads(pv_fixmap(3), DATA_WORD(DATA_A));
	pv_set_fixmap(3, frame(data(DATA_B)), PV_PRESENT | PV_WRITE | PV_ACCESSED | PV_DIRTY);
	second = reads(pv_fixmap(3), DATA_WORD(DATA_B));
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
	CHECK(reads(pv_fixmap(15), DATA_WORD(DATA_B)));
	pv_set_fixmap(15, 0, 0);
	gone = faults(pv_fixmap(15));
	stays = reads(pv_fixmap(0), DATA_WORD(DATA_A));
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
	ok = reads(pv_fixmap(2), DATA_WORD(DATA_A));
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
	ok = reads(TOP + 0xc000, DATA_WORD(DATA_B));
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
	ok = reads(TOP + 0xd000, DATA_WORD(DATA_A));
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
	first = reads(TOP + 0xe000, DATA_WORD(DATA_A));
	pv_set_pte(&tables()->pte[15], entry_for(data(DATA_B), 0));
	pv_lazy_leave();
	second = reads(TOP + 0xf000, DATA_WORD(DATA_B));
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
