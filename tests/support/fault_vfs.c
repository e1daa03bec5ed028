/* A file system for SQLite that goes wrong at the n-th change of a file. */
#include "support/fault_vfs.h"

#include <glib.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

/* Test support may have globals: SQLite's list of file systems is one itself. */
static struct {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	sqlite3_io_methods methods;
	fault_kind kind;
	unsigned at, count;
} shim;

typedef struct fault_file {
	sqlite3_file base;
	sqlite3_file *real;
} fault_file;

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((fault_file *)file)->real;
}

/* The code to fail with, SQLITE_OK to go on. FAULT_KILL comes back as -1. */
static int change(void)
{
	shim.count++;
	if (shim.kind == FAULT_FULL && shim.count >= shim.at)
		return SQLITE_FULL;
	if (shim.count != shim.at)
		return SQLITE_OK;
	if (shim.kind == FAULT_ERROR)
		return SQLITE_IOERR;
	return shim.kind == FAULT_KILL ? -1 : SQLITE_OK;
}

static int change_or_die(void)
{
	int code = change();
	if (code == -1)
		raise(SIGKILL);
	return code;
}

static int close_file(sqlite3_file *file)
{
	int code = real_of(file)->pMethods->xClose(real_of(file));
	sqlite3_free(real_of(file));
	return code;
}

static int read_file(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
	return real_of(file)->pMethods->xRead(real_of(file), to, n, at);
}

static int write_file(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
	int code = change();
	if (code == -1) {
		real_of(file)->pMethods->xWrite(real_of(file), from, n / 2, at);
		raise(SIGKILL);
	}
	return code ? code : real_of(file)->pMethods->xWrite(real_of(file), from, n, at);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
	int code = change_or_die();
	return code == SQLITE_IOERR ? code
				    : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int sync_file(sqlite3_file *file, int flags)
{
	int code = change_or_die();
	return code == SQLITE_IOERR ? code : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int lock_file(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int unlock_file(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int check_lock(sqlite3_file *file, int *out)
{
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int control(sqlite3_file *file, int op, void *arg)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int sector_size(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int characteristics(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
	int code = extend ? change_or_die() : SQLITE_OK;
	return code ? code
		    : real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}

static void shm_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int shm_unmap(sqlite3_file *file, int delete_it)
{
	return real_of(file)->pMethods->xShmUnmap(real_of(file), delete_it);
}

static int open_file(
	sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out)
{
	(void)vfs;
	fault_file *f = (fault_file *)file;
	f->base.pMethods = NULL;
	f->real = sqlite3_malloc(shim.real->szOsFile);
	if (!f->real)
		return SQLITE_NOMEM;
	memset(f->real, 0, (size_t)shim.real->szOsFile);
	int code = shim.real->xOpen(shim.real, name, f->real, flags, out);
	if (code != SQLITE_OK) {
		sqlite3_free(f->real);
		return code;
	}
	f->base.pMethods = &shim.methods;
	return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
	(void)vfs;
	int code = change_or_die();
	return code == SQLITE_IOERR ? code : shim.real->xDelete(shim.real, name, sync_directory);
}

void fault_vfs_install(bool shared_memory)
{
	shim.real = sqlite3_vfs_find(NULL);
	shim.vfs = *shim.real;
	shim.vfs.zName = "fault";
	shim.vfs.szOsFile = sizeof(fault_file);
	shim.vfs.xOpen = open_file;
	shim.vfs.xDelete = delete_file;
	shim.methods = (sqlite3_io_methods){.iVersion = shared_memory ? 2 : 1,
		.xClose = close_file,
		.xRead = read_file,
		.xWrite = write_file,
		.xTruncate = truncate_file,
		.xSync = sync_file,
		.xFileSize = file_size,
		.xLock = lock_file,
		.xUnlock = unlock_file,
		.xCheckReservedLock = check_lock,
		.xFileControl = control,
		.xSectorSize = sector_size,
		.xDeviceCharacteristics = characteristics,
		.xShmMap = shm_map,
		.xShmLock = shm_lock,
		.xShmBarrier = shm_barrier,
		.xShmUnmap = shm_unmap};
	fault_vfs_arm(FAULT_NONE, 0);
	g_assert(sqlite3_vfs_register(&shim.vfs, 1) == SQLITE_OK);
}

void fault_vfs_remove(void)
{
	sqlite3_vfs_unregister(&shim.vfs);
	sqlite3_vfs_register(shim.real, 1);
}

void fault_vfs_arm(fault_kind kind, unsigned at)
{
	shim.kind = kind;
	shim.at = at;
	shim.count = 0;
}

unsigned fault_vfs_count(void)
{
	return shim.count;
}
