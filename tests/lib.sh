# Shared by tests/scripts/*.sh: . "$SRC/tests/lib.sh"

ACME="acme=mbox:$SRC/examples/two-vendors/acme.mbox"
GLOBEX="globex=quilt:$SRC/examples/two-vendors/globex"

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

# Makes the example's repository in ./repo and goes there.
example() {
	"$SRC/examples/setup" repo
	cd repo
}

# mediate the two vendors; further options as given
mediate() {
	"$TRUCE" mediate --base v2.6.16-example --series "$ACME" --series "$GLOBEX" "$@"
}

json() {
	"$TRUCE" report --format json
}

# status N COMMAND...: runs it, keeps ../out and ../err, demands exit status N.
status() {
	want=$1
	shift
	got=0
	"$@" >../out 2>../err || got=$?
	if [ "$got" != "$want" ]; then
		cat ../out ../err >&2
		fail "exit status $got instead of $want: $*"
	fi
}

# says TEXT: the error names it. hints: the error says what to do.
says() {
	grep -qF -- "$1" ../err || {
		cat ../err >&2
		fail "the error does not say '$1'"
	}
}

# A hint goes on where the error ends: no capital, no full stop.
hints() {
	grep -q '^hint: ' ../err || {
		cat ../err >&2
		fail "the error does not say what to do"
	}
	! grep -E '^hint: ([A-Z][a-z]|.*[a-z]\.$)' ../err >&2 || fail "a hint is written as a sentence"
}

# What must not change when input is refused: refs, the work tree and what the database keeps.
state() {
	git for-each-ref
	git status --porcelain
	[ ! -e .git/truce/truce.db ] || "$TRUCE" sql 'SELECT name, tip FROM series' 2>/dev/null |
		tail -n +2
}

# refused COMMAND...: exit 2, a hint, nothing changed.
refused() {
	state >../before
	status 2 "$@"
	hints
	state >../after
	cmp -s ../before ../after || {
		diff ../before ../after >&2 || :
		fail "something changed: $*"
	}
	[ ! -s ../out ] || fail "results on stdout beside an error"
}

# For what root may do and others may not: other COMMAND runs it as a user who owns nothing here.
# Skips the test where that cannot be.
as_other_user() {
	if [ "$(id -u)" != 0 ]; then
		other() { "$@"; }
		return
	fi
	command -v setpriv >/dev/null || { echo "no setpriv: skipped"; exit 77; }
	mkdir other-home
	# libgit2 asks for the very directory
	printf '[safe]\n\tdirectory = %s\n\tdirectory = %s/\n' "$PWD/repo" "$PWD/repo" \
		>other-home/.gitconfig
	chmod -R a+rX other-home
	OTHER_HOME=$PWD/other-home
	other() {
		HOME=$OTHER_HOME XDG_CONFIG_HOME=$OTHER_HOME/none \
			setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	}
	other test -x "$TRUCE" && other test -r "$SRC/rules/paravirt-i386.yaml" || {
		echo "another user cannot read the source tree here: skipped"
		exit 77
	}
}
