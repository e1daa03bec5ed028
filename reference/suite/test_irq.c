/* Tests of interrupts. */
#include "suite/suite.h"

enum { VECTOR = PV_VECTOR_FREE + 1, INVALID_OPCODE = 6 };
#define NO_FLAG "the flag cannot be seen"
#define NO_RAISE "nothing can raise an interrupt"

/* A moment in which a pending interrupt that may come in does. */
static void moment(void)
{
	for (unsigned i = 0; i < 100; i++)
		__asm__ volatile("pause" : : : "memory");
}

/* Waits for a vector that comes by itself, at most 10 s. */
static bool comes(unsigned vector)
{
	uint64_t start = pv_sched_clock();

	while (!suite_caught(vector)) {
		if (pv_sched_clock() - start > UINT64_C(10000000000))
			return false;
		__asm__ volatile("pause" : : : "memory");
	}
	return true;
}

TEST(init_IRQ, "leaves the flag as it is, off and on")
{
	NEED(interrupts_on, NO_FLAG);
	pv_init_IRQ();
	CHECK(!suite_view->interrupts_on());
	pv_irq_enable();
	pv_init_IRQ();
	CHECK(suite_view->interrupts_on());
	return SUITE_OK;
}

TEST(init_IRQ, "masks all device lines: a running tick does not come in")
{
	suite_catch(PV_VECTOR_TICK);
	pv_setup_boot_clock(1000);
	pv_init_IRQ();
	pv_irq_enable();
	moment();
	suite_caught(PV_VECTOR_TICK); /* one may have been on its way */
	for (unsigned i = 0; i < 200; i++)
		moment();
	pv_irq_disable();
	pv_setup_boot_clock(0);
	CHECK(suite_caught(PV_VECTOR_TICK) == 0);
	return SUITE_OK;
}

TEST(init_IRQ, "makes interrupts possible")
{
	NEED(raise, NO_RAISE);
	pv_init_IRQ();
	suite_catch(VECTOR);
	pv_irq_enable();
	suite_view->raise(VECTOR);
	moment();
	CHECK(suite_caught(VECTOR) == 1);
	return SUITE_OK;
}

TEST(save_fl, "tells whether interrupts are on")
{
	CHECK(!(pv_save_fl() & PV_IF));
	pv_irq_enable();
	CHECK(pv_save_fl() & PV_IF);
	return SUITE_OK;
}

TEST(save_fl, "changes nothing")
{
	NEED(interrupts_on, NO_FLAG);
	(void)pv_save_fl();
	CHECK(!suite_view->interrupts_on());
	pv_irq_enable();
	(void)pv_save_fl();
	CHECK(suite_view->interrupts_on());
	return SUITE_OK;
}

SUITE_KEEP_TEST(save_fl, 1, 2)

TEST(restore_fl, "puts the flag back, off and on, nested")
{
	uint64_t outer, inner;

	NEED(interrupts_on, NO_FLAG);
	pv_irq_enable();
	outer = pv_save_fl();
	pv_irq_disable();
	inner = pv_save_fl();
	pv_irq_disable();
	pv_restore_fl(inner);
	CHECK(!suite_view->interrupts_on());
	pv_restore_fl(outer);
	CHECK(suite_view->interrupts_on());
	pv_restore_fl(inner);
	CHECK(!suite_view->interrupts_on());
	return SUITE_OK;
}

TEST(restore_fl, "lets in what is pending when it turns them on")
{
	uint64_t on;

	NEED(raise, NO_RAISE);
	suite_catch(VECTOR);
	pv_irq_enable();
	on = pv_save_fl();
	pv_irq_disable();
	suite_view->raise(VECTOR);
	moment();
	CHECK(suite_caught(VECTOR) == 0);
	pv_restore_fl(on);
	moment();
	CHECK(suite_caught(VECTOR) == 1);
	return SUITE_OK;
}

SUITE_KEEP_TEST(restore_fl, pv_save_fl(), 2)

TEST(irq_disable, "interrupts are off after it, and after a second")
{
	NEED(interrupts_on, NO_FLAG);
	pv_irq_enable();
	pv_irq_disable();
	CHECK(!suite_view->interrupts_on());
	pv_irq_disable();
	CHECK(!suite_view->interrupts_on());
	return SUITE_OK;
}

TEST(irq_disable, "what is raised waits, and is not lost")
{
	NEED(raise, NO_RAISE);
	suite_catch(VECTOR);
	pv_irq_enable();
	pv_irq_disable();
	suite_view->raise(VECTOR);
	moment();
	CHECK(suite_caught(VECTOR) == 0);
	pv_irq_enable();
	moment();
	CHECK(suite_caught(VECTOR) == 1);
	return SUITE_OK;
}

SUITE_KEEP_TEST(irq_disable, 1, 2)

TEST(irq_enable, "interrupts are on after it")
{
	NEED(interrupts_on, NO_FLAG);
	pv_irq_enable();
	CHECK(suite_view->interrupts_on());
	return SUITE_OK;
}

TEST(irq_enable, "what is raised with interrupts on comes in")
{
	NEED(raise, NO_RAISE);
	suite_catch(VECTOR);
	pv_irq_enable();
	for (unsigned i = 0; i < 3; i++) {
		suite_view->raise(VECTOR);
		moment();
		CHECK(suite_caught(VECTOR) == 1);
	}
	return SUITE_OK;
}

