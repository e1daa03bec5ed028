# On a terminal: pager, colour, tables; and how settings and the environment turn them off.
fail() {
	echo "$*"
	exit 1
}
command -v script >/dev/null || {
	echo "skipped: script(1) is not installed"
	exit 77
}
script -qec true /dev/null </dev/null >/dev/null 2>&1 || {
	echo "skipped: no pseudo-terminal can be made here"
	exit 77
}
git init -q .
git commit -q --allow-empty -m base
escape=$(printf '\033')
printf '#!/bin/sh\necho PAGED\ncat\n' >pager
chmod +x pager
# tty COMMAND: its output on a terminal of 80 columns.
tty() {
	TERM=xterm timeout 300 script -qec "stty cols 80 rows 200; $1" /dev/null </dev/null | tr -d '\r'
}
tty "'$TRUCE' help" >out
grep -q "$escape" out || fail "no colour on a terminal: $(cat out)"
tty "NO_COLOR=1 '$TRUCE' help" >out
! grep -q "$escape\[[0-9;]*[1-9]" out || fail "NO_COLOR is not heard: $(cat -v out)"
tty "'$TRUCE' --color=never help" >out
! grep -q "$escape\[[0-9;]*[1-9]" out || fail "--color=never is not heard"
git config color.truce never
tty "'$TRUCE' help" >out
! grep -q "$escape\[[0-9;]*[1-9]" out || fail "color.truce is not heard"

# A dumb terminal has only the pager that truce was given.
tty "TERM=dumb PAGER='$PWD/pager' '$TRUCE' help" >out
! grep -q "PAGED\|$escape" out && grep -q Commands out || fail "a pager on a dumb terminal: $(cat -v out)"
tty "TERM=dumb TRUCE_PAGER='$PWD/pager' '$TRUCE' help" >out
grep -q PAGED out || fail "TRUCE_PAGER is not used on a dumb terminal"

git config truce.pager "$PWD/pager"
tty "'$TRUCE' help" >out
grep -q PAGED out && grep -q Commands out || fail "truce.pager is not used: $(cat out)"
tty "'$TRUCE' --no-pager help" >out
! grep -q PAGED out && grep -q Commands out || fail "--no-pager is not heard"
tty "'$TRUCE' help --words" >out
! grep -q PAGED out || fail "words go through the pager"
"$TRUCE" help >out
! grep -q PAGED out || fail "a pager without a terminal"
git config truce.pager /nonexistent/pager
tty "'$TRUCE' help 2>&1" >out
grep -q Commands out || fail "without its pager, nothing is shown: $(cat out)"
