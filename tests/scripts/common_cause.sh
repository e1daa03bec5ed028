# What costs many files is said once: a header that a series breaks, one that is not there.
. "$SRC/tests/lib.sh"
git init -q repo
cd repo
git config user.name t
git config user.email t@example.org
mkdir -p arch/i386/kernel include/asm-i386
printf '%s\n' 'config MMU' '	bool' '	default y' >arch/i386/Kconfig
echo CONFIG_MMU=y >arch/i386/defconfig
echo 'obj-y := setup.o' >arch/i386/kernel/Makefile
echo 'core-y := arch/i386/kernel/' >arch/i386/Makefile
echo '#include <linux/tick.h>' >arch/i386/kernel/setup.c
echo '/* delays */' >include/asm-i386/delay.h
mkdir -p include/linux init lib
printf '%s\n' 'VERSION = 2' 'PATCHLEVEL = 6' 'SUBLEVEL = 16' 'core-y := init/ lib/' >Makefile
printf '%s\n' '#include <asm/delay.h>' 'enum tick {' '	TICK_IDLE,' '	TICK_BUSY,' '};' \
	>include/linux/tick.h
echo 'obj-y := main.o' >init/Makefile
printf '%s\n' '#include <linux/tick.h>' 'int main_ticks = TICK_BUSY;' >init/main.c
echo 'obj-y := a.o b.o c.o d.o' >lib/Makefile
for f in a b c d; do
	printf '%s\n' '#include <linux/tick.h>' "int $f(void)" '{' '	return TICK_IDLE;' '}' >lib/$f.c
done
git add .
git commit -qm base
git tag base

# One hunk breaks a header that all read, another file asks for one that no tree has.
git checkout -qb broken
sed -i 's/^enum tick {/&\n	TICK_LOST +,/' include/linux/tick.h
for f in lib/[a-d].c arch/i386/kernel/setup.c; do
	echo "int $(basename $f .c)_more;" >>$f
done
echo '#include <linux/nowhere.h>' >lib/new.c
sed -i 's/d.o/& new.o/' lib/Makefile
git add .
git commit -qm broken
status 0 "$TRUCE" mediate --base base --series broken=base..broken
"$TRUCE" report >../text
grep -q '^  broken .*  0 of 6  ' ../text || fail "the broken header breaks nothing: $(cat ../text)"
grep -qF "broken: 5 .c files do not parse: include/linux/tick.h:3: expected" ../text ||
	fail "the cause is not told: $(cat ../text)"
! grep -q nowhere ../text || fail "one file's own trouble is told as everybody's"
"$TRUCE" report -f json | tr -d ' \n' >../json
grep -qF '"causes":[{"path":"include/linux/tick.h","line":3,' ../json || fail "not in the JSON"
grep -qF "{\"path\":\"lib/new.c\",\"line\":1,\"text\":\"'linux/nowhere.h'filenotfound\",\"files\":1}" ../json ||
	fail "the missing header is not in the JSON"
"$TRUCE" report -f markdown | grep -q '^- broken: 5 .c files do not parse: ' || fail "not in Markdown"
# Loaded again it is the same.
"$TRUCE" report >../again
cmp ../text ../again
