/* The simulated devices: two interrupt controllers of 1981, the timer chip, the clock chip, a serial line, a
 * local APIC, and the monitor, which exists on no other machine and tells what was counted. */
#include "machine.h"

#include "native/native.h"
#include "suite/suite.h"

#include <stdarg.h>
#include <string.h>

enum { PIC_0 = 0x20, PIC_1 = 0xa0, TICK_LINE = 0, CLOCK_DATA_MODE = 2 /* 24 hours, BCD */ };

/* ---- time ---- */

static uint64_t seconds_of(const struct machine *m)
{
	return m->cycles / (TSC_KHZ * UINT64_C(1000));
}

int64_t device_seconds(struct machine *m)
{
	return BOOT_SECONDS + (int64_t)seconds_of(m) + m->clock.offset;
}

static unsigned to_bcd(unsigned value)
{
	return value / 10 << 4 | value % 10;
}

static unsigned from_bcd(unsigned value)
{
	return (value >> 4) * 10 + (value & 15);
}

static uint8_t clock_get(struct machine *m, unsigned reg)
{
	int64_t now = device_seconds(m);
	unsigned date[3];

	pv_date(now, date);
	switch (reg) {
	case 0:
		return (uint8_t)to_bcd((unsigned)(now % 60));
	case 2:
		return (uint8_t)to_bcd((unsigned)(now / 60 % 60));
	case 4:
		return (uint8_t)to_bcd((unsigned)(now / 3600 % 24));
	case 7:
		return (uint8_t)to_bcd(date[2]);
	case 8:
		return (uint8_t)to_bcd(date[1]);
	case 9:
		return (uint8_t)to_bcd(date[0] % 100);
	case 0x0b:
		return m->clock.reg_b;
	default:
		return 0;
	}
}

/* While updates are stopped the registers take values; the last one of register b sets the time. */
static void clock_put(struct machine *m, unsigned reg, uint8_t value)
{
	bool stopped = m->clock.reg_b & 0x80;

	if (reg < 10) {
		if (!stopped)
			machine_stop(m, "the clock is written while it runs");
		m->clock.set[reg] = value;
		return;
	}
	if (reg != 0x0b)
		return;
	if (!stopped && value & 0x80) {
		for (unsigned n = 0; n < 10; n++)
			m->clock.set[n] = clock_get(m, n);
	}
	if (stopped && !(value & 0x80)) {
		const uint8_t *set = m->clock.set;
		int64_t wanted = pv_seconds(2000 + from_bcd(set[9]), from_bcd(set[8]), from_bcd(set[7])) +
				 from_bcd(set[4]) * 3600 + from_bcd(set[2]) * 60 + from_bcd(set[0]);

		m->clock.offset += wanted - device_seconds(m);
	}
	m->clock.reg_b = value;
}

static uint64_t timer_cycles(unsigned count)
{
	return (uint64_t)count * TSC_KHZ * 1000 / TIMER_HZ;
}

static void timer_put(struct machine *m, unsigned n, uint8_t value)
{
	if (!m->pit.half[n]) {
		m->pit.write_low = value;
		m->pit.half[n] = true;
		return;
	}
	m->pit.half[n] = false;
	m->pit.reload[n] = (uint16_t)(m->pit.write_low | value << 8);
	if (n == 2)
		m->pit.started = m->cycles;
	if (n == 0) {
		m->tick.on = true;
		m->tick.period = timer_cycles(m->pit.reload[0] ? m->pit.reload[0] : 0x10000);
		m->tick.next = m->cycles + m->tick.period;
	}
}

static bool timer_2_done(const struct machine *m)
{
	return m->pit.gate && m->cycles - m->pit.started >= timer_cycles(m->pit.reload[2]);
}

void device_tick(struct machine *m)
{
	if (m->mode == MODE_XEN) {
		xen_timer(m);
		return;
	}
	if (m->mode == MODE_LGUEST) {
		lguest_timer(m);
		return;
	}
	if (!m->tick.on || m->cycles < m->tick.next)
		return;
	while (m->tick.next <= m->cycles)
		m->tick.next += m->tick.period;
	m->pic.request = true;
}

/* ---- interrupt controllers ---- */

static void pic_put(struct machine *m, unsigned n, bool data, uint8_t value)
{
	uint8_t *step = &m->pic.step[n];

	if (!data && value & 0x10) {
		*step = 1;
		m->pic.mask[n] = 0;
		m->pic.service = m->pic.service && n;
	} else if (!data && value == 0x20) {
		if (!n)
			m->pic.service = false;
	} else if (data && *step) {
		if (*step == 1)
			m->pic.base[n] = value;
		*step = *step == 3 ? 0 : *step + 1;
	} else if (data) {
		m->pic.mask[n] = value;
	}
}

static bool pic_waits(const struct machine *m)
{
	return m->pic.request && !m->pic.service && !(m->pic.mask[0] & 1 << TICK_LINE);
}

static int highest(const uint32_t bits[8])
{
	for (int word = 7; word >= 0; word--) {
		if (bits[word])
			return word * 32 + 31 - __builtin_clz(bits[word]);
	}
	return -1;
}

