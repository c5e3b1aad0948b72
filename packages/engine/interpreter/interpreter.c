/*
 * The host's side of the interpreter: all that a contract's host can ask of QuickJS, and nothing else.
 *
 * State is memory alone: after any call the linear memory is the whole interpreter, so a copy of it is an exact image.
 * Nothing of the machine comes in: no clock, no environment, no randomness. The one import ends the run; it never
 * returns. See docs/protocol/contract-bundle.md.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include "quickjs.h"
#include "limits-hook.h"

#define EXPORT(name) __attribute__((export_name(name)))
#define PAGE 65536u

/* What an answer is. */
enum { ANSWER_BYTES = 0, ANSWER_TEXT = 1, ANSWER_NONE = 2 };

static JSContext *context;
static JSValue door;
static JSValue refuse_name;
static const uint8_t *result;
static size_t result_length;
static uint32_t pages_max;

/* --- memory ------------------------------------------------------------------------------------------------------ */

/* Replaces the C library's: growth ends at a number of pages that is the contract's limit and not the machine's. */
void *sbrk(intptr_t increment)
{
    uint32_t pages = __builtin_wasm_memory_size(0);
    uint32_t more = (uint32_t)increment / PAGE;
    if (increment == 0)
        return (void *)(pages * PAGE);
    if (increment < 0 || (uint32_t)increment % PAGE != 0 || more > pages_max - pages)
        return (void *)-1;
    if (__builtin_wasm_memory_grow(0, more) == (size_t)-1)
        p8e_end(P8E_END_MACHINE);
    return (void *)(pages * PAGE);
}

static void *from_allocator(void *pointer)
{
    if (pointer == NULL)
        p8e_end(P8E_END_MEMORY);
    return pointer;
}

static void *allocate_zeroed(void *opaque, size_t count, size_t size)
{
    return from_allocator(calloc(count, size));
}

static void *allocate(void *opaque, size_t size)
{
    return from_allocator(malloc(size));
}

static void release(void *opaque, void *pointer)
{
    free(pointer);
}

static void *reallocate(void *opaque, void *pointer, size_t size)
{
    return from_allocator(realloc(pointer, size));
}

size_t malloc_usable_size(void *);

static size_t usable_size(const void *pointer)
{
    return malloc_usable_size((void *)pointer);
}

static const JSMallocFunctions allocator = { allocate_zeroed, allocate, release, reallocate, usable_size };

/* --- what the C library would ask the machine -------------------------------------------------------------------- */

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    time->tv_sec = 0;
    time->tv_usec = 0;
    return 0;
}

_Noreturn void abort(void)
{
    __builtin_trap();
}

#define ABSENT(name, ...) \
    int32_t name(__VA_ARGS__) { __builtin_trap(); }
ABSENT(__imported_wasi_snapshot_preview1_clock_time_get, int32_t a, int64_t b, int32_t c)
ABSENT(__imported_wasi_snapshot_preview1_fd_close, int32_t a)
ABSENT(__imported_wasi_snapshot_preview1_fd_fdstat_get, int32_t a, int32_t b)
ABSENT(__imported_wasi_snapshot_preview1_fd_seek, int32_t a, int64_t b, int32_t c, int32_t d)
ABSENT(__imported_wasi_snapshot_preview1_fd_write, int32_t a, int32_t b, int32_t c, int32_t d)

/* --- the host's calls -------------------------------------------------------------------------------------------- */

/* A name that nothing declares: the prelude knows which of them a contract is meant not to have. Throws, or not. */
int p8e_refuse_name(JSContext *from, JSAtom name)
{
    if (context == NULL || !JS_IsFunction(context, refuse_name))
        return 0;
    JSValue text = JS_AtomToString(from, name);
    JSValue given = JS_Call(from, refuse_name, JS_UNDEFINED, 1, (JSValueConst *)&text);
    JS_FreeValue(from, text);
    return JS_IsException(given);
}

/* For the prelude: from then on names are refused by this function of its. */
static JSValue refuse_names_by(JSContext *from, JSValueConst self, int count, JSValueConst *values)
{
    refuse_name = JS_DupValue(from, values[0]);
    return JS_UNDEFINED;
}

/* For the prelude: the UTF-8 form of a text that is well formed. */
static JSValue utf8_of_text(JSContext *from, JSValueConst self, int count, JSValueConst *values)
{
    size_t length;
    const char *bytes = JS_ToCStringLen(from, &length, values[0]);
    if (bytes == NULL)
        return JS_EXCEPTION;
    JSValue array = JS_NewUint8ArrayCopy(from, (const uint8_t *)bytes, length);
    JS_FreeCString(from, bytes);
    return array;
}

/* How many bytes the character at the beginning has; 0 for what is no UTF-8 (Unicode 16, table 3-7). */
static size_t utf8_character(const uint8_t *at, size_t left)
{
    uint8_t first = at[0], low = 0x80, high = 0xbf;
    size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length > left)
        return 0;
    switch (first) {
    case 0xe0: low = 0xa0; break;
    case 0xed: high = 0x9f; break;
    case 0xf0: low = 0x90; break;
    case 0xf4: high = 0x8f; break;
    }
    for (size_t index = 1; index < length; index++) {
        if (at[index] < low || at[index] > high)
            return 0;
        low = 0x80;
        high = 0xbf;
    }
    return length;
}

