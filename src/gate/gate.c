/* Runs the checks of the gate over every series. */
#include "gate/gate.h"

#include "gate/side.h"

static void clear_side(gpointer data)
{
	gate_side_clear(data);
}

void gate_find(mediation *m, GPtrArray *readings, const char *const *structs)
{
	g_autoptr(GArray) sides = g_array_new(FALSE, FALSE, sizeof(gate_side));
	g_array_set_clear_func(sides, clear_side);
	if (!m->points->len)
		return;
	for (guint i = 0; i < m->series->len; i++) {
		gate_side side;
		gate_side_init(&side, m, i, g_ptr_array_index(readings, i), structs);
		g_array_append_val(sides, side);
		gate_find_bypass(&side);
		gate_find_incomplete(&side);
		gate_find_types(&side);
		gate_find_drift(&side);
	}
	gate_find_clashes(m, sides);
}
