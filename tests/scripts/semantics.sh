# code.semantics: one series makes a function take a lock, sleep, or give another unit; the other starts to
# call it where that is wrong. Where the caller is fine with it, or calls it before, nothing is told.
. "$SRC/tests/lib.sh"
git init -q -b base repo
cd repo
git config user.name x
git config user.email x@example.org
mkdir kernel
cat >kernel/core.c <<'END'
static DEFINE_SPINLOCK(book_lock);
unsigned long book(int entry)
{
	return entries[entry];
}
int reserve(int bytes)
{
	return take(bytes);
}
unsigned long long stamp(void)
{
	return tsc_read();
}
END
cat >kernel/user.c <<'END'
void early(void)
{
}
void late(void)
{
}
END
git add -A
git commit -qm base
git tag start
commit() {
	git commit -qam "$1"
	git tag "$1"
	git checkout -q start
}
git checkout -q start
sed -i 's/	return entries\[entry\];/	unsigned long found;\n\n	spin_lock(\&book_lock);\n	found = entries[entry];\n	spin_unlock(\&book_lock);\n	return found;/
s/	return take(bytes);/	mutex_lock(\&pool_mutex);\n	bytes = take(bytes);\n	mutex_unlock(\&pool_mutex);\n	return bytes;/
s/	return tsc_read();/	return cycles_2_ns(tsc_read());/' kernel/core.c
commit changer
cat >kernel/user.c <<'END'
void early(void)
{
	spin_lock(&book_lock);
	if (book(3))
		count++;
	spin_unlock(&book_lock);
}
void late(void)
{
	unsigned long flags;

	local_irq_save(flags);
	reserve(64);
	local_irq_restore(flags);
	elapsed = stamp() / cpu_cycles_of_tick;
}
END
commit wrong
cat >kernel/user.c <<'END'
void early(void)
{
	spin_lock(&book_lock);
	count++;
	spin_unlock(&book_lock);
	if (book(3))
		count++;
}
void late(void)
{
	unsigned long flags;

	local_irq_save(flags);
	local_irq_restore(flags);
	reserve(64);
	elapsed = stamp();
}
END
commit right
find() {
	"$TRUCE" --db "../$1.db" mediate --base start --series changer=start..changer \
		--series "other=start..$1" >/dev/null 2>&1
	"$TRUCE" --db "../$1.db" findings --kind code.semantics --oneline | cut -f2- >../out
}
find wrong
for told in 'book: changer makes it take &book_lock, which other.s new caller early holds' \
	'reserve: changer makes it sleep, other.s new caller late must not' \
	'stamp: changer turns it from cycles to ns, other.s new caller late reckons in cycles'; do
	grep -q "$told" ../out || fail "not told: $told: $(cat ../out)"
done
[ "$(wc -l <../out)" = 3 ] || fail "more than three: $(cat ../out)"
"$TRUCE" --db ../wrong.db show "$("$TRUCE" --db ../wrong.db findings --kind code.semantics --oneline |
	grep 'makes it take' | cut -f1)" >../shown
for place in 'kernel/core.c:6' 'line 3 of kernel/user.c' 'in line 4'; do
	grep -qF "$place" ../shown || grep -q "$(echo "$place" | sed 's/ /[[:space:]]*/g')" ../shown ||
		fail "it does not show $place: $(cat ../shown)"
done
find right
[ ! -s ../out ] || fail "told although nothing is wrong: $(cat ../out)"
