/* Tests of time. None depends on how fast the machine is: what is compared are two clocks. */
#include "suite/suite.h"

static uint64_t cycles(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

TEST(time_init, "can be done again: the clock does not jump back")
{
	uint64_t before = pv_sched_clock();

	pv_time_init();
	CHECK(pv_sched_clock() >= before);
	return SUITE_OK;
}

TEST(time_init, "the rate stays the same")
{
	unsigned khz = pv_get_tsc_khz();

	pv_time_init();
	CHECK(pv_get_tsc_khz() == khz);
	return SUITE_OK;
}

TEST(sched_clock, "never runs backwards")
{
	uint64_t last = pv_sched_clock();

	for (unsigned i = 0; i < 500; i++) {
		uint64_t now = pv_sched_clock();

		CHECK(now >= last);
		last = now;
	}
	return SUITE_OK;
}

/* 2 ms by the counter must be 2 ms by the clock, between the readings that enclose it: the mistake to
 * find is one of units (cycles, microseconds), not of a few per cent. */
TEST(sched_clock, "counts nanoseconds")
{
	uint64_t khz = pv_get_tsc_khz(), outer = cycles(), start = pv_sched_clock();
	uint64_t inner = cycles(), end, least, most;

	while (cycles() - inner < khz * 2)
		__asm__ volatile("pause");
	least = (cycles() - inner) * 1000000 / khz;
	end = pv_sched_clock();
	most = (cycles() - outer) * 1000000 / khz;
	CHECK(end - start >= least - least / 8);
	CHECK(end - start <= most + most / 8);
	return SUITE_OK;
}

TEST(steal_clock, "never falls")
{
	uint64_t before = pv_steal_clock(0);

	CHECK(pv_steal_clock(0) >= before);
	return SUITE_OK;
}

TEST(steal_clock, "is 0 on bare metal, and never more than what passed")
{
	uint64_t start = pv_steal_clock(0), clock = pv_sched_clock();

	if (suite_view->bare)
		CHECK(start == 0);
	CHECK(pv_steal_clock(0) - start <= pv_sched_clock() - clock + 1000000000);
	return SUITE_OK;
}

TEST(get_tsc_khz, "is in kHz: between 10 MHz and 100 GHz, the same each time")
{
	unsigned khz = pv_get_tsc_khz();

	CHECK(khz >= 10000 && khz <= 100000000);
	CHECK(pv_get_tsc_khz() == khz);
	return SUITE_OK;
}

TEST(get_tsc_khz, "is what the simulated machine runs at, within 1 %")
{
	uint64_t khz = pv_get_tsc_khz(), real;

	NEED(count, "no independent clock to compare with");
	real = suite_view->count(EFFECT_KHZ);
	CHECK(khz * 100 >= real * 99 && khz * 100 <= real * 101);
	return SUITE_OK;
}

/* 2020-01-01 and 2100-01-01 */
#define YEAR_2020 INT64_C(1577836800)
#define YEAR_2100 INT64_C(4102444800)

TEST(get_wallclock, "is in seconds since 1970: in this century, after 2020")
{
	int64_t now = pv_get_wallclock();

	CHECK(now >= YEAR_2020 && now < YEAR_2100);
	return SUITE_OK;
}

TEST(get_wallclock, "does not run backwards")
{
	int64_t before = pv_get_wallclock();

	CHECK(pv_get_wallclock() >= before);
	return SUITE_OK;
}

TEST(get_wallclock, "is what the simulated machine's clock says")
{
	int64_t real, now;

	NEED(count, "no independent clock to compare with");
	real = (int64_t)suite_view->count(EFFECT_SECONDS);
	now = pv_get_wallclock();
	CHECK(now >= real && now <= real + 2);
	return SUITE_OK;
}

/* Several dates: the ends of months and a leap day are where a calendar goes wrong. */
TEST(set_wallclock, "is what get_wallclock returns from then on")
{
	static const int64_t dates[] = {1709164799 /* 2024-02-28 23:59:59 */,
		1709208000 /* 2024-02-29 12:00 */, 1798761600 /* 2027-01-01 */, 1767225595};
	int64_t before = pv_get_wallclock();

	if (!pv_set_wallclock(before))
		return suite_skip("the platform refuses");
	for (unsigned i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		int64_t now;

		CHECK(pv_set_wallclock(dates[i]));
		now = pv_get_wallclock();
		CHECK(now >= dates[i] && now <= dates[i] + 10);
	}
	CHECK(pv_set_wallclock(before));
	return SUITE_OK;
}

TEST(set_wallclock, "refuses what is out of range and changes nothing")
{
	int64_t before = pv_get_wallclock(), after;

	CHECK(!pv_set_wallclock(-1));
	CHECK(!pv_set_wallclock(YEAR_2100));
	after = pv_get_wallclock();
	CHECK(after >= before && after <= before + 10);
	return SUITE_OK;
}
