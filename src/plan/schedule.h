/* From units to an order of steps. Private to src/plan. */
#pragma once

#include "plan/fate.h"

/* What units of one step have in common; steps of a lower rank come first where they can. */
typedef enum slot_rank {
	RANK_EQUAL,	/* the same in several series */
	RANK_TAKE,	/* free */
	RANK_INTERFACE, /* contested points of a group */
	RANK_DECIDED,	/* a ruling */
} slot_rank;

typedef struct slot {
	slot_rank rank;
	unsigned series; /* TAKE */
	unsigned patch;	 /* TAKE: series_commit.n of a whole patch, in a batch of its own; else 0 */
	char *area;	 /* TAKE without patch: "arch/i386", "drivers/net" */
	unsigned group;	 /* INTERFACE: index into catalogue groups */
	unsigned ruling; /* DECIDED: index of the finding */
} slot;

/* One step to be. */
typedef struct batch {
	const slot *slot;
	GArray *units; /* unsigned, ascending */
	unsigned part; /* 1, 2, ...: how often the slot came before, plus one */
	bool last;     /* nothing of the slot comes later */
} batch;

typedef struct schedule {
	GPtrArray *slots;   /* slot * */
	GPtrArray *batches; /* batch *, in order */
} schedule;

/* Units that wait or fall are in no batch. */
schedule *schedule_new(const atom_list *l, const unit_list *u, const fates *f);
void schedule_free(schedule *s);
/* The groups of points, in the catalogue's order; index as in slot.group. The caller's. */
GPtrArray *interface_groups(const mediation *m);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(schedule, schedule_free)
