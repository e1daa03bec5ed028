/* Units that names of code speak of: "vmi_get_sched_cycles" is about cycles, "cycles_2_ns" about
 * nanoseconds.
 * What stages compare meanings by. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum unit {
	UNIT_CYCLES,
	UNIT_NS,
	UNIT_US,
	UNIT_MS,
	UNIT_S,
	UNIT_JIFFIES,
	UNIT_HZ,
	UNIT_KHZ,
	UNIT_MHZ,
	UNIT_BYTES,
	UNIT_PAGES,
	UNIT_GUEST_FRAMES,
	UNIT_MACHINE_FRAMES,
	UNITS
} unit;

const char *unit_name(unit u); /* "ns": as catalogues write it */
/* The unit of a catalogue's word, or UNITS. */
unit unit_parse(const char *word);
/* The unit that a name speaks of; UNITS when none, or several. Of a conversion ("a_to_b", "a_2_b")
 * it is what comes out. */
unit unit_of_name(const char *name);
