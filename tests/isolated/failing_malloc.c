// Preloaded by tests/codec/test_memory.py: malloc, calloc and realloc of which one call fails, whoever makes it.

#include <stddef.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);

static long left;  // calls up to the one that fails; 0: none does

static int fails(void) { return left > 0 && --left == 0; }

void fail_at(long call) { left = call; }
long calls_left(void) { return left; }

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return fails() ? NULL : __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { return fails() ? NULL : __libc_realloc(old, size); }
