// The bare C API, for comparison: a guest that calls a host function n times, by wasm.h alone. The library is loaded already; its functions are found by name.
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include "wasm.h"

#define FIND(name) __typeof__(&name) p_##name = (__typeof__(&name))dlsym(library, #name)

static int64_t counted;

static wasm_trap_t* increment(const wasm_val_vec_t* arguments, wasm_val_vec_t* results) {
  counted += arguments->data[0].of.i32;
  results->data[0].kind = WASM_I32;
  results->data[0].of.i32 = (int32_t)counted;
  return NULL;
}

// Calls the host function n times; gives how often it was called, or -1.
int64_t bare_host_calls(const char* path, const char* bytes, size_t size, int32_t n) {
  void* library = dlopen(path, RTLD_NOW);
  if (!library) return -1;
  FIND(wasm_engine_new); FIND(wasm_store_new); FIND(wasm_module_new); FIND(wasm_functype_new); FIND(wasm_valtype_new); FIND(wasm_valtype_vec_new);
  FIND(wasm_func_new); FIND(wasm_func_as_extern); FIND(wasm_instance_new); FIND(wasm_instance_exports); FIND(wasm_extern_as_func); FIND(wasm_func_call);
  FIND(wasm_extern_vec_delete); FIND(wasm_instance_delete); FIND(wasm_func_delete); FIND(wasm_functype_delete); FIND(wasm_module_delete); FIND(wasm_store_delete); FIND(wasm_engine_delete);

  wasm_engine_t* engine = p_wasm_engine_new();
  wasm_store_t* store = p_wasm_store_new(engine);
  wasm_byte_vec_t binary = {size, (char*)bytes};
  wasm_module_t* module = p_wasm_module_new(store, &binary);
  if (!module) return -1;
  wasm_valtype_t* i32[1] = {p_wasm_valtype_new(WASM_I32)};
  wasm_valtype_t* i32_too[1] = {p_wasm_valtype_new(WASM_I32)};
  wasm_valtype_vec_t parameters, results;
  p_wasm_valtype_vec_new(&parameters, 1, i32);
  p_wasm_valtype_vec_new(&results, 1, i32_too);
  wasm_functype_t* type = p_wasm_functype_new(&parameters, &results);
  wasm_func_t* host = p_wasm_func_new(store, type, increment);
  wasm_extern_t* externs[1] = {p_wasm_func_as_extern(host)};
  wasm_extern_vec_t imports = {1, externs};
  wasm_trap_t* trap = NULL;
  wasm_instance_t* instance = p_wasm_instance_new(store, module, &imports, &trap);
  if (!instance) return -1;
  wasm_extern_vec_t exports;
  p_wasm_instance_exports(instance, &exports);

  counted = 0;
  wasm_val_t argument[1] = {{.kind = WASM_I32, .of = {.i32 = n}}};
  wasm_val_t result[1];
  wasm_val_vec_t arguments = {1, argument}, values = {1, result};
  trap = p_wasm_func_call(p_wasm_extern_as_func(exports.data[0]), &arguments, &values);
  int64_t calls = trap ? -1 : counted;

  p_wasm_extern_vec_delete(&exports);
  p_wasm_instance_delete(instance);
  p_wasm_func_delete(host);
  p_wasm_functype_delete(type);
  p_wasm_module_delete(module);
  p_wasm_store_delete(store);
  p_wasm_engine_delete(engine);
  return calls;
}
