/* The image's way from its entries to the verdict. */
#include "image/platform.h"

#include "core/string.h"
#include "lguest/abi.h"
#include "pv/patch.h"

enum { XEN_BOOTED = 0x58656e21 };

static const struct platform *platform SUITE_OWN;

void image_main(uint32_t magic, void *info);

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	char line[256];
	va_list list;
	size_t length;

	va_start(list, format);
	length = text_format_list(line, sizeof(line) - 1, format, list);
	va_end(list);
	line[length++] = '\n';
	platform->write(line, length);
}

static void end(const struct suite_tally *tally)
{
	suite_tell_verdict(platform->write, tally);
	platform->stop(!tally->failed);
}

/* The end before the suite's: `why` is one line. */
static void bail_out(const char *why)
{
	suite_told(SUITE_TOLD_DEATH, 0, 0, why);
	say("Bail out! %s", why);
	say("# verdict: fail");
	platform->stop(false);
}

static void unhandled(struct pv_frame *frame)
{
	char why[256];

	text_format(why, sizeof(why), "vector %u error %lx at %lx in %s", (unsigned)frame->vector,
		frame->error, frame->rip, suite_running());
	bail_out(why);
}

static const struct platform *booted_on(uint32_t magic)
{
	if (magic == XEN_BOOTED)
		return &platform_xen;
	return magic == LGUEST_MAGIC ? &platform_lguest : &platform_bare;
}

/* "trace" is one of the words of the command line. */
static bool wants_trace(const char *line)
{
	for (; *line; line++) {
		if (text_starts(line, "trace"))
			return true;
	}
	return false;
}

/* The word after "only=" in the command line, which asks for some operations alone; NULL without. */
static const char *only(const char *line, char *out, size_t size)
{
	for (; *line; line++) {
		if (!text_starts(line, "only="))
			continue;
		line += strlen("only=");
		size_t n = 0;
		while (n + 1 < size && line[n] && line[n] != ' ') {
			out[n] = line[n];
			n++;
		}
		out[n] = 0;
		return out;
	}
	return NULL;
}

void image_main(uint32_t magic, void *info)
{
	struct pv_boot boot = {.command_line = ""};
	const struct pv_backend *backend;
	struct suite_tally tally;
	char part[40];

	platform = booted_on(magic);
	pv_unhandled = unhandled;
	platform->read(&boot, info);
	backend = pv_choose(&boot);
	suite_told(SUITE_TOLD_BACKEND, 0, (uint64_t)(uintptr_t)backend, NULL);
	if (!backend)
		bail_out("no backend knows this platform");
	if (!pv_arch_setup(&boot))
		bail_out("the backend's arch_setup said no");
	say("# booted: %s", platform->name);
	say("# backend: %s (%s)", backend->name, pv_banner());
	suite_tables();
	pv_init_IRQ();
	pv_time_init();
	suite_view = platform->view();
	suite_boot = &boot;
	suite_trace = wants_trace(boot.command_line);
	say("# machine: %s", suite_view->name);
	tally = suite_run(platform->write, only(boot.command_line, part, sizeof(part)));
	end(&tally);
}
