# Changed lines under a macro that a header defines under a configuration: read in one in which it
# does, instead of with the macro given by hand; what has none says why.
. "$SRC/tests/lib.sh"
git init -q repo
cd repo
mkdir -p arch/i386 include/linux drivers
printf '%s\n' 'VERSION = 2' 'PATCHLEVEL = 6' 'SUBLEVEL = 16' 'drivers-y := drivers/' >Makefile
: >arch/i386/Makefile
printf '%s\n' 'config FIBRE' '	bool "fibre"' 'config ROUTE' '	bool "route"' \
	'	depends on !FIBRE' >arch/i386/Kconfig
: >arch/i386/defconfig
echo 'obj-y := dev.o' >drivers/Makefile
echo 'int before;' >drivers/dev.c
git add .
git commit -qm base
# Without the configuration its type is missing: a macro given by hand would not do.
printf '%s\n' '#ifdef CONFIG_FIBRE' '#define DEV_FIBRE' 'struct fibre {' '	int length;' '};' '#endif' \
	'#ifdef CONFIG_ROUTE' '#define DEV_ROUTE 2' '#else' '#define DEV_ROUTE 1' '#endif' \
	>drivers/dev.h
printf '%s\n' '#include "dev.h"' '#ifdef DEV_FIBRE' 'int length(struct fibre *f)' '{' \
	'	return f->length;' '}' '#endif' '#if DEV_ROUTE > 1' 'int route;' '#endif' \
	'#if defined(DEV_FIBRE) && DEV_ROUTE > 1' 'int neither;' '#endif' \
	'#ifdef DEV_DEBUG' 'int debug;' '#endif' 'int before;' >drivers/dev.c
git add .
git commit -qm dev
status 0 "$TRUCE" mediate --base HEAD^ --series v=HEAD^..HEAD
"$TRUCE" sql "SELECT line, end_line, reason FROM unparsed WHERE path = 'drivers/dev.c'" >../out
grep -q '^12.*12.*DEV_FIBRE of drivers/dev.h: CONFIG_FIBRE and CONFIG_ROUTE exclude each other' ../out ||
	fail "what excludes each other is not told: $(cat ../out)"
[ "$(grep -c '^[0-9]' ../out)" -eq 1 ] || fail "other lines are unseen: $(cat ../out)"
"$TRUCE" sql "SELECT c_lines_changed - c_lines_parsed FROM coverage" >../out
grep -qx 1 ../out || fail "not all other lines are seen: $(cat ../out)"
# --explain tells the same: what is solved for, what is given by hand, and why not.
status 0 "$TRUCE" analyze --explain drivers/dev.c
grep -qx '  is: i386: defconfig and FIBRE=y' ../out || fail "the macro is not solved for: $(cat ../out)"
grep -q '^  by hand: .*-DDEV_DEBUG' ../out || fail "what is given by hand is not told: $(cat ../out)"
grep -q '^  line 12: DEV_FIBRE of drivers/dev.h: CONFIG_FIBRE' ../out ||
	fail "the reason is not told: $(cat ../out)"
