/* Tests of the operations of boot. */
#include "core/string.h"
#include "suite/suite.h"

enum { MARK = 0xa5, ROOM_MOST = 16 };

TEST(patch, "writes nothing past the room it has")
{
	for (unsigned id = 0; id < PV_ID_COUNT; id++) {
		for (unsigned room = 0; room <= ROOM_MOST; room++) {
			uint8_t code[ROOM_MOST + 8];
			unsigned n;

			memset(code, MARK, sizeof(code));
			n = pv_patch(id, code, room);
			CHECK(n <= room);
			for (unsigned i = room; i < sizeof(code); i++)
				CHECK(code[i] == MARK);
		}
	}
	return SUITE_OK;
}

TEST(patch, "writes the same code each time")
{
	for (unsigned id = 0; id < PV_ID_COUNT; id++) {
		uint8_t first[ROOM_MOST] = {0}, second[ROOM_MOST] = {0};
		unsigned n = pv_patch(id, first, 6);

		CHECK(pv_patch(id, second, 6) == n);
		CHECK(memcmp(first, second, n) == 0);
	}
	return SUITE_OK;
}

TEST(patch, "in ring 0, the operations of one instruction become that instruction")
{
	uint8_t code[ROOM_MOST];

	if (!suite_view->bare || pv_ops.irq.irq_disable != native_backend.ops->irq.irq_disable)
		return suite_skip("this backend has other code");
	CHECK(pv_patch(PV_ID_irq_disable, code, 6) == 1 && code[0] == 0xfa);
	CHECK(pv_patch(PV_ID_clts, code, 6) == 2 && code[0] == 0x0f && code[1] == 0x06);
	CHECK(pv_patch(PV_ID_iret, code, 6) == 2 && code[0] == 0x48 && code[1] == 0xcf);
	return SUITE_OK;
}

TEST(patch, "knows no operation past the last")
{
	uint8_t code[ROOM_MOST];

	CHECK(pv_patch(PV_ID_COUNT, code, 6) == 0);
	CHECK(pv_patch(~0u, code, 6) == 0);
	return SUITE_OK;
}

TEST(banner, "is 1 to 40 printable characters")
{
	const char *name = pv_banner();

	CHECK(name && strlen(name) >= 1 && strlen(name) <= 40);
	for (const char *c = name; *c; c++)
		CHECK(*c >= ' ' && *c <= '~');
	return SUITE_OK;
}

TEST(banner, "is the same each time")
{
	CHECK(text_equal(pv_banner(), pv_banner()));
	return SUITE_OK;
}

TEST(arch_setup, "a second call returns true and leaves interrupts off")
{
	NEED(interrupts_on, "the flag cannot be seen");
	CHECK(pv_arch_setup(suite_boot));
	CHECK(!suite_view->interrupts_on());
	return SUITE_OK;
}

TEST(arch_setup, "a second call changes no memory map")
{
	struct pv_range before[4] = {{0, 0}}, after[4] = {{0, 0}};
	unsigned n = pv_memory_setup(before, 4);

	CHECK(pv_arch_setup(suite_boot));
	CHECK(pv_memory_setup(after, 4) == n);
	CHECK(memcmp(before, after, sizeof(before)) == 0);
	return SUITE_OK;
}

TEST(arch_setup, "turns interrupts off where they are on")
{
	NEED(interrupts_on, "the flag cannot be seen");
	pv_irq_enable();
	CHECK(pv_arch_setup(suite_boot));
	CHECK(!suite_view->interrupts_on());
	return SUITE_OK;
}

TEST(memory_setup, "ranges are page aligned, not empty, ascending, apart")
{
	struct pv_range ranges[8];
	unsigned n = pv_memory_setup(ranges, 8);

	CHECK(n >= 1 && n <= 8);
	for (unsigned i = 0; i < n; i++) {
		CHECK(ranges[i].start % PV_PAGE_SIZE == 0 && ranges[i].end % PV_PAGE_SIZE == 0);
		CHECK(ranges[i].start < ranges[i].end);
		CHECK(i == 0 || ranges[i - 1].end <= ranges[i].start);
	}
	return SUITE_OK;
}

TEST(memory_setup, "the running code is in one of them")
{
	struct pv_range ranges[8];
	unsigned n = pv_memory_setup(ranges, 8);
	uint64_t here = (uint64_t)(uintptr_t)suite_page(0);
	bool found = false;

	for (unsigned i = 0; i < n; i++)
		found |= ranges[i].start <= here && here < ranges[i].end;
	CHECK(found);
	return SUITE_OK;
}

TEST(memory_setup, "writes nothing past the room it has")
{
	struct pv_range ranges[2] = {{1, 1}, {1, 1}};

	CHECK(pv_memory_setup(ranges, 0) == 0);
	CHECK(ranges[0].start == 1 && ranges[0].end == 1);
	CHECK(pv_memory_setup(ranges, 1) == 1);
	CHECK(ranges[1].start == 1 && ranges[1].end == 1);
	return SUITE_OK;
}
