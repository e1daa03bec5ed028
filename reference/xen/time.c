/* Xen: time from the shared page. */
#include "xen/xen.h"

static struct xen_runstate runstate;
static unsigned khz;

static uint64_t cycles_to_ns(uint64_t cycles, const struct xen_time *time)
{
	if (time->shift < 0)
		cycles >>= -time->shift;
	else
		cycles <<= time->shift;
	return (uint64_t)((unsigned __int128)cycles * time->multiply >> 32);
}

/* A consistent reading of what Xen rewrites now and then. */
static struct xen_time read_time(void)
{
	const volatile struct xen_time *from = &xen_vcpu()->time;
	struct xen_time time;

	do {
		time.version = from->version & ~1u;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		time.tsc = from->tsc;
		time.system = from->system;
		time.multiply = from->multiply;
		time.shift = from->shift;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (time.version != from->version);
	return time;
}

void xen_time_start(void)
{
	uint64_t where = xen_pointer(&runstate);

	xen_call(XEN_VCPU, XEN_VCPU_RUNSTATE, 0, xen_pointer(&where), 0, 0);
}

void xen_time_init(void)
{
	xen_get_tsc_khz();
}

/* Xen corrects its own clock: a new correction may lie a little behind the old one's end. */
uint64_t xen_sched_clock(void)
{
	static uint64_t last;
	struct xen_time time = read_time();
	uint64_t cycles = native_read_tsc(), now;

	now = time.system + cycles_to_ns(cycles > time.tsc ? cycles - time.tsc : 0, &time);
	if (now > last)
		last = now;
	return last;
}

uint64_t xen_steal_clock(unsigned cpu)
{
	(void)cpu;
	return runstate.time[1] + runstate.time[3];
}

/* A second has 10^9 ns = cycles << shift * multiply / 2^32. The first answer is the answer. */
unsigned xen_get_tsc_khz(void)
{
	if (!khz) {
		struct xen_time time = read_time();
		uint64_t rate = (UINT64_C(1000000) << 32) / time.multiply;

		khz = (unsigned)(time.shift < 0 ? rate << -time.shift : rate >> time.shift);
	}
	return khz;
}

/* The shared page has the wall clock of the moment when the system time was 0. */
int64_t xen_get_wallclock(void)
{
	const volatile struct xen_shared *from = &xen_shared;
	uint64_t seconds, nanoseconds;
	uint32_t version;

	do {
		version = from->wall_version & ~1u;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		seconds = from->wall_seconds;
		nanoseconds = from->wall_nanoseconds;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (version != from->wall_version);
	return (int64_t)(seconds + (nanoseconds + xen_sched_clock()) / 1000000000);
}

bool xen_set_wallclock(int64_t seconds)
{
	struct xen_set_time set = {XEN_PLATFORM_SET_TIME, XEN_PLATFORM_VERSION, (uint32_t)seconds, 0,
		xen_sched_clock(), {0}};

	if (seconds < pv_seconds(2000, 1, 1) || seconds >= pv_seconds(2100, 1, 1))
		return false;
	return xen_call(XEN_PLATFORM, xen_pointer(&set), 0, 0, 0, 0) == 0;
}
