#ifndef _I386_UNISTD_H
#define _I386_UNISTD_H

#define __NR_exit	1
#define __NR_fork	2
#define __NR_read	3
#define __NR_write	4
#define NR_syscalls	5

#endif
