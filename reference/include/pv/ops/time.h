/* Operations of time. Units are part of each contract: in 2006 one vendor counted cycles where the
 * other counted nanoseconds, and the difference was found only after both were in. */

/* Starts timekeeping: finds the rate of the clock. Needed once before the others of this group;
 * again, it does no harm and sched_clock does not jump back. context: interrupts off. */
PV_OP(time, time_init, C_VOID, void, (void), (), "time.time_init", "", "")

/* returns: nanoseconds of a clock that never runs backwards on one CPU. Starts anywhere.
 * context: any, no locks. native: the time-stamp counter, scaled. */
PV_OP(time, sched_clock, C, uint64_t, (void), (), "time.sched_clock", "rdtsc", "SDM 3B 17.17")

/* returns: nanoseconds in which this CPU wanted to run and a hypervisor let it not; 0 without
 * one. Never falls. */
PV_OP(time, steal_clock, C, uint64_t, (unsigned cpu), (cpu), "time.steal_clock", "", "")

/* returns: rate of the time-stamp counter in kHz, not 0, always the same.
 * native: measured once against the timer chip (1193182 Hz). */
PV_OP(time, get_tsc_khz, C, unsigned, (void), (), "time.get_cpu_khz", "in", "8254 data sheet")

/* returns: seconds since 1970-01-01 00:00 UTC. native: the clock chip, read twice until equal. */
PV_OP(time, get_wallclock, C, int64_t, (void), (), "time.get_wallclock", "in", "MC146818 data sheet")

/* Sets the wall clock to `seconds` since 1970, within 2000..2099.
 * returns: false where it is refused or out of range; then nothing changed. */
PV_OP(time, set_wallclock, C, bool, (int64_t seconds), (seconds), "time.set_wallclock", "out",
	"MC146818 data sheet")
