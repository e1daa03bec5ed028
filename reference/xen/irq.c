/* Xen: events in place of interrupts. A byte shared with Xen is the interrupt flag; an event channel stands
 * for each vector; what the local controller would keep is kept here. */
#include "xen/xen.h"

enum {
	APIC_ID = 0x20,
	APIC_VERSION = 0x30,
	APIC_PRIORITY = 0x80,
	APIC_COMMAND = 0x300,
	APIC_SHORTHAND = 3 << 18,
	APIC_SELF = 1 << 18,
	APIC_MODE = 7 << 8,
	APIC_VERSION_VALUE = 0x50014, /* six local entries, version 0x14 */
	PORTS = 1024,
	KICK = 256, /* a place beside the vectors: the channel of lock.kick */
	PLACES = 257,
};

static uint32_t port_of[PLACES]; /* 0: not bound; Xen never gives out port 0 */
static uint8_t vector_of[PORTS];
static uint32_t tick_port;
static uint64_t tick_period; /* nanoseconds; 0: no tick */
static uint32_t task_priority;

static void set_bit(uint64_t *words, uint32_t n)
{
	__atomic_fetch_or(&words[n / 64], UINT64_C(1) << n % 64, __ATOMIC_SEQ_CST);
}

static void clear_bit(uint64_t *words, uint32_t n)
{
	__atomic_fetch_and(&words[n / 64], ~(UINT64_C(1) << n % 64), __ATOMIC_SEQ_CST);
}

/* By hypercall: it delivers what became pending behind the mask, too. */
static void unmask(uint32_t port)
{
	xen_must("unmask", xen_call(XEN_EVENT, XEN_UNMASK, xen_pointer(&port), 0, 0, 0));
}

static uint32_t bind(unsigned place)
{
	struct xen_bind_ipi bind = {0, 0};

	if (!port_of[place]) {
		xen_must("bind", xen_call(XEN_EVENT, XEN_BIND_IPI, xen_pointer(&bind), 0, 0, 0));
		port_of[place] = bind.port;
		if (place == KICK) {
			set_bit(xen_shared.masked, bind.port); /* is polled, never comes in */
		} else {
			vector_of[bind.port] = (uint8_t)place;
			unmask(bind.port);
		}
	}
	return port_of[place];
}

uint32_t xen_port(unsigned vector)
{
	return bind(vector);
}

/* The words of events with news, one after the other; each event is taken before it is handled, so that
 * one that comes again meanwhile is seen again. */
static void upcall(struct pv_frame *frame)
{
	volatile struct xen_vcpu *vcpu = xen_vcpu();

	while (vcpu->pending) {
		uint64_t words;

		vcpu->pending = 0;
		words = __atomic_exchange_n(&vcpu->selector, 0, __ATOMIC_SEQ_CST);
		while (words) {
			unsigned word = (unsigned)__builtin_ctzll(words);
			uint64_t events = xen_shared.pending[word] & ~xen_shared.masked[word];

			if (!events) {
				words &= words - 1;
				continue;
			}
			uint32_t port = word * 64 + (unsigned)__builtin_ctzll(events);
			clear_bit(xen_shared.pending, port);
			frame->vector = vector_of[port];
			pv_dispatch(frame);
		}
	}
}

void xen_irq_start(void)
{
	struct xen_bind_virq bind = {XEN_VIRQ_TIMER, 0, 0};

	pv_event_handler = upcall;
	xen_call(XEN_VCPU, XEN_VCPU_PERIODIC_STOP, 0, 0, 0, 0);
	for (unsigned word = 0; word < 64; word++)
		xen_shared.masked[word] = ~UINT64_C(0);
	xen_must("bind timer", xen_call(XEN_EVENT, XEN_BIND_VIRQ, xen_pointer(&bind), 0, 0, 0));
	tick_port = bind.port;
	vector_of[tick_port] = PV_VECTOR_TICK;
}

/* Channels of our own stay open; everything from outside is masked. */
void xen_init_IRQ(void)
{
	for (unsigned word = 0; word < 64; word++)
		xen_shared.masked[word] = ~UINT64_C(0);
	for (unsigned vector = 0; vector < 256; vector++) {
		if (port_of[vector])
			unmask(port_of[vector]);
	}
}

uint64_t xen_save_fl_c(void);
uint64_t xen_save_fl_c(void)
{
	return xen_vcpu()->mask ? 0 : PV_IF;
}
PV_KEEP(xen_save_fl)

