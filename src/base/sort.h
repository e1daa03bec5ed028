/* Comparisons for sorting arrays. */
#pragma once

#include <glib.h>

/* Orders pointers to strings (the elements of a GPtrArray of char *) by their bytes, whatever the
 * locale. For g_ptr_array_sort and qsort; no element is NULL. */
gint sort_by_text(gconstpointer a, gconstpointer b);

/* Orders numbers (the elements of a GArray of unsigned). For g_array_sort and qsort. */
gint sort_by_unsigned(gconstpointer a, gconstpointer b);
