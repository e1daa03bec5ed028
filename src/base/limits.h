/* Every number that limits what truce accepts, with the reason for it. */
#pragma once

#include <stddef.h>

/* One mail, patch or diff. The whole 2.6.0..2.6.1 diff is 11 MB, a tree-wide rename 100 MB. */
#define LIMIT_PATCH_BYTES ((size_t)512 << 20)
/* One mailbox or decompressed stream: a year of the kernel list. Bounds a compression bomb. */
#define LIMIT_MAILBOX_BYTES ((size_t)4 << 30)
/* One file that a patch or overlay makes. The largest file of Linux is under 25 MB. */
#define LIMIT_FILE_BYTES ((size_t)256 << 20)
/* What the parsed patches of one source may take in memory besides their text. The mailbox of a
 * thousand mainline patches takes 30 MB; two-byte lines, empty files and packed zeros could take a
 * thousand times their size. */
#define LIMIT_PARSED_BYTES ((size_t)2 << 30)
/* Patches of one series: mainline takes about 15,000 a release. */
#define LIMIT_SERIES_PATCHES 100000u
/* Files of one overlay directory: twice a whole kernel tree. */
#define LIMIT_OVERLAY_FILES 200000u
/* Path inside a tree: git's and Linux' PATH_MAX. */
#define LIMIT_PATH_BYTES 4096u
/* A rule pack or other YAML file: the largest catalogue known is under 1 MB. */
#define LIMIT_YAML_BYTES ((size_t)16 << 20)
/* One source file handed to an analyzer; generated register headers of amdgpu reach 15 MB. */
#define LIMIT_SOURCE_BYTES ((size_t)64 << 20)
/* A .config: an allyesconfig of 6.1 has 0.4 MB. */
#define LIMIT_CONFIG_BYTES ((size_t)8 << 20)
/* A compile_commands.json: an allmodconfig of 6.1 comes to 120 MB. */
#define LIMIT_COMMANDS_BYTES ((size_t)512 << 20)
/* Seconds of processor time that one parse may take unless truce.parseSeconds says otherwise: the
 * slowest file of 6.1 takes 3 s. */
#define LIMIT_PARSE_SECONDS 60u
/* How many times as long it may take by the clock, on a machine that is busy with other work. */
#define LIMIT_PARSE_PATIENCE 20u
/* Memory that one parsing process may ask for. libclang needs 0.4 GB for the largest file of 6.1. */
#define LIMIT_PARSE_BYTES ((size_t)1 << 30)
/* Answers kept for one way of compiling one file: a plan's steps rarely show it in more states, and
 * each is looked through for every parse that it may save. The oldest go. */
#define LIMIT_REUSE_OCCASIONS 24u
/* The same of what was chosen for one question: what differs there is what other files include. */
#define LIMIT_CHOICE_OCCASIONS 8u
/* Seconds of processor time for a backend object on the simulated machine, which counts instructions
 * besides: the most that it lets run take a few seconds. And by the clock, on a machine that is busy. */
#define LIMIT_CONFORM_SECONDS 60u
#define LIMIT_CONFORM_PATIENCE 600u
/* The conformance suite's report: it has 50 KB. */
#define LIMIT_CONFORM_BYTES ((size_t)4 << 20)
/* Files of an overlay that a plan takes in one step, as it takes any other patch that nothing stands
 * against: about what a person reads in one sitting. Larger ones are cut by folder. */
#define LIMIT_WHOLE_OVERLAY 40u
/* What the headers of all bases may take on disk, laid out for the compiler: those of a whole 2.6.36
 * are 13,000 files and take 109 MB, most bases need a part. The least recently used go. */
#define LIMIT_LAYOUT_BYTES ((size_t)2 << 30)
/* What the files of other trees, and the maps that lead to them, may take besides: the plan of 2006
 * leaves 3 MB. */
#define LIMIT_OVERLAY_BYTES ((size_t)512 << 20)
