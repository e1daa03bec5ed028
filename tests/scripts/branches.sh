# Changed lines that the defconfig leaves out: read in further configurations, with the compiler's
# facts; the rest is listed with its reason.
. "$SRC/tests/lib.sh"
git init -q repo
cd repo
mkdir -p arch/i386/kernel include/linux kernel
printf '%s\n' 'VERSION = 2' 'PATCHLEVEL = 6' 'SUBLEVEL = 16' 'core-y := kernel/' >Makefile
echo 'core-y += arch/i386/kernel/' >arch/i386/Makefile
printf '%s\n' 'config SMP' '	bool "smp"' >arch/i386/Kconfig
: >arch/i386/defconfig
echo 'obj-y := user.o' >kernel/Makefile
echo 'obj-y := time.o' >arch/i386/kernel/Makefile
printf '%s\n' 'struct packet {' '	int size;' '};' >include/linux/packet.h
printf '%s\n' '#include <linux/packet.h>' 'int size_of(struct packet *p)' '{' \
	'	return p->size;' '}' >kernel/user.c
printf '%s\n' 'void tick(void);' 'void time_init(void)' '{' '	tick();' '}' \
	>arch/i386/kernel/time.c
git add .
git commit -qm base
# A switch of the series' own, a field and a file under it.
printf '%s\n' 'config VENDOR' '	bool "vendor"' >>arch/i386/Kconfig
echo 'obj-$(CONFIG_VENDOR) += vendor.o' >>arch/i386/kernel/Makefile
printf '%s\n' 'struct packet {' '	int size;' '#ifdef CONFIG_VENDOR' '	int blank;' '#endif' '};' \
	>include/linux/packet.h
printf '%s\n' '#include <linux/packet.h>' 'int size_of(struct packet *p)' '{' \
	'	return p->size + p->blank;' '}' >kernel/user.c
printf '%s\n' 'void tick(void);' '#define later() tick()' 'void time_init(void)' '{' '	tick();' \
	'#ifdef CONFIG_SMP' '	later();' '#endif' '}' >arch/i386/kernel/time.c
printf '%s\n' 'void native(void);' 'void vendor_init(void)' '{' '#ifndef CONFIG_VENDOR' \
	'	native();' '#endif' '}' '#ifndef CONFIG_VENDOR' 'int broken(void)' '{' \
	'	return missing;' '	return 1;' '}' 'int whole;' '#endif' '#if 0' 'int never;' '#endif' \
	>arch/i386/kernel/vendor.c
git add .
git commit -qm vendor
status 0 "$TRUCE" mediate --base HEAD^ --series v=HEAD^..HEAD --report ../report.json --format json
tr -d ' \n' <../report.json >../flat
# All three .c files parse: user.c with the series' switch, vendor.c where it is built.
grep -q '"files":3,"files_clean":3' ../flat || fail "not all files parse somewhere"
"$TRUCE" sql 'SELECT path, line, end_line, reason FROM unparsed' >../out
[ "$(wc -l <../out)" -eq 3 ] || fail "other lines are unseen: $(cat ../out)"
grep -q 'vendor.c.*11.*13.*exclude each other; read alone, it comes after an error in line 11' ../out ||
	fail "the lines after an error are not told: $(cat ../out)"
grep -q 'vendor.c.*17.*17.*#if 0' ../out || fail "#if 0 is not told: $(cat ../out)"
# What the text's reader took for a call is the macro that the compiler saw.
fact() { # FILE LINE: what is used there, and who saw it
	"$TRUCE" sql "SELECT kind, name, reader FROM touches WHERE path = '$1' AND line = $2"
}
fact arch/i386/kernel/time.c 7 >../out
grep -q 'macro-use.*later.*clang' ../out || fail "a further configuration's facts: $(cat ../out)"
fact arch/i386/kernel/vendor.c 5 >../out
grep -q 'call.*native.*clang' ../out || fail "the facts of a file read alone: $(cat ../out)"
status 0 "$TRUCE" analyze --explain arch/i386/kernel/vendor.c
grep -q '^  alone: no makefile builds the file so' ../out || fail "--explain does not tell it"
