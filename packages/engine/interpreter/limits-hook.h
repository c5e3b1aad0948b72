/* What the patched interpreter calls when a contract reaches a limit. */
#ifndef P8E_LIMITS_HOOK_H
#define P8E_LIMITS_HOOK_H

/* Why a run ended. `P8E_END_FUEL` stands in the metering pass. */
enum { P8E_END_FUEL = 0, P8E_END_MEMORY = 1, P8E_END_STACK = 2, P8E_END_MACHINE = 3 };

/* Ends the run: the host throws through the interpreter, which is then dropped. No contract can catch it. */
__attribute__((import_module("p8e"), import_name("end"))) _Noreturn void p8e_end(int reason);

#endif
