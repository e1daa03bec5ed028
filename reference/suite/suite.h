/* The conformance suite: tests of every operation's contract, run on whatever machine is there.
 *
 * A test calls operations and looks at the machine by other means: the view. What a view cannot see
 * on a machine is NULL, and tests that need it are skipped with that reason. Each test runs twice, with call
 * sites as they were built and with patched ones. It starts with interrupts off and nothing pending. */
#ifndef PV_SUITE_H
#define PV_SUITE_H

#include "pv/backend.h"
#include "suite/verdict.h"

/* Looks at and pokes the machine without the interface. */
struct suite_view {
	const char *name;
	bool bare; /* in ring 0, with nothing between the CPU and this code */
	bool (*interrupts_on)(void);
	uint64_t (*cr)(unsigned n);		/* 0, 2, 4 */
	uint64_t (*cr8)(void);
	uint64_t (*debug)(unsigned n);
	uint64_t (*msr)(uint32_t msr);
	void (*gdt)(struct pv_table *table);
	void (*idt)(struct pv_table *table);
	uint16_t (*tr)(void);
	uint64_t (*sp0)(void);
	unsigned (*iopl)(void);
	void (*raise)(unsigned vector);		/* makes PV_VECTOR_FREE.. pending on this CPU */
	uint64_t (*count)(unsigned effect);	/* of a simulated machine: how often since the start */
	bool instructions;			/* privileged ones work, or trap and are answered */
	bool frames_differ;			/* machine frames are not the guest's */
	bool lazy_batches;			/* lazy mode saves calls here: count(EFFECT_CALL) shows it */
};

/* What a simulated machine counts (its monitor port; machine/monitor.h has the numbers). */
enum suite_effect {
	EFFECT_SIGNATURE, /* reads 0x74727563 when there is a monitor */
	EFFECT_OUT,
	EFFECT_IN,
	EFFECT_CPUID,
	EFFECT_WBINVD,
	EFFECT_HALT,
	EFFECT_INVLPG,
	EFFECT_CR3, /* writes */
	EFFECT_CR4,
	EFFECT_CALL, /* hypercalls; a multicall is one */
	EFFECT_INSTRUCTIONS,
	EFFECT_CLI,
	EFFECT_STI,
	EFFECT_STATE = 0x100, /* from here on not counts: what the guest's CPU holds */
	EFFECT_IF = EFFECT_STATE,
	EFFECT_CR0,
	EFFECT_CR2,
	EFFECT_KHZ,	   /* of the time-stamp counter */
	EFFECT_SECONDS,	   /* of the clock chip, since 1970 */
	EFFECT_OUT_PORT,   /* the last port written, but the monitor's */
	EFFECT_MODE,	   /* 0 bare, 1 Xen, 2 lguest */
	EFFECT_CR4_VALUE,
	EFFECT_MSR = 0x200, /* + 0..2: GS base, kernel GS base, FS base */
	EFFECT_DEBUG = 0x210, /* + n */
};
#define SUITE_SIGNATURE 0x74727563u

/* What no backend has any business with: a machine that watches lets it write none of it. */
#define SUITE_OWN __attribute__((section("tester")))

extern const struct suite_view *suite_view;
extern const struct pv_boot *suite_boot; /* what arch_setup was given */

#define SUITE_JOIN_(a, b) a##b
#define SUITE_JOIN(a, b) SUITE_JOIN_(a, b)
/* A test of operation `op`; what follows is its body. A macro may hold several. */
#define TEST(op, text) SUITE_TEST(op, text, __COUNTER__)
#define SUITE_TEST(op, text, n) SUITE_TEST_(op, text, SUITE_JOIN(test_, n), SUITE_JOIN(entry_, n))
#define SUITE_TEST_(op, text, function, entry) \
	static enum suite_verdict function(void); \
	static const struct suite_test entry __attribute__((used, section("pv_tests"), aligned(8))) = { \
		PV_ID_##op, text, function}; \
	static enum suite_verdict function(void)

/* The reason of the last FAIL or SKIP is kept for the report. */
enum suite_verdict suite_fail(const char *what, const char *file, unsigned line);
enum suite_verdict suite_skip(const char *reason);

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			return suite_fail(#condition, __FILE__, __LINE__); \
	} while (0)
#define NEED(member, reason) \
	do { \
		if (!suite_view->member) \
			return suite_skip(reason); \
	} while (0)

/* Runs all tests, or those of some operations (suite_wanted), and writes KTAP. */
struct suite_tally suite_run(suite_write *write, const char *only);

/* What the suite says to a machine that watches it (machine/watch.c), which reads the arguments where this is called.
 * So a verdict does not depend on memory and serial lines that a backend can write, too. Nobody listens elsewhere. */
enum suite_told {
	SUITE_TOLD_BACKEND, /* b: the backend that was chosen */
	SUITE_TOLD_TEST,    /* begins: a its number, b the stage */
	SUITE_TOLD_VERDICT, /* of it: a the verdict, text the reason */
	SUITE_TOLD_PATCHED, /* sites: a made direct, b replaced by code */
	SUITE_TOLD_DEATH,   /* text: why no test can follow */
	SUITE_TOLD_END,
};
void suite_told(enum suite_told what, uint64_t a, uint64_t b, const char *text);

/* Set before suite_run: says each test before it runs, for what hangs the machine. */
extern bool suite_trace;

/* What ran last: for the message of a crash. */
const char *suite_running(void);

/* ---- for tests ---- */

enum { SUITE_PAGES = 24 };

/* A page of plain memory, zeroed. */
void *suite_page(unsigned n);

/* Memory at any address: false where that faults. */
bool suite_read(uint64_t address, uint64_t *value);
bool suite_store(uint64_t address, uint64_t value);

/* The limit that the CPU takes from a selector's descriptor (lsl); false where it takes none. */
bool suite_limit(uint16_t selector, uint32_t *limit);

/* Calls slot `id` with two arguments and all registers set: true when only %rax changed. */
bool suite_keeps(unsigned id, uint64_t a, uint64_t b);

/* Interrupts that came in as `vector` since the last call; it handles and ends them. */
void suite_catch(unsigned vector);
unsigned suite_caught(unsigned vector);

/* Nanoseconds, whole microseconds of them, by the time-stamp counter: for tests of other things than the clock. */
uint64_t suite_nanoseconds(void);

/* A data segment, DPL 3, with this limit (in pages): what suite_limit sees is limit * 4096 + 4095. */
uint64_t suite_segment(unsigned limit);

/* The tables that the suite boots with. */
extern uint64_t suite_gdt[PV_ENTRIES];
extern struct pv_gate suite_idt[256];
void suite_tables(void);

/* Writes the descriptor of the task segment, free, to its slot. */
void suite_write_task(void);

#define SUITE_KEEP_TEST(op, a, b) \
	TEST(op, "changes no register but rax") \
	{ \
		CHECK(suite_keeps(PV_ID_##op, (uint64_t)(uintptr_t)(a), (uint64_t)(uintptr_t)(b))); \
		return SUITE_OK; \
	}

#endif
