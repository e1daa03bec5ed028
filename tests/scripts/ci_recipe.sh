# The job of docs/ci.md, run as it stands there, with the package as cpack makes it. apt-get is a stand-in
# that unpacks the package, so that the test changes nothing of the machine.
. "$SRC/tests/lib.sh"
build=$(dirname "$TRUCE")
[ -e "$build/cmake_install.cmake" ] || exit 77
unset TRUCE_RULES
top=$PWD
sed -n '/^```sh$/,/^```$/p' "$SRC/docs/ci.md" | sed '/^```/d' >job.sh
grep -q '^apt-get install .*truce_\*\.deb$' job.sh || fail 'docs/ci.md has no job'
mkdir bin
cat >bin/apt-get <<END
#!/bin/sh
[ "\$1" != install ] || dpkg-deb -x "\$3" "$top/root"
END
chmod +x bin/apt-get

"$SRC/examples/setup" origin
cp -R "$SRC/examples/gate/tree/." origin
mkdir origin/ci
cp "$SRC/examples/gate/machine-ops.yaml" origin/ci/rules.yaml
: >origin/ci/known.txt
commit() {
	git add -A
	git -c user.name=x -c user.email=x@example.org commit -qm "$1"
}
(cd origin && commit 'an interface')
git clone -q origin work
cd work
(cd "$build" && cpack -G DEB -B "$top/deb" >/dev/null)
cp ../deb/truce_*.deb .
echo 'truce_*.deb' >.git/info/exclude
job() {
	env PATH="$top/bin:$top/root/usr/bin:$PATH" BASE=base RULES=ci/rules.yaml sh ../job.sh
}

printf '\nint clock_rate(void)\n{\n\treturn 18;\n}\n' >>drivers/char/clock.c
commit 'keeps to the interface'
# the branch that the change is for has moved on
(cd ../origin && echo >>README && commit 'something else')
status 0 job
[ -x "$top/root/usr/bin/truce" ] || fail 'the package was not installed'
printf '\nvoid clock_quiet(void)\n{\n\tasm volatile("cli");\n}\n' >>drivers/char/clock.c
commit 'goes around it'
status 1 job
grep -q '^::warning file=drivers/char/clock.c,line=[0-9]*,' ../out || fail "$(cat ../out)"
echo "$(sed -n 's/.*%0A\([0-9a-f]\{12\}\)$/\1/p' ../out) point.bypass a clock of the bare machine" >ci/known.txt
commit 'a known case'
status 0 job
