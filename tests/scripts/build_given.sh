# A user's .config and compile_commands.json: honoured, kept with the mediation, forgotten on demand.
. "$SRC/tests/lib.sh"
example
file=arch/i386/kernel/irq.c
status 0 "$TRUCE" mediate --base v2.6.16-example --series "$ACME" --series "$GLOBEX"
"$TRUCE" report --format json >../usual.json
status 0 "$TRUCE" analyze --explain $file
cp ../out ../usual

# The configuration: of the architecture that is named; an old one does not say it.
printf 'CONFIG_HZ=77\nCONFIG_SMP=y\n' >../plain.config
status 2 "$TRUCE" analyze --config ../plain.config
says 'does not say of which architecture it is'
status 2 "$TRUCE" analyze --config ../none.config
says 'none.config'
echo nonsense >../bad.config
status 2 "$TRUCE" analyze --config i386=../bad.config
says 'is no configuration'
status 0 "$TRUCE" analyze --explain $file
cmp ../usual ../out || fail "what was refused has changed something"

# The commands: flags of this file alone, places of the machine as places of the tree.
cat >../compile_commands.json <<'END'
[{"directory": "/somewhere/build", "file": "/somewhere/linux/arch/i386/kernel/irq.c",
  "command": "cc -DBY_HAND=1 -I/somewhere/linux/include -I/etc -include include/linux/autoconf.h -c x.c"}]
END
echo '{}' >../bad.json
status 2 "$TRUCE" analyze --compile-commands ../bad.json
says 'it is no array'
status 0 "$TRUCE" analyze --compile-commands ../compile_commands.json --config i386=../plain.config
status 0 "$TRUCE" analyze --explain $file
tr -s ' \n' ' ' <../out >../words
grep -q -- '-DBY_HAND=1 -I include' ../words || fail "the given flags are not taken"
grep -q 'is: i386: the given .config' ../words || fail "the given .config is not told"
! grep -q -- '/etc' ../words || fail "a path outside of the tree is looked at"
! grep -q 'KBUILD_BASENAME' ../words || fail "the makefiles' flags are taken too"
status 0 "$TRUCE" analyze --explain arch/i386/kernel/smp.c
! grep -q BY_HAND ../out || fail "another file has the flags"
"$TRUCE" report --format json >../given.json

# Kept whole: the files may go, and a second run is the same.
rm ../plain.config ../compile_commands.json
mediate >/dev/null 2>&1
"$TRUCE" report --format json >../again.json
cmp ../given.json ../again.json || fail "the second run is another"
status 0 "$TRUCE" analyze --explain $file
grep -q BY_HAND ../out || fail "the flags are forgotten"

# Forgotten: as before.
status 0 "$TRUCE" analyze --config auto --compile-commands auto
status 0 "$TRUCE" analyze --explain $file
cmp ../usual ../out || fail "something is left after auto"
"$TRUCE" report --format json >../after.json
cmp ../usual.json ../after.json || fail "the report differs after auto"

# mediate: all of it, or nothing.
status 2 "$TRUCE" mediate --config i386=../bad.config --base v2.6.16-example --series "$ACME"
says 'is no configuration'
"$TRUCE" series list | grep -q globex || fail "a failed mediate has dropped a series"
