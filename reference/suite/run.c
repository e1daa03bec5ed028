/* Runs the tests and tells the results in KTAP (Documentation/dev-tools/ktap.rst of Linux: version 1). */
#include "suite/suite.h"

#include "core/string.h"
#include "pv/patch.h"

extern const struct suite_test __start_pv_tests[], __stop_pv_tests[];

enum { STAGES = 2, TESTS_MOST = 512, LINE_MOST = 240 };

struct result {
	enum suite_verdict verdict[STAGES];
	char reason[LINE_MOST / 2]; /* of the worst */
};

static const char *const stage_names[STAGES] = {"indirect calls", "patched sites"};

static struct result results[TESTS_MOST];
static char reason[LINE_MOST / 2];
static const struct suite_test *running;
static unsigned running_stage;
bool suite_trace;

struct operation {
	const char *group, *name;
};
#define PV_OP(group, name, ...) {#group, #name},
static const struct operation operations[PV_ID_COUNT] = {
#include "pv/ops/all.h"
};
#undef PV_OP

enum suite_verdict suite_fail(const char *what, const char *file, unsigned line)
{
	const char *base = file;

	for (const char *c = file; *c; c++) {
		if (*c == '/')
			base = c + 1;
	}
	text_format(reason, sizeof(reason), "%s:%u: not (%s)", base, line, what);
	return SUITE_FAIL;
}

enum suite_verdict suite_skip(const char *why)
{
	text_format(reason, sizeof(reason), "%s", why);
	return SUITE_SKIP;
}

const char *suite_running(void)
{
	static char text[LINE_MOST];

	if (!running)
		return "no test";
	text_format(text, sizeof(text), "%s.%s: %s (%s)", operations[running->id].group,
		operations[running->id].name, running->says, stage_names[running_stage]);
	return text;
}

static void say(suite_write *write, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(suite_write *write, const char *format, ...)
{
	char line[LINE_MOST];
	va_list list;
	size_t length;

	va_start(list, format);
	length = text_format_list(line, sizeof(line) - 1, format, list);
	va_end(list);
	line[length] = '\n';
	write(line, length + 1);
}

static bool wanted(unsigned id, const char *only)
{
	char name[LINE_MOST];

	if (!only)
		return true;
	text_format(name, sizeof(name), "%s.%s", operations[id].group, operations[id].name);
	return text_starts(name, only);
}

/* Worse is what a report must show: failed before skipped before ok. */
static enum suite_verdict worst(const struct result *result)
{
	enum suite_verdict found = SUITE_OK;

	for (unsigned stage = 0; stage < STAGES; stage++) {
		if (result->verdict[stage] == SUITE_FAIL)
			return SUITE_FAIL;
		if (result->verdict[stage] == SUITE_SKIP)
			found = SUITE_SKIP;
	}
	return found;
}

/* A test leaves things as they were; one that failed half way may not have. */
static void settle(void)
{
	pv_lazy_leave();
	pv_irq_disable();
}

static void run_stage(suite_write *write, unsigned stage, const char *only)
{
	running_stage = stage;
	for (const struct suite_test *test = __start_pv_tests; test < __stop_pv_tests; test++) {
		struct result *result = &results[test - __start_pv_tests];

		if (!wanted(test->id, only))
			continue;
		running = test;
		reason[0] = 0;
		if (suite_trace)
			say(write, "# running %s", suite_running());
		result->verdict[stage] = test->run();
		if (result->verdict[stage] != SUITE_OK && result->verdict[stage] == worst(result))
			text_format(result->reason, sizeof(result->reason), "%s%s", reason,
				result->verdict[stage] == SUITE_FAIL && stage ? " (patched)" : "");
		settle();
	}
	running = NULL;
}

static void tell_test(suite_write *write, const struct suite_test *test, unsigned number)
{
	const struct result *result = &results[test - __start_pv_tests];
	enum suite_verdict verdict = worst(result);

	if (verdict == SUITE_FAIL)
		say(write, "    # %s", result->reason);
	say(write, "    %s %u %s%s%s", verdict == SUITE_FAIL ? "not ok" : "ok", number, test->says,
		verdict == SUITE_SKIP ? " # SKIP " : "",
		verdict == SUITE_SKIP ? result->reason : "");
}

struct tally {
	unsigned ok, failed, skipped;
};

/* One operation: skipped only where all of its tests are. Returns how it went. */
static enum suite_verdict tell_operation(suite_write *write, unsigned id, unsigned number)
{
	const char *group = operations[id].group, *name = operations[id].name;
	struct tally tally = {0};
	unsigned n = 0;

	for (const struct suite_test *test = __start_pv_tests; test < __stop_pv_tests; test++)
		n += test->id == id;
	say(write, "    KTAP version 1");
	say(write, "    # Subtest: %s.%s", group, name);
	say(write, "    1..%u", n);
	n = 0;
	for (const struct suite_test *test = __start_pv_tests; test < __stop_pv_tests; test++) {
		enum suite_verdict verdict;

		if (test->id != id)
			continue;
		tell_test(write, test, ++n);
		verdict = worst(&results[test - __start_pv_tests]);
		tally.ok += verdict == SUITE_OK;
		tally.failed += verdict == SUITE_FAIL;
		tally.skipped += verdict == SUITE_SKIP;
	}
	if (tally.failed || !n) {
		say(write, "not ok %u %s.%s", number, group, name);
		return SUITE_FAIL;
	}
	if (!tally.ok) {
		say(write, "ok %u %s.%s # SKIP not to be seen here", number, group, name);
		return SUITE_SKIP;
	}
	say(write, "ok %u %s.%s", number, group, name);
	return SUITE_OK;
}

static void tell(suite_write *write, const char *only, struct tally *tally)
{
	unsigned number = 0;

	for (unsigned id = 0; id < PV_ID_COUNT; id++) {
		enum suite_verdict verdict;

		if (!wanted(id, only))
			continue;
		verdict = tell_operation(write, id, ++number);
		tally->ok += verdict == SUITE_OK;
		tally->failed += verdict == SUITE_FAIL;
		tally->skipped += verdict == SUITE_SKIP;
	}
}

bool suite_run(suite_write *write, const char *only)
{
	struct pv_patched patched;
	struct tally tally = {0};
	unsigned planned = 0;

	if (__stop_pv_tests - __start_pv_tests > TESTS_MOST) {
		say(write, "Bail out! more tests than TESTS_MOST");
		return false;
	}
	for (unsigned id = 0; id < PV_ID_COUNT; id++)
		planned += wanted(id, only);
	say(write, "KTAP version 1");
	say(write, "1..%u", planned);
	run_stage(write, 0, only);
	patched = pv_patch_sites();
	say(write, "# %u call sites: %u made direct, %u replaced by code, %u left", patched.sites,
		patched.direct, patched.inlined, patched.left);
	run_stage(write, 1, only);
	pv_unpatch_sites();
	tell(write, only, &tally);
	say(write, "# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:%u error:0", tally.ok,
		tally.failed, tally.skipped);
	return tally.failed == 0;
}
