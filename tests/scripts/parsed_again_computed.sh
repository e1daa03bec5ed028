# A header that is computed from a C file makes its readers depend on what that reads; they are not
# parsed again for it while that stays.
. "$SRC/tests/lib.sh"
git init -q repo
cd repo
mkdir -p arch/i386/kernel include/linux include/asm-i386 kernel
printf '%s\n' 'VERSION = 2' 'PATCHLEVEL = 6' 'SUBLEVEL = 16' 'core-y := kernel/' >Makefile
echo 'core-y += arch/i386/kernel/' >arch/i386/Makefile
printf '%s\n' 'config SMP' '	bool "smp"' >arch/i386/Kconfig
: >arch/i386/defconfig
: >include/asm-i386/types.h
echo 'obj-y := user.o' >kernel/Makefile
echo 'obj-y := entry.o' >arch/i386/kernel/Makefile
printf '%s\n' 'struct packet {' '	int size;' '};' >include/linux/packet.h
printf '%s\n' '#include <linux/packet.h>' 'int size_of(struct packet *p)' '{' \
	'	return p->size;' '}' >kernel/user.c
printf '%s\n' '#include <linux/packet.h>' 'void offsets(void)' '{' \
	'	asm volatile("\n->packet_size %0" : : "i" (sizeof(struct packet)));' '}' \
	>arch/i386/kernel/asm-offsets.c
printf '%s\n' '#include <asm/asm-offsets.h>' '#if packet_size > 4' 'entry:	ret' '#endif' \
	>arch/i386/kernel/entry.S
git add .
git commit -qm base
git tag base
printf '%s\n' 'struct packet {' '	int size;' '	int blank;' '};' >include/linux/packet.h
sed -i 's/ret/iret/' arch/i386/kernel/entry.S
git commit -qam wider
sed -i 's/return p->size/return p->size + p->blank/' kernel/user.c
git commit -qam user

# parsed: what was read anew, by analyze's own count.
parsed() {
	status 0 "$TRUCE" analyze
	sed -n 's/^truce: parsed \([0-9]*\) files, .*/\1/p' ../err
}
status 0 "$TRUCE" series add v base..HEAD --base base
parsed >/dev/null
# again: the series has a new version, "COUNT FILE..." is what analyze parsed of it.
again() {
	git commit -q --amend -am user
	"$TRUCE" series update >/dev/null 2>&1
	"$TRUCE" sql 'SELECT path, key FROM cache_facts' | sort >../before
	count=$(parsed)
	"$TRUCE" sql 'SELECT path, key FROM cache_facts' | sort >../after
	echo $count $(comm -13 ../before ../after | cut -f 1 | sort -u)
}
# By the text's reader, and by the compiler.
sed -i 's/p->blank/2 * p->blank/' kernel/user.c
what=$(again)
[ "$what" = '2 kernel/user.c' ] || fail "only kernel/user.c changed, parsed were $what"
# What asm-offsets.h is computed from.
sed -i 's/int blank/long long blank/' include/linux/packet.h
what=$(again)
[ "$what" = '3 arch/i386/kernel/entry.S include/linux/packet.h kernel/user.c' ] ||
	fail "packet.h changed, parsed were $what"
