# A tree made to harm: nothing outside is read or run, the run ends, everything else is analysed. No
# time is measured: what never ends is ended by truce.parseSeconds of processor time.
. "$SRC/tests/lib.sh"
here=$(pwd)
echo "int stolen_marker = stolen_words;" >secret
git init -q repo
cd repo
git config user.name t
git config user.email t@example.org
git config truce.parseSeconds 1
mkdir -p arch/i386/kernel include/linux include/asm-i386
printf '%s\n' 'VERSION = 2' 'PATCHLEVEL = 6' 'SUBLEVEL = 16' "X := \$(shell touch $here/ran-make)" \
	'core-y := arch/i386/kernel/' >Makefile
printf '%s\n' "X := \$(shell touch $here/ran-arch)" 'CFLAGS += $(X)' >arch/i386/Makefile
printf '%s\n' 'config GOOD' '	bool "good"' '	default y' 'config RAN' '	string' \
	"	default \"\$(shell,touch $here/ran-kconfig)\"" >arch/i386/Kconfig
echo CONFIG_GOOD=y >arch/i386/defconfig
echo "obj-y := good.o outside.o up.o loop.o huge.o bomb.o deep.o body.o" >arch/i386/kernel/Makefile
echo '#define LINUX 1' >include/linux/good.h
git add .
git commit -qm base
base=$(git rev-parse HEAD)

cd arch/i386/kernel
echo "obj-y += \$(shell touch $here/ran-kbuild) more.o" >>Makefile
printf '%s\n' '#include <linux/good.h>' 'int good = LINUX;' >good.c
printf '%s\n' '#include "/etc/passwd"' "#include \"$here/secret\"" 'int outside;' >outside.c
up=../../../../../../../../../
printf '%s\n' "#include \"${up}secret\"" "#include <../../../../../../../secret>" 'int up;' >up.c
printf '%s\n' '#include "loop.h"' 'int loop;' >loop.c
printf '%s\n' '#include "loop.h"' '#include "loop.h"' >loop.h
printf '%s\n' '#include <linux/huge.h>' 'int huge;' >huge.c
awk 'BEGIN { print "#define A0 1"; for (i = 1; i < 40; i++)
	print "#define A" i " A" i - 1 " + A" i - 1; print "int bomb = A39;" }' >bomb.c
# Nested so deep that clang 14 runs out of stack: outside of a function, and within one.
awk 'BEGIN { printf "int *deep = "; for (i = 0; i < 1000000; i++) printf "-"; print "1;" }' >deep.c
awk 'BEGIN { print "int before;"; print "void body(void)"; print "{"
	for (i = 0; i < 200000; i++) printf "l%d:", i; print ";"; print "}" }' >body.c
# Over what is handed to a compiler (LIMIT_SOURCE_BYTES).
head -c 70000000 /dev/zero | tr '\0' ' ' >"$here/repo/include/linux/huge.h"
cd "$here/repo"
git -c core.compression=0 add .
git commit -qm harm

"$TRUCE" mediate --base "$base" --series "harm=$base..HEAD" --jobs 2 >"$here/out" 2>"$here/err" ||
	fail "mediate: $(cat "$here/err")"
"$TRUCE" report --format json >"$here/report.json"
for trace in "$here"/ran-*; do
	[ ! -e "$trace" ] || fail "$trace was made: something of the tree was run"
done
! grep -q stolen "$here/report.json" || fail "a file outside of the tree was read"
sed -n '/"unparsed": \[/,/\]/p' "$here/report.json" >"$here/unseen"
unseen() { # FILE REASON: lines of the file are listed as unseen, for this reason
	grep -A 4 "\"path\": \"$1\"" "$here/unseen" | grep -qF "$2" ||
		fail "$1: not listed with '$2'"
}
k=arch/i386/kernel
unseen $k/deep.c 'not parsed: c: '
unseen $k/bomb.c 'c: '
# A kernel without Landlock opens the file; then nothing of it is quoted, as was seen above.
if "$TRUCE" analyze --explain $k/good.c | grep -q 'locked down by: Landlock'; then
	unseen $k/outside.c "in line 1: cannot open file '/etc/passwd'"
	unseen $k/up.c "in line 1: cannot open file '"
fi
unseen $k/huge.c "'linux/huge.h' file not found"
# What crashes within a function is read without bodies: the lines around it are seen.
unseen $k/body.c 'left out'
! grep -A 1 "\"path\": \"$k/body.c\"" "$here/unseen" | grep -q '"line": 1,' ||
	fail "body.c: nothing was seen"
! grep -q "$k/good.c" "$here/unseen" || fail "good.c was not seen whole"