/* For the prelude: the text in a Uint8Array, or undefined if that is not UTF-8. */
static JSValue text_of_utf8(JSContext *from, JSValueConst self, int count, JSValueConst *values)
{
    size_t length;
    const uint8_t *bytes = JS_GetUint8Array(from, &length, values[0]);
    if (bytes == NULL && JS_HasException(from))
        return JS_EXCEPTION;
    for (size_t at = 0, step; at < length; at += step) {
        step = utf8_character(bytes + at, length - at);
        if (step == 0)
            return JS_UNDEFINED;
    }
    return JS_NewStringLen(from, (const char *)bytes, length);
}

static int answered(JSValue value)
{
    if (JS_IsException(value)) {
        JSValue values[2] = { JS_NewString(context, "explain"), JS_GetException(context) };
        value = JS_Call(context, door, JS_UNDEFINED, 2, (JSValueConst *)values);
    }
    if (JS_IsString(value)) {
        result = (const uint8_t *)JS_ToCStringLen(context, &result_length, value);
        return result == NULL ? ANSWER_NONE : ANSWER_TEXT;
    }
    if (!JS_IsArrayBuffer(value))
        return ANSWER_NONE;
    result = JS_GetArrayBuffer(context, &result_length, value);
    return ANSWER_BYTES;
}

/* Room for `size` bytes of the host's, and a zero behind them. It is not counted as the contract's. */
EXPORT("allocate")
uint8_t *host_allocate(size_t size)
{
    uint8_t *pointer = size == SIZE_MAX ? NULL : malloc(size + 1);
    if (pointer == NULL)
        p8e_end(P8E_END_MEMORY);
    pointer[size] = 0;
    return pointer;
}

/* An interpreter, with what a contract may have in it, and the prelude run. */
EXPORT("open")
int host_open(const uint8_t *prelude, size_t prelude_length, size_t memory_bytes, size_t stack_bytes, uint32_t pages)
{
    pages_max = pages;
    JSRuntime *runtime = JS_NewRuntime2(&allocator, NULL);
    JS_SetMemoryLimit(runtime, memory_bytes);
    JS_SetMaxStackSize(runtime, stack_bytes);
    context = JS_NewContextRaw(runtime);
    if (JS_AddIntrinsicBaseObjects(context) || JS_AddIntrinsicEval(context) || JS_AddIntrinsicRegExp(context) ||
        JS_AddIntrinsicJSON(context) || JS_AddIntrinsicProxy(context) || JS_AddIntrinsicMapSet(context) ||
        JS_AddIntrinsicTypedArrays(context) || JS_AddIntrinsicPromise(context))
        return ANSWER_NONE;
    refuse_name = JS_UNDEFINED;
    JSValue make = JS_Eval(context, (const char *)prelude, prelude_length, "prelude.js",
                           JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_STRICT);
    if (JS_IsException(make))
        return ANSWER_NONE;
    JSValue helpers[3] = {
        JS_NewCFunction(context, refuse_names_by, "refuseNamesBy", 1),
        JS_NewCFunction(context, utf8_of_text, "utf8OfText", 1),
        JS_NewCFunction(context, text_of_utf8, "textOfUtf8", 1),
    };
    door = JS_Call(context, make, JS_UNDEFINED, 3, (JSValueConst *)helpers);
    return JS_IsFunction(context, door) ? ANSWER_TEXT : ANSWER_NONE;
}

/* Loads the bundle's module and hands what it exports to the prelude. */
EXPORT("load")
int host_load(const uint8_t *code, size_t length)
{
    JSValue module = JS_Eval(context, (const char *)code, length, "bundle.js",
                             JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(module) || JS_ResolveModule(context, module) < 0)
        return answered(JS_EXCEPTION);
    JSModuleDef *definition = JS_VALUE_GET_PTR(module);
    JSValue done = JS_EvalFunction(context, module);
    if (JS_IsException(done))
        return answered(done);
    JSValue exported = done;
    switch (JS_PromiseState(context, done)) {
    case JS_PROMISE_REJECTED:
        JS_Throw(context, JS_PromiseResult(context, done));
        return answered(JS_EXCEPTION);
    case JS_PROMISE_FULFILLED:
        exported = JS_GetModuleNamespace(context, definition);
        break;
    default: /* a module that waits exports nothing */
        break;
    }
    JSValue values[2] = { JS_NewString(context, "open"), exported };
    return answered(JS_Call(context, door, JS_UNDEFINED, 2, (JSValueConst *)values));
}

/* Asks the prelude; the payload becomes the contract's where it lies. */
EXPORT("ask")
int host_ask(const char *operation, size_t operation_length, const char *argument, size_t argument_length,
             uint8_t *payload, size_t payload_length)
{
    JSValue values[3] = {
        JS_NewStringLen(context, operation, operation_length),
        JS_NewStringLen(context, argument, argument_length),
        JS_NewArrayBuffer(context, payload, payload_length, 0, NULL, NULL, false),
    };
    return answered(JS_Call(context, door, JS_UNDEFINED, 3, (JSValueConst *)values));
}

/* Where the last answer lies. */
EXPORT("result")
const uint8_t *host_result(void)
{
    return result;
}

EXPORT("resultLength")
size_t host_result_length(void)
{
    return result_length;
}
