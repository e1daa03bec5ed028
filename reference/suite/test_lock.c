/* Tests of locks. One CPU is enough: other holders and waiters are words in the lock. */
#include "suite/suite.h"

enum { NEXT = 0x10000 };

TEST(spin_lock, "takes a free lock")
{
	uint32_t lock = 0;

	pv_spin_lock(&lock);
	CHECK(lock == NEXT);
	return SUITE_OK;
}

TEST(spin_lock, "takes the tickets in order, past the wrap")
{
	uint32_t lock = 0xffffffff; /* ticket 65535 served and next: free */

	pv_spin_lock(&lock);
	CHECK(lock == 0x0000ffff);
	pv_spin_unlock(&lock);
	CHECK(lock == 0);
	pv_spin_lock(&lock);
	CHECK(lock == NEXT);
	return SUITE_OK;
}

TEST(spin_lock, "leaves the interrupt flag alone")
{
	uint32_t lock = 0;

	NEED(interrupts_on, "the flag cannot be seen");
	pv_spin_lock(&lock);
	CHECK(!suite_view->interrupts_on());
	pv_spin_unlock(&lock);
	pv_irq_enable();
	pv_spin_lock(&lock);
	CHECK(suite_view->interrupts_on());
	return SUITE_OK;
}

/* An interrupt's handler lets go of the lock that this code waits for. */
static uint32_t shared;
static unsigned ran;
static void let_go(struct pv_frame *frame)
{
	ran++;
	pv_spin_unlock(&shared);
	pv_apic_eoi((unsigned)frame->vector);
}

TEST(spin_lock, "waits for its holder")
{
	shared = NEXT;
	ran = 0;
	pv_handle(PV_VECTOR_TICK, let_go);
	pv_setup_boot_clock(100);
	pv_irq_enable();
	pv_spin_lock(&shared);
	pv_irq_disable();
	pv_setup_boot_clock(0);
	pv_handle(PV_VECTOR_TICK, NULL);
	suite_catch(PV_VECTOR_TICK);
	CHECK(ran >= 1);
	return SUITE_OK;
}

TEST(spin_trylock, "takes a free lock and says so")
{
	uint32_t lock = 7 * NEXT + 7;

	CHECK(pv_spin_trylock(&lock));
	CHECK(lock == 8 * NEXT + 7);
	return SUITE_OK;
}

TEST(spin_trylock, "leaves a held lock as it is and says so")
{
	uint32_t lock = NEXT;

	CHECK(!pv_spin_trylock(&lock));
	CHECK(lock == NEXT);
	lock = 0x00000005; /* held, and wrapped */
	CHECK(!pv_spin_trylock(&lock));
	CHECK(lock == 5);
	return SUITE_OK;
}

TEST(spin_unlock, "serves the next ticket")
{
	uint32_t lock = 3 * NEXT + 1;

	pv_spin_unlock(&lock);
	CHECK(lock == 3 * NEXT + 2);
	return SUITE_OK;
}

TEST(spin_unlock, "does not carry into the next half")
{
	uint32_t lock = 0x0001ffff;

	pv_spin_unlock(&lock);
	CHECK(lock == 0x00010000);
	return SUITE_OK;
}

static uint32_t free_lock;
SUITE_KEEP_TEST(spin_unlock, &free_lock, 0)

TEST(spin_is_locked, "says held or free, and changes nothing")
{
	uint32_t lock = 9 * NEXT + 9;

	CHECK(!pv_spin_is_locked(&lock));
	CHECK(lock == 9 * NEXT + 9);
	lock += NEXT;
	CHECK(pv_spin_is_locked(&lock));
	CHECK(lock == 10 * NEXT + 9);
	return SUITE_OK;
}

TEST(spin_is_locked, "follows lock and unlock")
{
	uint32_t lock = 0;

	pv_spin_lock(&lock);
	CHECK(pv_spin_is_locked(&lock));
	pv_spin_unlock(&lock);
	CHECK(!pv_spin_is_locked(&lock));
	return SUITE_OK;
}

TEST(spin_is_contended, "a holder alone is not, with a waiter it is")
{
	uint32_t lock = NEXT;

	CHECK(!pv_spin_is_contended(&lock));
	lock = 2 * NEXT;
	CHECK(pv_spin_is_contended(&lock));
	lock = 0;
	CHECK(!pv_spin_is_contended(&lock));
	return SUITE_OK;
}

TEST(spin_is_contended, "counts past the wrap")
{
	uint32_t lock = 0x0001fffe; /* served 65534, next 1: three tickets out */

	CHECK(pv_spin_is_contended(&lock));
	lock = 0x0000ffff;
	CHECK(!pv_spin_is_contended(&lock));
	return SUITE_OK;
}

TEST(wait, "returns at once when the byte differs")
{
	uint8_t byte = 1;
	uint64_t start = pv_sched_clock();

	for (unsigned i = 0; i < 10; i++)
		pv_wait(&byte, 2);
	CHECK(byte == 1);
	CHECK(pv_sched_clock() - start < UINT64_C(10000000000));
	return SUITE_OK;
}

TEST(wait, "leaves the flag as it is")
{
	uint8_t byte = 1;

	NEED(interrupts_on, "the flag cannot be seen");
	pv_wait(&byte, 2);
	CHECK(!suite_view->interrupts_on());
	pv_kick(0);
	pv_wait(&byte, 1);
	CHECK(!suite_view->interrupts_on());
	return SUITE_OK;
}

TEST(kick, "before a wait, ends the wait")
{
	uint8_t byte = 1;

	pv_kick(0);
	pv_wait(&byte, 1);
	CHECK(byte == 1);
	return SUITE_OK;
}

TEST(kick, "without a waiter it does no harm, twice neither")
{
	uint8_t byte = 1;

	pv_kick(0);
	pv_kick(0);
	pv_wait(&byte, 1);
	pv_irq_enable();
	pv_kick(0);
	pv_irq_disable();
	pv_wait(&byte, 1);
	return SUITE_OK;
}

TEST(kick, "leaves the flag as it is")
{
	NEED(interrupts_on, "the flag cannot be seen");
	pv_kick(0);
	CHECK(!suite_view->interrupts_on());
	pv_irq_enable();
	pv_kick(0);
	CHECK(suite_view->interrupts_on());
	return SUITE_OK;
}
