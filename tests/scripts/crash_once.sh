# What no reader survives is tried once a run, not by each stage that wants to know of it again.
. "$SRC/tests/lib.sh"
git init -q repo
cd repo
git config user.name t
git config user.email t@example.org
mkdir -p arch/i386/kernel include/asm-i386
printf '%s\n' 'VERSION = 2' 'PATCHLEVEL = 6' 'SUBLEVEL = 16' 'core-y := arch/i386/kernel/' >Makefile
: >arch/i386/Makefile
printf '%s\n' 'config ON' '	bool "on"' '	default y' >arch/i386/Kconfig
echo CONFIG_ON=y >arch/i386/defconfig
echo 'obj-y := deep.o plain.o' >arch/i386/kernel/Makefile
git add .
git commit -qm base
git tag base
# Nested so deep that clang 14 runs out of stack.
awk 'BEGIN { printf "int *deep = "; for (i = 0; i < 1000000; i++) printf "-"; print "1;" }' \
	>arch/i386/kernel/deep.c
echo 'int plain;' >arch/i386/kernel/plain.c
git add .
git commit -qm deep
"$TRUCE" series add one base..HEAD --base base >/dev/null 2>&1
status 0 "$TRUCE" analyze
# deep.c once without function bodies (with them it does not count), plain.c, both as text; plain.c
# of the step is what its tip had.
says 'truce: parsed 4 files, 1 more from the cache'
"$TRUCE" report --format json >../report.json
grep -A 4 '"path": "arch/i386/kernel/deep.c"' ../report.json | grep -q 'not parsed: c: ' ||
	fail "what crashed is not listed"
