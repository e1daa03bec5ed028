/* Tests of the local interrupt controller and the tick. */
#include "suite/suite.h"

enum {
	VECTOR = PV_VECTOR_FREE + 2,
	APIC_ID = 0x20,
	APIC_VERSION = 0x30,
	APIC_PRIORITY = 0x80,
	APIC_COMMAND = 0x300,
	APIC_SELF = 1 << 18 | 1 << 14, /* shorthand self, level assert */
};

static void moment(void)
{
	for (unsigned i = 0; i < 100; i++)
		__asm__ volatile("pause" : : : "memory");
}

TEST(apic_read, "the version has the form of a controller's")
{
	uint32_t version = pv_apic_read(APIC_VERSION);

	CHECK((version & 0xff) >= 0x10 && (version & 0xff) < 0x20);
	CHECK((version >> 16 & 0xff) >= 3);
	return SUITE_OK;
}

TEST(apic_read, "the ID is the boot CPU's, the same each time")
{
	uint32_t id = pv_apic_read(APIC_ID);

	CHECK(id >> 24 == 0);
	CHECK(pv_apic_read(APIC_ID) == id);
	return SUITE_OK;
}

TEST(apic_read, "reads the register that is asked for")
{
	pv_apic_write(APIC_PRIORITY, 0x20);
	CHECK(pv_apic_read(APIC_PRIORITY) == 0x20);
	CHECK(pv_apic_read(APIC_VERSION) != 0x20);
	pv_apic_write(APIC_PRIORITY, 0);
	return SUITE_OK;
}

TEST(apic_write, "task priority is kept")
{
	pv_apic_write(APIC_PRIORITY, 0x30);
	CHECK(pv_apic_read(APIC_PRIORITY) == 0x30);
	pv_apic_write(APIC_PRIORITY, 0);
	CHECK(pv_apic_read(APIC_PRIORITY) == 0);
	return SUITE_OK;
}

TEST(apic_write, "an interrupt to oneself waits while interrupts are off, then comes in once")
{
	suite_catch(VECTOR);
	pv_apic_write(APIC_COMMAND, APIC_SELF | VECTOR);
	moment();
	CHECK(suite_caught(VECTOR) == 0);
	pv_irq_enable();
	moment();
	CHECK(suite_caught(VECTOR) == 1);
	return SUITE_OK;
}

TEST(apic_write, "an interrupt to oneself arrives as the vector that was asked for")
{
	suite_catch(VECTOR);
	suite_catch(VECTOR + 1);
	pv_irq_enable();
	pv_apic_write(APIC_COMMAND, APIC_SELF | (VECTOR + 1));
	moment();
	CHECK(suite_caught(VECTOR) == 0 && suite_caught(VECTOR + 1) == 1);
	return SUITE_OK;
}

TEST(apic_eoi, "after it, the same vector comes in again")
{
	suite_catch(VECTOR);
	pv_irq_enable();
	for (unsigned i = 0; i < 4; i++) {
		pv_apic_write(APIC_COMMAND, APIC_SELF | VECTOR);
		moment();
		CHECK(suite_caught(VECTOR) == 1);
	}
	return SUITE_OK;
}

TEST(apic_eoi, "after it, lower vectors come in")
{
	suite_catch(PV_VECTOR_FREE);
	suite_catch(PV_VECTOR_FREE + 0x80);
	pv_irq_enable();
	pv_apic_write(APIC_COMMAND, APIC_SELF | (PV_VECTOR_FREE + 0x80));
	moment();
	pv_apic_write(APIC_COMMAND, APIC_SELF | PV_VECTOR_FREE);
	moment();
	CHECK(suite_caught(PV_VECTOR_FREE + 0x80) == 1);
	CHECK(suite_caught(PV_VECTOR_FREE) == 1);
	return SUITE_OK;
}

/* Ticks that came until `most` or 10 s; *elapsed in nanoseconds. */
static unsigned ticks(unsigned most, uint64_t *elapsed)
{
	uint64_t start = suite_nanoseconds();
	unsigned n = 0;

	do {
		n += suite_caught(PV_VECTOR_TICK);
		__asm__ volatile("pause" : : : "memory");
		*elapsed = suite_nanoseconds() - start;
	} while (n < most && *elapsed < UINT64_C(10000000000));
	return n;
}

TEST(setup_boot_clock, "the tick comes again and again, not faster than asked for")
{
	uint64_t elapsed;
	unsigned n;

	suite_catch(PV_VECTOR_TICK);
	pv_setup_boot_clock(100);
	pv_irq_enable();
	n = ticks(5, &elapsed);
	pv_irq_disable();
	pv_setup_boot_clock(0);
	CHECK(n >= 5);
	CHECK(elapsed >= 3 * UINT64_C(10000000)); /* 4 whole periods lie between 5 ticks; one for slack */
	return SUITE_OK;
}

TEST(setup_boot_clock, "the tick of a simulated machine is on time")
{
	uint64_t elapsed;
	unsigned n;

	NEED(count, "a real machine may be late");
	suite_catch(PV_VECTOR_TICK);
	pv_setup_boot_clock(1000);
	pv_irq_enable();
	ticks(1, &elapsed); /* the first one may have waited since the last time */
	n = ticks(10, &elapsed);
	pv_irq_disable();
	pv_setup_boot_clock(0);
	CHECK(n == 10);
	CHECK(elapsed >= UINT64_C(8500000)); /* 9 periods to 10, whole ones of the chip */
	CHECK(elapsed <= UINT64_C(11000000));
	return SUITE_OK;
}

TEST(setup_boot_clock, "with interrupts off, no tick comes in; leaves the flag alone")
{
	uint64_t start;

	NEED(interrupts_on, "the flag cannot be seen");
	suite_catch(PV_VECTOR_TICK);
	pv_setup_boot_clock(1000);
	CHECK(!suite_view->interrupts_on());
	start = suite_nanoseconds();
	while (suite_nanoseconds() - start < 3000000)
		__asm__ volatile("pause" : : : "memory");
	CHECK(suite_caught(PV_VECTOR_TICK) == 0);
	pv_setup_boot_clock(0);
	return SUITE_OK;
}

TEST(setup_boot_clock, "0 stops it")
{
	uint64_t start;

	suite_catch(PV_VECTOR_TICK);
	pv_setup_boot_clock(1000);
	pv_setup_boot_clock(0);
	pv_irq_enable();
	moment();
	suite_caught(PV_VECTOR_TICK); /* one may have been on its way */
	start = suite_nanoseconds();
	while (suite_nanoseconds() - start < 5000000)
		__asm__ volatile("pause" : : : "memory");
	CHECK(suite_caught(PV_VECTOR_TICK) == 0);
	return SUITE_OK;
}
