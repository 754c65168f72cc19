/* Includes the engine as wasm2c writes it, and the runtime of wasm2c, in one file of the library.
 *
 * 1. Bounds are checked explicitly: no signal handler is installed and no address space is reserved.
 * 2. Calls are not counted: the engine does not recurse, and a counter would be shared by all threads.
 * 3. A trap ends the process: it would be a mistake in the engine, and nothing can be decided after it.
 * 4. The names of the runtime get a prefix, so that a program may hold another module of wasm2c.
 */
#ifndef FINRST_MODULE_H
#define FINRST_MODULE_H
#pragma GCC system_header

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define WABT_BIG_ENDIAN 1
#else
#define WABT_BIG_ENDIAN 0
#endif
#define WASM_RT_MEMCHECK_SIGNAL_HANDLER 0
#define WASM_RT_USE_STACK_DEPTH_COUNT 0
#define WASM_RT_TRAP_HANDLER(code) finrst_engine_trapped(wasm_rt_strerror(code))

#define wasm_rt_allocate_externref_table finrst_rt_allocate_externref_table
#define wasm_rt_allocate_funcref_table finrst_rt_allocate_funcref_table
#define wasm_rt_allocate_memory finrst_rt_allocate_memory
#define wasm_rt_exception finrst_rt_exception
#define wasm_rt_exception_size finrst_rt_exception_size
#define wasm_rt_exception_tag finrst_rt_exception_tag
#define wasm_rt_free finrst_rt_free
#define wasm_rt_free_externref_table finrst_rt_free_externref_table
#define wasm_rt_free_funcref_table finrst_rt_free_funcref_table
#define wasm_rt_free_memory finrst_rt_free_memory
#define wasm_rt_get_unwind_target finrst_rt_get_unwind_target
#define wasm_rt_grow_externref_table finrst_rt_grow_externref_table
#define wasm_rt_grow_funcref_table finrst_rt_grow_funcref_table
#define wasm_rt_grow_memory finrst_rt_grow_memory
#define wasm_rt_init finrst_rt_init
#define wasm_rt_is_initialized finrst_rt_is_initialized
#define wasm_rt_jmp_buf finrst_rt_jmp_buf
#define wasm_rt_load_exception finrst_rt_load_exception
#define wasm_rt_register_func_type finrst_rt_register_func_type
#define wasm_rt_register_tag finrst_rt_register_tag
#define wasm_rt_set_unwind_target finrst_rt_set_unwind_target
#define wasm_rt_strerror finrst_rt_strerror
#define wasm_rt_throw finrst_rt_throw
#define wasm_rt_trap finrst_rt_trap

_Noreturn static void finrst_engine_trapped(const char *why);

#include "finrst-pure.c"
#include "wasm-rt-impl.c"

#endif