/* What became pending while the byte was set comes in at any return from a hypercall. */
void xen_irq_enable_c(void);
void xen_irq_enable_c(void)
{
	xen_vcpu()->mask = 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (xen_vcpu()->pending)
		xen_call(XEN_VERSION, 0, 0, 0, 0, 0);
}
PV_KEEP(xen_irq_enable)

void xen_irq_disable_c(void);
void xen_irq_disable_c(void)
{
	xen_vcpu()->mask = 1;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
PV_KEEP(xen_irq_disable)

void xen_restore_fl_c(uint64_t flags);
void xen_restore_fl_c(uint64_t flags)
{
	if (flags & PV_IF)
		xen_irq_enable_c();
	else
		xen_irq_disable_c();
}
PV_KEEP(xen_restore_fl)

/* Xen clears the byte and looks for events in one step. Its periodic timer stands still while a guest
 * sleeps: a timer that fires once wakes it for the tick. */
void xen_safe_halt(void)
{
	if (tick_period)
		xen_call(XEN_SET_TIMER, xen_sched_clock() + tick_period, 0, 0, 0, 0);
	xen_call(XEN_SCHEDULE, XEN_BLOCK, 0, 0, 0, 0);
}

void xen_halt(void)
{
	if (xen_vcpu()->mask)
		xen_call(XEN_VCPU, XEN_VCPU_DOWN, 0, 0, 0, 0);
	else
		xen_safe_halt();
}

/* Above the frame lie %rcx and %r11; below them, our return address. */
__asm__(".pushsection .text\n\t.balign 16\n\t.globl xen_adjust_exception_frame\n"
	"xen_adjust_exception_frame:\n\t"
	"movq 8(%rsp),%rcx\n\t"
	"movq 16(%rsp),%r11\n\t"
	"ret $16\n\t"
	".popsection");

/* Xen returns for us: one word of flags (0: all registers as they are) on top of the frame. */
__asm__(".pushsection .text\n\t.balign 16\n\t.globl xen_iret\n"
	"xen_iret:\n\t"
	"pushq $0\n\t"
	"jmp xen_hypercall_page + 23 * 32\n\t"
	".popsection");

uint32_t xen_apic_read(uint32_t reg)
{
	switch (reg) {
	case APIC_VERSION:
		return APIC_VERSION_VALUE;
	case APIC_PRIORITY:
		return task_priority;
	case APIC_ID: /* 0: the boot CPU */
	default:
		return 0;
	}
}

void xen_apic_write(uint32_t reg, uint32_t value)
{
	uint32_t port;

	if (reg == APIC_PRIORITY)
		task_priority = value & 0xff;
	if (reg != APIC_COMMAND || (value & APIC_SHORTHAND) != APIC_SELF || value & APIC_MODE)
		return;
	port = xen_port(value & 0xff);
	xen_must("send", xen_call(XEN_EVENT, XEN_SEND, xen_pointer(&port), 0, 0, 0));
}

/* Nothing is left to end: the event was taken before it was handled. */
void xen_apic_eoi(unsigned vector)
{
	(void)vector;
}

uint64_t xen_read_cr8(void)
{
	return task_priority >> 4;
}

void xen_write_cr8(uint64_t value)
{
	task_priority = (uint32_t)(value & 15) << 4;
}

void xen_setup_boot_clock(unsigned hz)
{
	set_bit(xen_shared.masked, tick_port);
	xen_call(XEN_VCPU, XEN_VCPU_PERIODIC_STOP, 0, 0, 0, 0);
	xen_call(XEN_SET_TIMER, 0, 0, 0, 0, 0);
	clear_bit(xen_shared.pending, tick_port);
	tick_period = hz ? 1000000000 / hz : 0;
	if (!hz)
		return;
	xen_must("periodic timer",
		xen_call(XEN_VCPU, XEN_VCPU_PERIODIC, 0, xen_pointer(&tick_period), 0, 0));
	unmask(tick_port);
}

/* Sleeps until the channel of kicks is pending: at once, if it is already. */
void xen_wait(const uint8_t *byte, uint8_t value)
{
	uint32_t port = bind(KICK);
	struct xen_poll poll = {&port, 1, 0};

	if (__atomic_load_n(byte, __ATOMIC_ACQUIRE) != value)
		return;
	xen_call(XEN_SCHEDULE, XEN_POLL, xen_pointer(&poll), 0, 0, 0);
	clear_bit(xen_shared.pending, port);
}

void xen_kick(unsigned cpu)
{
	uint32_t port = bind(KICK);

	(void)cpu;
	xen_call(XEN_EVENT, XEN_SEND, xen_pointer(&port), 0, 0, 0);
}
