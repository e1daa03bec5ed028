/* One line a command; each is in its cmd_<name>.c. */
#pragma once

#include "cli/command.h"

extern const command cmd_mediate;
extern const command cmd_series;
extern const command cmd_analyze;
extern const command cmd_points;
extern const command cmd_findings;
extern const command cmd_show;
extern const command cmd_decide;
extern const command cmd_plan;
extern const command cmd_report;
extern const command cmd_gate;
extern const command cmd_interface;
extern const command cmd_conform; /* under interface */
extern const command cmd_sql;
extern const command cmd_help;
