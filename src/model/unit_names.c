/* Units that names of code speak of. */
#include "model/unit_names.h"

#include <string.h>

static const char *const names[UNITS] = {
	[UNIT_CYCLES] = "cycles",
	[UNIT_NS] = "ns",
	[UNIT_US] = "us",
	[UNIT_MS] = "ms",
	[UNIT_S] = "s",
	[UNIT_JIFFIES] = "jiffies",
	[UNIT_HZ] = "hz",
	[UNIT_KHZ] = "khz",
	[UNIT_MHZ] = "mhz",
	[UNIT_BYTES] = "bytes",
	[UNIT_PAGES] = "pages",
	[UNIT_GUEST_FRAMES] = "guest-frames",
	[UNIT_MACHINE_FRAMES] = "machine-frames",
};

/* Words of Linux' identifiers. Short ones that mean other things as well ("us", "s") are left out.
 */
static const struct word {
	const char *text;
	unit unit;
} words[] = {
	{"cycle", UNIT_CYCLES},
	{"cycles", UNIT_CYCLES},
	{"tsc", UNIT_CYCLES},
	{"rdtsc", UNIT_CYCLES},
	{"rdtscll", UNIT_CYCLES},
	{"ns", UNIT_NS},
	{"nsec", UNIT_NS},
	{"nsecs", UNIT_NS},
	{"nanosecond", UNIT_NS},
	{"nanoseconds", UNIT_NS},
	{"ktime", UNIT_NS},
	{"usec", UNIT_US},
	{"usecs", UNIT_US},
	{"microseconds", UNIT_US},
	{"msec", UNIT_MS},
	{"msecs", UNIT_MS},
	{"seconds", UNIT_S},
	{"secs", UNIT_S},
	{"jiffies", UNIT_JIFFIES},
	{"jiffy", UNIT_JIFFIES},
	{"hz", UNIT_HZ},
	{"khz", UNIT_KHZ},
	{"mhz", UNIT_MHZ},
	{"bytes", UNIT_BYTES},
	{"pages", UNIT_PAGES},
	{"npages", UNIT_PAGES},
	{"pfn", UNIT_GUEST_FRAMES},
	{"pfns", UNIT_GUEST_FRAMES},
	{"mfn", UNIT_MACHINE_FRAMES},
	{"mfns", UNIT_MACHINE_FRAMES},
};

const char *unit_name(unit u)
{
	g_assert(u < UNITS);
	return names[u];
}

unit unit_parse(const char *word)
{
	for (unit u = 0; u < UNITS; u++)
		if (!strcmp(names[u], word))
			return u;
	return UNITS;
}

static unit unit_of_word(const char *word, size_t len)
{
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (strlen(words[i].text) == len && !g_ascii_strncasecmp(words[i].text, word, len))
			return words[i].unit;
	return UNITS;
}

/* Words of a name end at '_', and where a small letter meets a capital. */
static size_t word_length(const char *p)
{
	size_t len = 0;
	while (p[len] && p[len] != '_') {
		len++;
		if (g_ascii_islower(p[len - 1]) && g_ascii_isupper(p[len]))
			break;
	}
	return len;
}

static bool is_frequency(const char *word, size_t len)
{
	return (len == 9 && !g_ascii_strncasecmp(word, "frequency", len)) ||
	       (len == 4 && !g_ascii_strncasecmp(word, "freq", len));
}

unit unit_of_name(const char *name)
{
	unit found = UNITS;
	bool several = false, counts_cycles = false;
	for (const char *p = name; *p;) {
		size_t len = word_length(p);
		unit u = unit_of_word(p, len);
		bool converts = (len == 1 && *p == '2') || (len == 2 && !strncmp(p, "to", 2));
		if (converts) {
			found = UNITS; /* what went in does not matter */
			several = false;
		} else if (is_frequency(
				   p, len)) { /* cycles a second; of anything else, nobody knows */
			several |= found != UNITS && !counts_cycles;
			found = found == UNITS ? UNITS : UNIT_HZ;
		} else if (u != UNITS) {
			several |= found != UNITS && found != u;
			found = u;
			counts_cycles = len >= 5 && !g_ascii_strncasecmp(p, "cycle", 5);
		}
		p += len;
		while (*p == '_')
			p++;
	}
	return several ? UNITS : found;
}
