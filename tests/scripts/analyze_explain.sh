# truce analyze --explain FILE: how a file is read, in 80 columns.
. "$SRC/tests/lib.sh"
example
mediate >/dev/null 2>&1
status 0 "$TRUCE" analyze --explain arch/i386/kernel/irq.c
for line in 'arch/i386/kernel/irq.c, base v2.6.16-example' 'arch/i386/kernel/irq.c, series acme' \
	'  is: i386: defconfig' '  flags: -target i386-linux-gnu' '  errors: none' \
	'  headers made: include/linux/autoconf.h' '  left out, 0 of 30 lines: none' \
	'  parsed by processes locked down by: '; do
	grep -qF -- "$line" ../out || fail "not told: $line"
done
! awk 'length > 80' ../out | grep . || fail "lines of more than 80 columns"
! grep -q "$PWD" ../out || fail "a path of this machine is shown"
# A header is told with the file that reaches it.
status 0 "$TRUCE" analyze --explain include/asm-i386/desc.h
grep -q '^  reached by: .*\.c$' ../out || fail "the header's includer is not told"
# The second time nothing is parsed anew, and the answer is the same.
cp ../out ../before
status 0 "$TRUCE" analyze --explain include/asm-i386/desc.h
cmp ../before ../out || fail "the second answer differs"
status 2 "$TRUCE" analyze --explain no/such.c
says 'no such file in the base or in a series: no/such.c'
