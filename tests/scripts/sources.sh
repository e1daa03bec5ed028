# Every kind of source through the program: the same change read from each gives the same tree, and
# input that cannot be read is one clear message, exit 2, and nothing stored.
top=$PWD
fail() {
	echo "$*"
	exit 1
}
git init -q -b main repo
cd repo
git config user.name Tester
git config user.email tester@example.org
mkdir -p kernel include
printf 'int a;\nint b;\nint c;\n' >kernel/a.c
printf '#define A 1\n' >include/a.h
git add -A
git commit -q -m base
git tag v0
git checkout -q -b work
printf 'int a;\nint bb;\nint c;\n' >kernel/a.c
git commit -q -a -m 'kernel: rename b'
printf '#define A 2\n' >include/a.h
printf '#!/bin/sh\n' >tool.sh
chmod +x tool.sh
ln -s kernel/a.c link
git add -A
git commit -q -m 'add a tool'
git checkout -q main
git format-patch -q --stdout v0..work >$top/box.mbox
git format-patch -q -o $top/patches v0..work
git diff v0 work >$top/whole.diff
mkdir -p $top/quilt $top/overlay/kernel $top/overlay/include $top/md/cur $top/md/new
cp $top/patches/* $top/quilt
ls $top/patches | sed 's/$/ # one/' >$top/quilt/series
cp $top/patches/0001* $top/md/new/a
cp $top/patches/0002* $top/md/cur/b
gzip -k $top/box.mbox
xz -k $top/whole.diff
git archive work | tar x -C $top/overlay
want=$(git rev-parse 'work^{tree}')
same() {
	rm -rf .git/truce
	"$TRUCE" mediate --base v0 --series "x=$1" >$top/out 2>$top/err ||
		fail "$1: $(cat $top/err)"
	have=$(git rev-parse 'refs/truce/series/x^{tree}')
	[ "$have" = "$want" ] || fail "$1: tree $have, not $want"
}
for spec in v0..work work mbox:$top/box.mbox $top/box.mbox mbox:$top/box.mbox.gz \
	patches:$top/patches $top/patches diff:$top/whole.diff $top/whole.diff.xz \
	quilt:$top/quilt $top/quilt maildir:$top/md $top/md overlay:$top/overlay; do
	same "$spec"
done
rm -rf .git/truce
git update-ref -d refs/truce/series/x
# Without --base: the index lines tell.
"$TRUCE" mediate --series "x=mbox:$top/box.mbox" >$top/out 2>$top/err || fail "no base: $(cat $top/err)"
[ "$(git rev-parse 'refs/truce/series/x^{tree}')" = "$want" ] || fail "the base was not found"
rm -rf .git/truce
git for-each-ref --format='delete %(refname)' refs/truce | git update-ref --stdin

refused() { # SPEC WORDS
	rc=0
	"$TRUCE" mediate --base v0 --series "x=$1" >$top/out 2>$top/err || rc=$?
	[ $rc = 2 ] || fail "$1: exit $rc"
	grep -qF -- "$2" $top/err || fail "$1: no '$2' in: $(cat $top/err)"
	[ -z "$(git for-each-ref refs/truce)" ] || fail "$1: left a ref"
}
# A mail that ends in the middle of a hunk.
head -c $(($(grep -a -b -m1 '^-int b' $top/box.mbox | cut -d: -f1) + 3)) $top/box.mbox >$top/cut.mbox
refused mbox:$top/cut.mbox 'cut.mbox message 1:'
# A series file that names a patch that is not there.
mkdir $top/q2
echo gone.patch >$top/q2/series
refused quilt:$top/q2 "series:1: patch 'gone.patch' is not there"
# Paths that leave the tree.
printf -- '--- /dev/null\n+++ b/../../evil\n@@ -0,0 +1 @@\n+x\n' >$top/evil.diff
refused diff:$top/evil.diff '../../evil'
printf 'diff --git a/.git/hooks/x b/.git/hooks/x\nnew file mode 100755\n--- /dev/null\n+++ b/.git/hooks/x\n@@ -0,0 +1 @@\n+x\n' >$top/hook.diff
refused diff:$top/hook.diff '.git/hooks/x'
[ ! -e $top/evil ] && [ ! -e ../evil ] || fail "a patch left the tree"
# A binary patch that claims 10 GB.
printf 'diff --git a/b b/b\nnew file mode 100644\nindex 0000000..1111111\nGIT binary patch\nliteral 10737418240\nMcmZQzWMXCk000>P3jhEB\n\n' >$top/big.diff
refused diff:$top/big.diff 10737418240
# A context diff, an empty file, a directory that is not there.
printf '*** a/kernel/a.c\t2006\n--- b/kernel/a.c\t2006\n***************\n*** 1,2 ****\n' >$top/context.diff
refused diff:$top/context.diff 'context diff'
: >$top/empty.diff
refused diff:$top/empty.diff 'no patch in it'
refused overlay:$top/nowhere nowhere
refused nowhere..work nowhere
