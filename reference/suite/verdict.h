/* Verdicts, and how they are told in KTAP (Documentation/dev-tools/ktap.rst of Linux: version 1): by the image
 * that runs the tests, or by a machine that watches it run them (machine/watch.c). */
#ifndef PV_SUITE_VERDICT_H
#define PV_SUITE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum suite_verdict { SUITE_OK, SUITE_FAIL, SUITE_SKIP };

enum {
	SUITE_STAGES = 2, /* call sites as they were built, and patched */
	SUITE_TESTS_MOST = 512,
	SUITE_LINE_MOST = 240,
	SUITE_REASON_MOST = 120,
};

struct suite_test {
	unsigned id; /* of the operation */
	const char *says;
	enum suite_verdict (*run)(void);
};

struct suite_result {
	enum suite_verdict verdict[SUITE_STAGES];
	char reason[SUITE_REASON_MOST]; /* of the worst */
};

/* Operations by how they went. */
struct suite_tally {
	unsigned ok, failed, skipped;
	unsigned whole; /* of those that are ok: no test was skipped */
};

/* Where lines go. */
typedef void suite_write(const char *text, size_t length);

/* Operations whose name starts with `only` ("mmu." or "mmu.set_pte"); all for NULL. */
bool suite_wanted(unsigned id, const char *only);

/* Notes how a test went in a stage; the reason stays that of the worst. */
void suite_note(struct suite_result *result, unsigned stage, enum suite_verdict verdict, const char *reason);

/* "mmu.set_pte: what the test says (patched sites)" into `out`. */
void suite_name(char *out, size_t size, const struct suite_test *test, unsigned stage);

/* The plan: how many operations there will be. */
void suite_tell_plan(suite_write *write, const char *only);

/* All results: one top-level line an operation, its tests below it. results[i] is of tests[i]. */
struct suite_tally suite_tell(suite_write *write, const struct suite_test *tests, size_t count,
	const struct suite_result *results, const char *only);

/* The last line: "# verdict: pass" and figures. */
void suite_tell_verdict(suite_write *write, const struct suite_tally *tally);

#endif