SUITE_KEEP_TEST(irq_enable, 1, 2)

TEST(safe_halt, "is woken by what was pending before, and returns with interrupts on")
{
	NEED(raise, NO_RAISE);
	suite_catch(VECTOR);
	suite_view->raise(VECTOR);
	moment();
	pv_safe_halt();
	CHECK(suite_view->interrupts_on());
	CHECK(suite_caught(VECTOR) == 1);
	return SUITE_OK;
}

TEST(safe_halt, "is woken by the tick")
{
	bool came;

	suite_catch(PV_VECTOR_TICK);
	pv_setup_boot_clock(100);
	pv_safe_halt();
	came = suite_caught(PV_VECTOR_TICK) >= 1;
	pv_setup_boot_clock(0);
	CHECK(came);
	return SUITE_OK;
}

TEST(halt, "with interrupts on: returns after one, and leaves them on")
{
	NEED(interrupts_on, NO_FLAG);
	suite_catch(PV_VECTOR_TICK);
	pv_setup_boot_clock(100);
	pv_irq_enable();
	pv_halt();
	CHECK(suite_view->interrupts_on());
	CHECK(comes(PV_VECTOR_TICK));
	pv_irq_disable();
	pv_setup_boot_clock(0);
	return SUITE_OK;
}

TEST(halt, "the CPU sleeps: a simulated machine counts it")
{
	uint64_t before;

	NEED(count, "sleep cannot be seen");
	suite_catch(PV_VECTOR_TICK);
	before = suite_view->count(EFFECT_HALT);
	pv_setup_boot_clock(100);
	pv_irq_enable();
	pv_halt();
	pv_irq_disable();
	pv_setup_boot_clock(0);
	CHECK(suite_view->count(EFFECT_HALT) == before + 1);
	return SUITE_OK;
}

/* ud2 with known values in the registers that a hypervisor pushes; the handler steps over it. */
static struct pv_frame seen;
static uint64_t turn_on;
static void step_over(struct pv_frame *frame)
{
	seen = *frame;
	frame->rip += 2;
	frame->rflags ^= turn_on;
}

struct trap {
	uint64_t rcx, r11, rsp, rip;
};
static struct trap trap(uint64_t rcx, uint64_t r11)
{
	struct trap after;

	pv_handle(INVALID_OPCODE, step_over);
	__asm__ volatile("movq %4,%%rcx\n\t"
			 "movq %5,%%r11\n\t"
			 "movq %%rsp,%2\n\t"
			 "leaq 1f(%%rip),%3\n"
			 "1:\tud2\n\t"
			 "subq %%rsp,%2\n\t"
			 "movq %%rcx,%0\n\t"
			 "movq %%r11,%1\n\t"
			 : "=&r"(after.rcx), "=&r"(after.r11), "=&r"(after.rsp), "=&r"(after.rip)
			 : "r"(rcx), "r"(r11)
			 : "rcx", "r11", "memory", "cc");
	pv_handle(INVALID_OPCODE, NULL);
	return after;
}

TEST(adjust_exception_frame, "handlers see the frame of the CPU: rip, rsp, all registers")
{
	struct trap after = trap(0x1234567, 0x89abcde);

	CHECK(seen.vector == INVALID_OPCODE && seen.error == 0);
	CHECK(seen.rip == after.rip);
	CHECK(seen.rcx == 0x1234567 && seen.r11 == 0x89abcde);
	return SUITE_OK;
}

TEST(adjust_exception_frame, "the interrupted code finds its registers and its stack again")
{
	struct trap after = trap(0x55aa55aa, 0x1111);

	CHECK(after.rcx == 0x55aa55aa && after.r11 == 0x1111 && after.rsp == 0);
	return SUITE_OK;
}

TEST(adjust_exception_frame, "a frame with an error word has it")
{
	uint64_t value;

	pv_handle(14, NULL);
	CHECK(!suite_read(UINT64_C(0x7000000000), &value));
	CHECK(!suite_store(UINT64_C(0x7000000000), 1));
	return SUITE_OK;
}

TEST(iret, "goes on where the frame says, with its stack")
{
	struct trap after;

	turn_on = 0;
	after = trap(1, 2);
	CHECK(after.rip == seen.rip && after.rsp == 0);
	return SUITE_OK;
}

TEST(iret, "the interrupt flag becomes that of the frame")
{
	bool on, off;

	NEED(interrupts_on, NO_FLAG);
	turn_on = PV_IF;
	trap(1, 2);
	on = suite_view->interrupts_on();
	trap(1, 2);
	off = !suite_view->interrupts_on();
	turn_on = 0;
	CHECK(on);
	CHECK(off);
	return SUITE_OK;
}

TEST(iret, "lets in what is pending when it turns interrupts on")
{
	NEED(raise, NO_RAISE);
	suite_catch(VECTOR);
	suite_view->raise(VECTOR);
	turn_on = PV_IF;
	trap(1, 2);
	turn_on = 0;
	moment();
	CHECK(suite_caught(VECTOR) == 1);
	return SUITE_OK;
}
