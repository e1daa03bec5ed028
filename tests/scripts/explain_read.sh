# truce analyze --explain FILE tells what the analysis does: only those made headers that the unit
# reads, and generic code for the architecture that the series are about.
. "$SRC/tests/lib.sh"
git init -q repo
cd repo
git config user.name t
git config user.email t@example.org
mkdir -p arch/i386 arch/arm/kernel include/linux include/asm-i386 include/asm-arm kernel
printf '%s\n' 'VERSION = 2' 'PATCHLEVEL = 6' 'SUBLEVEL = 16' 'core-y := kernel/' >Makefile
for arch in i386 arm; do
	printf '%s\n' 'config ON' '	bool "on"' '	default y' >arch/$arch/Kconfig
	echo 'core-y += arch/$(ARCH)/kernel/' >arch/$arch/Makefile
	echo CONFIG_ON=y >arch/$arch/defconfig
done
echo 'obj-y := a.o b.o c.o' >arch/arm/kernel/Makefile
echo 'obj-y := main.o other.o' >kernel/Makefile
printf '%s\n' '#include <linux/config.h>' '#include <linux/version.h>' \
	'int version = LINUX_VERSION_CODE;' >kernel/main.c
echo 'int other;' >kernel/other.c
echo '#include <linux/autoconf.h>' >include/linux/config.h
for file in a b c; do echo "int $file;" >arch/arm/kernel/$file.c; done
git add .
git commit -qm base
git tag base
for file in arch/arm/kernel/a.c arch/arm/kernel/b.c arch/arm/kernel/c.c kernel/main.c; do
	echo "int more_$(basename $file .c);" >>$file
done
git commit -qam change
status 0 "$TRUCE" mediate --base base --series arms=base..HEAD

check() { # twice: parsed, and from the cache
	for time in first second; do
		status 0 "$TRUCE" analyze --explain "$1"
		grep -qx "$2" ../out || fail "$1, the $time time, does not say: $2"
		! grep -q 'is: i386' ../out || fail "$1 is read for i386, which no series is about"
	done
}
check kernel/main.c '  headers made: include/linux/autoconf.h include/linux/version.h'
check kernel/main.c '  is: arm: defconfig'
check kernel/other.c '  headers made: include/linux/autoconf.h'
# With none under mediation that touches an architecture, the usual one.
git checkout -q base
echo 'int third;' >>kernel/main.c
git commit -qam generic
status 0 "$TRUCE" --db ../other.db mediate --base base --series plain=base..HEAD
status 0 "$TRUCE" --db ../other.db analyze --explain kernel/main.c
grep -qx '  is: i386: defconfig' ../out || fail "not read for the usual architecture"
