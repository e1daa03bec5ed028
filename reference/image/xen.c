/* The image as a PV guest of Xen: console, shutdown, the view that Xen gives its guest. */
#include "image/platform.h"

#include "xen/xen.h"

enum { POWER = 0x604, POWER_OFF = 0x2000 };

static void console_write(const char *text, size_t length)
{
	xen_call(XEN_CONSOLE, XEN_CONSOLE_WRITE, length, xen_pointer(text), 0, 0);
}

/* The first domain may write the machine's ports, this one too; another domain is only shut down. */
static void shut_down(bool ok)
{
	uint32_t reason = ok ? XEN_POWER_OFF : XEN_CRASH;

	__asm__ volatile("1:\toutw %0,%1\n2:\n\t" PV_FIX("1b", "2b")
			 :
			 : "a"((uint16_t)POWER_OFF), "d"((uint16_t)POWER));
	for (;;)
		xen_call(XEN_SCHEDULE, XEN_SHUTDOWN, xen_pointer(&reason), 0, 0, 0);
}

static void read_start(struct pv_boot *boot, void *info)
{
	boot->entry = PV_ENTRY_XEN;
	boot->info = info;
	boot->command_line = ((const struct xen_start *)info)->command_line;
}

static bool interrupts_on(void)
{
	return !xen_vcpu()->mask;
}

static uint64_t control(unsigned n)
{
	return n == 2 ? xen_vcpu()->cr2 : raw_cr(n);
}

static void raise(unsigned vector)
{
	uint32_t port = xen_port(vector);

	xen_call(XEN_EVENT, XEN_SEND, xen_pointer(&port), 0, 0, 0);
}

static const struct suite_view *xen_view(void)
{
	static struct suite_view view SUITE_OWN = {
		.name = "Xen, its own way of seeing",
		.instructions = true,
		.interrupts_on = interrupts_on,
		.cr = control,
		.debug = raw_debug,
		.msr = raw_msr,
		.raise = raise,
		.frames_differ = true,
		.lazy_batches = true,
	};

	if (monitor_present()) {
		view.name = "simulated Xen";
		view.count = monitor_count;
	}
	return &view;
}

const struct platform platform_xen = {"xen", console_write, shut_down, read_start, xen_view};
