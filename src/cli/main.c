/* truce: the command line. */
#include <stdio.h>

int main(void)
{
	puts("truce " TRUCE_VERSION);
	return 0;
}
