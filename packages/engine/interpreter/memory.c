/*
 * memcpy, memmove and memset: long ones are single instructions, which are fast and are metered by their length;
 * for short ones a loop is cheaper.
 */
#include <stddef.h>
#include <stdint.h>

#define SHORT 32

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    uint8_t *target = to;
    const uint8_t *source = from;
    if (size > SHORT)
        return __builtin_memcpy(to, from, size);
#pragma clang loop unroll(disable) vectorize(disable)
    for (size_t at = 0; at < size; at++)
        target[at] = source[at];
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    return __builtin_memmove(to, from, size);
}

void *memset(void *to, int value, size_t size)
{
    return __builtin_memset(to, value, size);
}