/* The vector that the local APIC would bring now: its class above the priority and what is in service. */
static int apic_waits(const struct machine *m)
{
	int vector = highest(m->apic.irr), serving = highest(m->apic.isr);

	if (vector < 0 || !(m->apic.spurious & 0x100))
		return -1;
	if (vector >> 4 <= (int)(m->apic.priority >> 4) || (serving >= 0 && vector >> 4 <= serving >> 4))
		return -1;
	return vector;
}

bool device_interrupt_waits(struct machine *m)
{
	return pic_waits(m) || apic_waits(m) >= 0;
}

int device_interrupt(struct machine *m)
{
	int vector = apic_waits(m);

	if (vector >= 0) {
		m->apic.irr[vector / 32] &= ~(1u << vector % 32);
		m->apic.isr[vector / 32] |= 1u << vector % 32;
		return vector;
	}
	if (!pic_waits(m))
		return -1;
	m->pic.request = false;
	m->pic.service = true;
	return m->pic.base[0] + TICK_LINE;
}

uint32_t apic_read(struct machine *m, uint32_t reg)
{
	switch (reg) {
	case 0x20:
		return 0;
	case 0x30:
		return 0x50014;
	case 0x80:
		return m->apic.priority;
	case 0xf0:
		return m->apic.spurious;
	default:
		return 0;
	}
}

void apic_write(struct machine *m, uint32_t reg, uint32_t value)
{
	int serving;

	switch (reg) {
	case 0x80:
		m->apic.priority = value & 0xff;
		break;
	case 0xb0:
		serving = highest(m->apic.isr);
		if (serving < 0)
			machine_stop(m, "end of interrupt, but none is being handled");
		m->apic.isr[serving / 32] &= ~(1u << serving % 32);
		break;
	case 0xf0:
		m->apic.spurious = value;
		break;
	case 0x300:
		if ((value & 0xc0700) != 0x40000)
			machine_stop(m, "interrupt command 0x%x: only fixed ones to itself", value);
		m->apic.irr[(value & 0xff) / 32] |= 1u << value % 32;
		break;
	default:
		machine_stop(m, "write of 0x%x to register 0x%x of the APIC", value, reg);
	}
}

/* ---- the monitor ---- */

uint64_t device_monitor(struct machine *m, unsigned effect)
{
	switch (effect) {
	case EFFECT_SIGNATURE:
		return SUITE_SIGNATURE;
	case EFFECT_INSTRUCTIONS:
		return m->instructions;
	case EFFECT_KHZ:
		return TSC_KHZ;
	case EFFECT_SECONDS:
		return (uint64_t)device_seconds(m);
	case EFFECT_OUT_PORT:
		return m->last_port;
	case EFFECT_MODE:
		return m->mode;
	case EFFECT_CR0:
		return m->cr0;
	case EFFECT_CR4_VALUE:
		return m->cr4;
	case EFFECT_CR2:
		return m->cr2;
	case EFFECT_IF:
		return m->mode == MODE_LGUEST ? lguest_monitor(m, effect) : (m->rflags & IF) != 0;
	case EFFECT_MSR:
		return m->gs_base;
	case EFFECT_MSR + 1:
		return m->kernel_gs_base;
	case EFFECT_MSR + 2:
		return m->fs_base;
	default:
		break;
	}
	if (effect >= EFFECT_DEBUG && effect < EFFECT_DEBUG + 8)
		return m->dr[effect - EFFECT_DEBUG];
	return effect < 32 ? m->count[effect] : 0;
}

/* ---- ports ---- */

uint32_t device_in(struct machine *m, uint16_t port, unsigned size)
{
	(void)size;
	switch (port) {
	case PIC_0 + 1:
		return m->pic.mask[0];
	case PIC_1 + 1:
		return m->pic.mask[1];
	case 0x61:
		return (m->pit.gate ? 1 : 0) | (timer_2_done(m) ? 0x20 : 0);
	case 0x71:
		return clock_get(m, m->clock.index);
	case 0x3fd:
		return 0x20; /* the serial line takes the next byte */
	case 0x5b0:
		return (uint32_t)device_monitor(m, m->monitor);
	case 0x5b4:
		return (uint32_t)(device_monitor(m, m->monitor) >> 32);
	default:
		return ~0u;
	}
}

void device_out(struct machine *m, uint16_t port, uint32_t value, unsigned size)
{
	(void)size;
	switch (port) {
	case PIC_0:
	case PIC_0 + 1:
		pic_put(m, 0, port & 1, (uint8_t)value);
		break;
	case PIC_1:
	case PIC_1 + 1:
		pic_put(m, 1, port & 1, (uint8_t)value);
		break;
	case 0x40:
		timer_put(m, 0, (uint8_t)value);
		break;
	case 0x42:
		timer_put(m, 2, (uint8_t)value);
		break;
	case 0x43:
		m->pit.half[value >> 6 & 3 ? 2 : 0] = false;
		break;
	case 0x61:
		m->pit.gate = value & 1;
		break;
	case 0x70:
		m->clock.index = value & 0x7f;
		break;
	case 0x71:
		clock_put(m, m->clock.index, (uint8_t)value);
		break;
	case 0x3f8:
		if (m->out)
			fputc((int)(value & 0xff), m->out);
		break;
	case 0x5b0:
		m->monitor = value;
		break;
	case 0x604:
		m->powered_off = true;
		break;
	default:
		break; /* 0x80 and whatever else: nobody listens */
	}
}
