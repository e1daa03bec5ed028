/* timeconst.h: what kernel/time/timeconst.bc computes (before v3.9 kernel/timeconst.pl). */
#include "kernel/generated.h"

__extension__ typedef unsigned __int128 wide;

static unsigned long long gcd(unsigned long long a, unsigned long long b)
{
	while (b) {
		unsigned long long t = b;
		b = a % b;
		a = t;
	}
	return a;
}

/* 2^s * n / d, rounded up. */
static wide multiplier(unsigned s, unsigned long long n, unsigned long long d)
{
	return (((wide)1 << s) * n + d - 1) / d;
}

static void append_hex(GString *out, const char *from, const char *to, const char *what, wide v)
{
	g_string_append_printf(out, "#define %s_TO_%s_%s32 U64_C(0x%llX)\n", from, to, what,
		(unsigned long long)v);
}

/* value_to = value_from * n / d, as a multiplication and a shift. */
static void append_conversion(
	GString *out, const char *from, const char *to, unsigned long long n, unsigned long long d)
{
	unsigned s = 0;
	while (multiplier(s, n, d) < (wide)1 << 31)
		s++;
	unsigned long long reduced = d / gcd(n, d);
	append_hex(out, from, to, "MUL", multiplier(s, n, d));
	append_hex(out, from, to, "ADJ", ((wide)1 << s) * (reduced - 1) / reduced);
	g_string_append_printf(out, "#define %s_TO_%s_SHR32 %u\n", from, to, s);
}

static void append_ratio(GString *out, const char *unit, unsigned long long n, unsigned hz)
{
	unsigned long long cd = gcd(hz, n);
	g_string_append_printf(out,
		"#define HZ_TO_%s_NUM %llu\n#define HZ_TO_%s_DEN %llu\n"
		"#define %s_TO_HZ_NUM %llu\n#define %s_TO_HZ_DEN %llu\n",
		unit, n / cd, unit, hz / cd, unit, hz / cd, unit, n / cd);
}

char *generated_timeconst(unsigned hz)
{
	/* The kernel takes 12 to 100000; below 2 and with no bits left the formulas have no end. */
	if (hz < 2 || hz > 1000000)
		return NULL;
	GString *out = g_string_new("#include <linux/param.h>\n#include <linux/types.h>\n");
	append_conversion(out, "HZ", "MSEC", 1000, hz);
	append_conversion(out, "MSEC", "HZ", hz, 1000);
	append_ratio(out, "MSEC", 1000, hz);
	append_conversion(out, "HZ", "USEC", 1000000, hz);
	append_conversion(out, "USEC", "HZ", hz, 1000000);
	append_ratio(out, "USEC", 1000000, hz);
	append_ratio(out, "NSEC", 1000000000, hz);
	return g_string_free(out, FALSE);
}
