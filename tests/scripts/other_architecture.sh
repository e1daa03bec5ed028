# Generic code that does not parse with the headers of the architecture that a series touches most
# is read for one of the usual ones; step and tip are judged by the same.
. "$SRC/tests/lib.sh"
git init -q repo
cd repo
git config user.name T
git config user.email t@example.org
mkdir -p arch/powerpc/kernel arch/i386/kernel include/asm-powerpc include/asm-i386 include/linux lib
printf 'VERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 16\nobj-y += lib/ kernel/\n' >Makefile
for arch in powerpc i386; do
	printf 'config %s\n\tbool\n\tdefault y\n' "$(echo $arch | tr a-z A-Z)" >arch/$arch/Kconfig
	echo 'obj-y += setup.o' >arch/$arch/kernel/Makefile
	printf 'core-y += arch/%s/kernel/\n' $arch >arch/$arch/Makefile
	printf '#include <asm/order.h>\nint %s_setup(void)\n{\n\treturn order(1);\n}\n' $arch \
		>arch/$arch/kernel/setup.c
done
echo 'obj-y += sum.o' >lib/Makefile
printf 'core-y += lib/\n' >>Makefile
printf '#include <asm/order.h>\nint sum(int a)\n{\n\treturn order(a);\n}\n' >lib/sum.c
# GCC takes this assembly, clang does not.
cat >include/asm-powerpc/order.h <<'END'
static inline int order(int x)
{
	unsigned short y;
	__asm__("mr %0,%1" : "=r"(y) : "0"(x));
	return y;
}
END
printf 'static inline int order(int x)\n{\n\treturn x;\n}\n' >include/asm-i386/order.h
git add . && git commit -qm base && git tag base
sed -i 's/order(1)/order(2)/' arch/powerpc/kernel/setup.c
sed -i 's/order(a)/order(a) + 1/' lib/sum.c
git commit -qam 'powerpc: count from two'
git tag tip

status 0 "$TRUCE" mediate --base base --series one=base..tip
"$TRUCE" sql "SELECT c_files, c_files_clean FROM coverage WHERE series = 'one'" >../coverage
grep -q '2.*1' ../coverage || fail "clean is not the generic file alone: $(cat ../coverage)"
# The facts come from a compiler: the function that the header of i386 has is called.
"$TRUCE" plan | grep -q parses || fail "the step is not judged"
! "$TRUCE" plan | grep -q 'parses worse' || fail "the step is judged by another architecture"
"$TRUCE" report --format json >../one.json
# --explain tells what the analysis did: the errors of powerpc's header are not what it saw.
status 0 "$TRUCE" analyze --explain lib/sum.c
grep -qx '  read for: i386, where more of its versions parse without an error than for' ../out ||
	fail "--explain does not tell the architecture: $(cat ../out)"
[ "$(grep -c '  is: i386: defconfig' ../out)" -eq 2 ] || fail "not both versions are told: $(cat ../out)"
! grep -q '  is: powerpc' ../out || fail "a configuration of powerpc is told: $(cat ../out)"
! grep -q '  error: ' ../out || fail "errors are told: $(cat ../out)"
status 0 "$TRUCE" analyze --explain arch/powerpc/kernel/setup.c
! grep -q '  read for: ' ../out || fail "powerpc's own file is not read for powerpc: $(cat ../out)"
rm -rf .git/truce
status 0 "$TRUCE" --jobs 1 mediate --base base --series one=base..tip
"$TRUCE" report --format json | cmp - ../one.json || fail "one job says something else"

# Touched by the way, one file in fourteen: it is not what generic code is read for first. Code of its
# own boards is still read for it.
git checkout -q base
echo 'int board_number(void);' >include/asm-powerpc/board.h
printf '#include <asm/board.h>\nint board(void)\n{\n\treturn board_number();\n}\n' >lib/board.c
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
	printf '#include <asm/order.h>\n#include <linux/nowhere.h>\nint n%s;\n' $n >lib/n$n.c
done
sed -i 's/sum.o/& board.o n1.o n2.o n3.o n4.o n5.o n6.o n7.o n8.o n9.o n10.o n11.o n12.o/' lib/Makefile
git add . && git commit -qm many && git tag many
for f in lib/n*.c lib/board.c; do
	echo "int more_$(basename $f .c);" >>$f
done
sed -i 's/order(1)/order(2)/' arch/powerpc/kernel/setup.c
git commit -qam 'all of lib'
rm -rf .git/truce
status 0 "$TRUCE" mediate --base many --series one=many..HEAD
"$TRUCE" sql 'SELECT path, text, files FROM causes' >../causes
grep -q "^lib/n1.c.'linux/nowhere.h' file not found.12$" ../causes ||
	fail "read for an architecture that is touched by the way: $(cat ../causes)"
"$TRUCE" sql "SELECT c_files_clean FROM coverage" >../coverage
grep -qx '1' ../coverage || fail "the board's file is not read for its own: $(cat ../coverage)"

# Code that must not hang on it: an architecture that the tree does not have.
git checkout -q tip
git rm -rq arch/i386 include/asm-i386 && git commit -qm 'powerpc alone' && git tag alone
sed -i 's/order(a) + 1/order(a) + 2/' lib/sum.c
git commit -qam 'lib: two'
rm -rf .git/truce
status 0 "$TRUCE" mediate --base alone --series one=alone..HEAD
"$TRUCE" sql "SELECT c_files, c_files_clean FROM coverage WHERE series = 'one'" >../coverage
grep -q '1.*0' ../coverage || fail "one file, not clean: $(cat ../coverage)"
