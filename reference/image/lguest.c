/* The image as a guest in lguest's style: console and shutdown by calls, the view through the simulated
 * machine's monitor, since no instruction shows a guest its own state. */
#include "image/platform.h"

#include "lguest/lguest.h"

static struct lguest_shared *shared;

static void call_write(const char *text, size_t length)
{
	lguest_call(LGUEST_WRITE, (uint64_t)(uintptr_t)text, length, 0);
}

static void shut_down(bool ok)
{
	(void)ok;
	for (;;)
		lguest_call(LGUEST_SHUTDOWN, 0, 0, 0);
}

static void read_shared(struct pv_boot *boot, void *info)
{
	shared = info;
	boot->entry = PV_ENTRY_LGUEST;
	boot->info = info;
	boot->command_line = shared->command_line;
	boot->memory[0] = (struct pv_range){shared->memory_start, shared->memory_end};
	boot->memory_ranges = 1;
}

static bool interrupts_on(void)
{
	return shared->interrupts_on;
}

static uint64_t control(unsigned n)
{
	return n == 0 ? monitor_count(EFFECT_CR0) : n == 2 ? shared->cr2 : monitor_count(EFFECT_CR4_VALUE);
}

static uint64_t debug(unsigned n)
{
	return monitor_count(EFFECT_DEBUG + n);
}

static uint64_t msr(uint32_t number)
{
	switch (number) {
	case 0xc0000100:
		return monitor_count(EFFECT_MSR + 2);
	case 0xc0000101:
		return monitor_count(EFFECT_MSR);
	default:
		return monitor_count(EFFECT_MSR + 1);
	}
}

static void raise(unsigned vector)
{
	lguest_call(LGUEST_INTERRUPT, vector, 0, 0);
}

static const struct suite_view *lguest_view(void)
{
	static const struct suite_view view = {
		.name = "simulated host in lguest's style",
		.interrupts_on = interrupts_on,
		.cr = control,
		.debug = debug,
		.msr = msr,
		.raise = raise,
		.count = monitor_count,
		.lazy_batches = true,
	};

	return &view;
}

const struct platform platform_lguest = {
	"lguest", call_write, shut_down, read_shared, lguest_view};
