# Sources without anything in them, and repositories that cannot be had: each says what to do.
. "$SRC/tests/lib.sh"
example
mkdir ../quilt
echo '# nothing yet' >../quilt/series

refused "$TRUCE" series add a mbox:../nofile.mbox --base v2.6.16-example
says nofile.mbox
hints
refused "$TRUCE" series add a v2.6.16-example --base v2.6.16-example
says 'there are no commits in it'
says "it is the base"
refused "$TRUCE" series add a v2.6.16-example..v2.6.16-example --base v2.6.16-example
says 'the order of the two ends'
refused "$TRUCE" series add a quilt:../quilt --base v2.6.16-example
says 'quilt/series: there is no patch to apply in it'
hints
# A word in front of nothing is not the current directory, which holds files.
for spec in mbox: maildir: quilt: patches: diff: overlay: 'overlay:=>include'; do
	refused "$TRUCE" series add a "$spec" --base v2.6.16-example
	says "'$spec' names no path"
done
refused "$TRUCE" gate patches: --base v2.6.16-example
says "'patches:' names no path"
refused "$TRUCE" series add a mbox:. --base v2.6.16-example
says 'a directory, where a file is wanted'
refused "$TRUCE" series add a overlay:Makefile --base v2.6.16-example
says 'Not a directory'
mkdir ../empty
refused "$TRUCE" series add a ../empty --base v2.6.16-example
says 'there are no files in it'
status 2 "$TRUCE" gate HEAD --baseline nofile
says 'truce: error: the baseline nofile: No such file or directory'
hints
status 2 "$TRUCE" report -o nowhere/report.md
says 'nowhere: No such file or directory'
hints

# GIT_DIR is heard, as `git --git-dir=X truce` sets it
mediate >/dev/null
for what in '--config' '--compile-commands'; do
	status 2 "$TRUCE" analyze $what nofile
	says 'truce: error: nofile: No such file or directory'
	hints
done
there=$PWD/.git
cd ..
mkdir elsewhere
cd elsewhere
status 0 env GIT_DIR="$there" "$TRUCE" series list
grep -q acme ../out || fail 'not the repository that GIT_DIR names'
status 2 env GIT_DIR="$there/nowhere" "$TRUCE" series list
says nowhere
hints

git init -q --object-format=sha256 . 2>/dev/null || exit 0 # a git without it
status 2 "$TRUCE" series list
says 'objectformat'
hints
