/* Locks: 32 bits, tickets. The low half is the ticket being served, the high half the next one to
 * hand out; equal halves mean free. A lock is fair: who came first is served first. */

/* Takes the lock, in the order of coming. Does not touch the interrupt flag. */
PV_OP(lock, spin_lock, C_VOID, void, (uint32_t *lock), (lock), "lock.spin_lock", "lock xadd", "SDM 2B XADD")

/* returns: true and takes the lock, if it was free; else false and changes nothing. */
PV_OP(lock, spin_trylock, C, bool, (uint32_t *lock), (lock), "lock.spin_trylock", "lock cmpxchg",
	"SDM 2A CMPXCHG")

/* Gives the lock to the next ticket. Only its holder calls it. The next half is left alone, even
 * when the served half wraps. */
PV_OP(lock, spin_unlock, KEEP_VOID, void, (uint32_t *lock), (lock), "lock.spin_unlock", "incw (%rdi)",
	"SDM 3A 8.2.2")

/* returns: held by anyone. Changes nothing. */
PV_OP(lock, spin_is_locked, C, bool, (const uint32_t *lock), (lock), "lock.spin_is_locked", "", "")

/* returns: held, and at least one more waits. Changes nothing. */
PV_OP(lock, spin_is_contended, C, bool, (const uint32_t *lock), (lock), "lock.spin_is_contended", "",
	"")

/* Gives the CPU away while *byte == value, until kicked; returns at once if they differ, or if a
 * kick came before. May return without a reason: callers look again. Leaves the flag as it is. */
PV_OP(lock, wait, C_VOID, void, (const uint8_t *byte, uint8_t value), (byte, value), "lock.wait", "pause",
	"SDM 2B PAUSE")

/* Ends `cpu`'s wait, or its next one if it waits not yet. */
PV_OP(lock, kick, C_VOID, void, (unsigned cpu), (cpu), "lock.kick", "", "")
