#ifndef _LINUX_KERNEL_H
#define _LINUX_KERNEL_H

#include <linux/types.h>

#define KERN_INFO "<6>"
#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))

int printk(const char *fmt, ...);
void panic(const char *fmt, ...);

#endif
