#include "base/sort.h"

#include <string.h>

gint sort_by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}
