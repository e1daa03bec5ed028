/* Operations of boot. For the columns see pv/ops.h. */

/* Writes the best code for a call of `op` into `site`, which has `room` bytes.
 * returns: bytes written; 0: none is better than a call, or it does not fit.
 * context: boot, interrupts off. Writes nothing past `room`; the rest of the site is the caller's. */
PV_OP(init, patch, C, unsigned, (unsigned op, void *site, unsigned room), (op, site, room),
	"init.patch", "", "")

/* returns: the backend's name for people: 1 to 40 printable characters, always the same. */
PV_OP(init, banner, C, const char *, (void), (), "init.banner", "", "")

/* Makes the backend ready: pages shared with a hypervisor, callbacks, hypercalls. Comes first.
 * returns: false where the platform refuses; a second call does nothing and returns true.
 * context: boot. Leaves interrupts off. */
PV_OP(init, arch_setup, C, bool, (const struct pv_boot *boot), (boot), "init.arch_setup", "", "")

/* Lists usable memory into `out`, at most `room` ranges: page aligned, not empty, ascending, apart.
 * returns: how many were written. Nothing is written past `room`. */
PV_OP(init, memory_setup, C, unsigned, (struct pv_range *out, unsigned room), (out, room),
	"init.memory_setup", "", "")
