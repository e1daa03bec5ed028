/* Locking a process down before it reads what others wrote: of the files it can read those below
 * some folders, it can write, make or remove none; it has no network, starts no program and reaches
 * no other process. Linux gives the first by Landlock (5.13 on), the rest by seccomp too. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct lockdown {
	bool files; /* Landlock: nothing outside of the given folders can be opened */
	bool calls; /* seccomp: no network, no program, no opening for writing */
} lockdown;

/* Locks this process (one thread) down for good. `readable`: folders, NULL-terminated; those that
 * are not there are left out. Returns what took hold: a kernel may lack either. Threads can still
 * be started, and what is open stays open. */
lockdown lockdown_enter(const char *const *readable);

/* What this kernel would give, tried in a child process. */
lockdown lockdown_probe(void);
/* For a person: "Landlock and seccomp", or what is missing and what that means. Not freed. */
const char *lockdown_describe(lockdown l);
