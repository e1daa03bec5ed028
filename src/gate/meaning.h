/* What one series means by an operation, read from what stands at its implementation: the slot as
 * it is called there, the function's name, declaration and body, one call deep; and the catalogue,
 * where the operation goes by the name that it describes. A meaning counts when names agree on it;
 * where they do not, nothing is claimed. Internal to src/gate. */
#pragma once

#include "gate/side.h"
#include "model/unit_names.h"
#include "model/function_type.h"

/* How an implementation is entered, as far as its code tells. */
typedef enum convention {
	CONVENTION_UNSAID,	/* as the compiler is told for all functions */
	CONVENTION_REGISTERS,	/* arguments in registers: fastcall, regparm(3) */
	CONVENTION_STACK,	/* arguments on the stack: asmlinkage, regparm(0) */
	CONVENTION_CALLEE_SAVE, /* a function that keeps all registers, by a thunk */
	CONVENTION_JUMP,	/* assembly that is jumped to and does not return */
	CONVENTIONS
} convention;

/* What the code demands of its callers. */
typedef enum demand {
	DEMAND_OFF,	   /* interrupts are off */
	DEMAND_ON,	   /* interrupts are on */
	DEMAND_NO_PREEMPT, /* it is not moved to another CPU */
	DEMAND_SLEEP,	   /* it may sleep */
	DEMAND_BOOT,	   /* its code is thrown away after boot */
	DEMANDS
} demand;

typedef struct meaning {
	const gate_side *side;
	const evidence *evidence;
	const entity *function; /* or a macro, or a label; NULL when the facts have none */
	const fact_set *in;
	char *member;	     /* the slot as it is called; NULL when none is filled */
	const char *filling; /* what is put into it; NULL when the facts do not say */
	unsigned worth[UNITS];
	GPtrArray *proofs[UNITS]; /* char * */
	unit unit;		  /* of what it gives; UNITS when nobody says */
	const use *batch;	  /* a call that queues the operation, or NULL */
	convention convention;
	char *convention_proof;	       /* "fastcall", "reads 4(%esp)" */
	unsigned demands;	       /* 1 << demand */
	unsigned demand_line[DEMANDS]; /* where */
	char *demand_proof[DEMANDS];
	function_type *declared; /* as it is written, with names; NULL when it is no function */
} meaning;

/* Reads what the side of a point means; false when it has no implementation that can be found.
 * meaning_clear either way. */
bool meaning_read(meaning *x, const gate_side *side, const point_result *r);
void meaning_clear(meaning *x);
/* The unit of parameter `i`, with the word that says so in *proof (the caller's); UNITS when nobody
 * says. */
unit meaning_parameter(const meaning *x, guint i, char **proof);

void convention_read(meaning *x);	   /* convention.c */
const char *convention_name(convention c); /* as catalogues write it; "" for UNSAID */
void demands_read(meaning *x);		   /* context.c */
const char *demand_name(demand d);	   /* as catalogues write it: "interrupts-off" */
