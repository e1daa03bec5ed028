/* Another process for a test: what it found comes back as text. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* Runs `work` in a forked child and gives what it returned (a text of its own; "" for NULL). When
 * the child died the text is "signal N". `nobody`: without root's rights, when the test has them.
 * No assertion of cmocka may be used in `work`. */
char *child_answer(char *(*work)(void *data), void *data, bool nobody);

/* A child that runs `work` until it ends or is killed. */
pid_t child_start(void (*work)(void *data), void *data);
/* Waits for it: its exit status, or minus the signal that ended it. */
int child_wait(pid_t child);
