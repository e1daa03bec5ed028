/* Ctrl-C: a flag that long loops ask for. */
#include "base/cancel.h"
#include "base/error.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The one mutable global that a signal handler cannot do without. */
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	if (interrupted && number == SIGINT)
		_exit(130);
	interrupted = 1;
}

void cancel_install(void)
{
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_handler = on_signal;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool cancelled(void)
{
	return interrupted != 0;
}

bool cancel_check(GError **err)
{
	if (!interrupted)
		return true;
	return error_set(err, TRUCE_ERROR_CANCELLED, NULL, "interrupted");
}
