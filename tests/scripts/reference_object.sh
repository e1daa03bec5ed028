# A vendor's backend as an object: a good one conforms, one with a defect does not, one that is no object is refused.
bin=$(dirname "$TRUCE")/reference
machine=$bin/pv-machine
image=$bin/pv-image
[ -x "$machine" ] && command -v cc >/dev/null || { echo "not built, or no compiler: skipped"; exit 77; }
cat >good.c <<'C'
#include "pv/backend.h"
static bool detect(const struct pv_boot *boot)
{
	return boot->entry == PV_ENTRY_BARE;
}
__attribute__((unused)) static const char *banner(void)
{
	return "a vendor";
}
#ifdef DEFECT /* cycles, where nanoseconds are promised */
static uint64_t sched_clock(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return ((uint64_t)high << 32 | low) * 3;
}
#endif
#ifdef MISSING
extern const char *nowhere(void);
#define BANNER nowhere
#else
#define BANNER banner
#endif
static const struct pv_ops ops = {
	.init = {.banner = BANNER},
#ifdef DEFECT
	.time = {.sched_clock = sched_clock},
#endif
};
const struct pv_backend vendor_backend = {"vendor", detect, &ops};
C
compile() {
	cc -c -O2 -ffreestanding -fno-pic -mno-red-zone -mgeneral-regs-only -fno-stack-protector -fcf-protection=none \
		-I"$SRC/reference/include" "$@"
}
compile -o good.o good.c
compile -DDEFECT -o bad.o good.c
compile -DMISSING -o missing.o good.c
runs() {
	want=$1
	got=0
	"$machine" --object "$2" "$image" >out 2>&1 || got=$?
	[ "$got" = "$want" ] || { tail -n 5 out; echo "$2: exit $got instead of $want"; exit 1; }
}
runs 0 good.o
grep -q '^# backend: vendor (a vendor)' out
runs 1 bad.o
grep -q '^not ok .* time.sched_clock' out
runs 2 missing.o
grep -q 'needs nowhere' out
head -c 5000 good.o | tr '\0' '\377' >broken.o
runs 2 broken.o
head -c 700 good.o >short.o
runs 2 short.o
