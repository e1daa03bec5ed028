/* Runs the simulated machine with a backend object, in a process of its own that is locked down (no file, no network,
 * no other process; limits of time and memory: reference/machine/lockdown.c). The object's code is only ever
 * interpreted there. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* What to run. */
typedef struct machine_run {
	const char *folder; /* that has pv-machine and pv-image */
	const char *object; /* path */
	const char *only;   /* operations whose name begins so; NULL: all */
} machine_run;

/* *text is the suite's KTAP, the caller's. INPUT where the object cannot be run, with the machine's words. */
bool conform_machine_run(GString **text, const machine_run *what, GError **err);
