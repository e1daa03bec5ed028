/* Runs the tests: all with call sites as they were built, then all with patched ones. */
#include "suite/suite.h"

#include "core/string.h"
#include "pv/patch.h"

extern const struct suite_test __start_pv_tests[], __stop_pv_tests[];

static struct suite_result results[SUITE_TESTS_MOST];
static char reason[SUITE_REASON_MOST];
static const struct suite_test *running SUITE_OWN;
static unsigned running_stage SUITE_OWN;
bool suite_trace;

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
	static char text[SUITE_LINE_MOST];

	if (!running)
		return "no test";
	suite_name(text, sizeof(text), running, running_stage);
	return text;
}

__attribute__((noinline)) void suite_told(enum suite_told what, uint64_t a, uint64_t b, const char *text)
{
	__asm__ volatile("" : : "r"(what), "r"(a), "r"(b), "r"(text) : "memory");
}

static void say(suite_write *write, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(suite_write *write, const char *format, ...)
{
	char line[SUITE_LINE_MOST];
	va_list list;
	size_t length;

	va_start(list, format);
	length = text_format_list(line, sizeof(line) - 1, format, list);
	va_end(list);
	line[length] = '\n';
	write(line, length + 1);
}

/* A test leaves things as they were; one that failed half way may not have. */
static void settle(void)
{
	pv_lazy_leave();
	pv_irq_disable();
}

static void run_test(const struct suite_test *test, unsigned stage)
{
	unsigned number = (unsigned)(test - __start_pv_tests);
	enum suite_verdict verdict;

	reason[0] = 0;
	suite_told(SUITE_TOLD_TEST, number, stage, NULL);
	verdict = test->run();
	suite_told(SUITE_TOLD_VERDICT, verdict, 0, reason);
	suite_note(&results[number], stage, verdict, reason);
	settle();
}

static void run_stage(suite_write *write, unsigned stage, const char *only)
{
	running_stage = stage;
	for (const struct suite_test *test = __start_pv_tests; test < __stop_pv_tests; test++) {
		if (!suite_wanted(test->id, only))
			continue;
		running = test;
		if (suite_trace)
			say(write, "# running %s", suite_running());
		run_test(test, stage);
	}
	running = NULL;
}

struct suite_tally suite_run(suite_write *write, const char *only)
{
	size_t count = (size_t)(__stop_pv_tests - __start_pv_tests);
	struct pv_patched patched;

	if (count > SUITE_TESTS_MOST) {
		say(write, "Bail out! more tests than SUITE_TESTS_MOST");
		return (struct suite_tally){.failed = 1};
	}
	suite_tell_plan(write, only);
	run_stage(write, 0, only);
	patched = pv_patch_sites();
	suite_told(SUITE_TOLD_PATCHED, patched.direct, patched.inlined, NULL);
	say(write, "# %u call sites: %u made direct, %u replaced by code, %u left", patched.sites,
		patched.direct, patched.inlined, patched.left);
	run_stage(write, 1, only);
	pv_unpatch_sites();
	suite_told(SUITE_TOLD_END, 0, 0, NULL);
	return suite_tell(write, __start_pv_tests, count, results, only);
}
