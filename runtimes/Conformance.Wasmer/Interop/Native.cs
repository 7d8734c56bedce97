using System.Runtime.InteropServices;

namespace Conformance.Wasmer.Interop;

/// <summary>
/// The parts of <c>wasm.h</c> and <c>wasmer.h</c> that are used here, by their C names. A parameter that is a handle class is lent; a raw
/// pointer says in <see cref="OwnedHandle"/>'s terms who owns it.
/// </summary>
/// <seealso href="https://github.com/WebAssembly/wasm-c-api/blob/main/include/wasm.h"/>
internal static unsafe partial class Native
{
    /// <summary>Resolved by <see cref="WasmerLibrary"/>.</summary>
    public const string Library = "wasmer";

    // --- engine, store -----------------------------------------------------------------------------------------------

    [LibraryImport(Library)]
    public static partial EngineHandle wasm_engine_new();

    [LibraryImport(Library)]
    public static partial void wasm_engine_delete(nint engine);

    [LibraryImport(Library)]
    public static partial StoreHandle wasm_store_new(EngineHandle engine);

    [LibraryImport(Library)]
    public static partial void wasm_store_delete(nint store);

    // --- types -------------------------------------------------------------------------------------------------------

    [LibraryImport(Library)]
    public static partial nint wasm_valtype_new(byte kind);

    [LibraryImport(Library)]
    public static partial byte wasm_valtype_kind(nint type);

    [LibraryImport(Library)]
    public static partial void wasm_valtype_vec_new(out WasmVector vector, nuint size, nint* elements);

    /// <summary>Takes both vectors.</summary>
    [LibraryImport(Library)]
    public static partial FunctionTypeHandle wasm_functype_new(ref WasmVector parameters, ref WasmVector results);

    [LibraryImport(Library)]
    public static partial void wasm_functype_delete(nint type);

    [LibraryImport(Library)]
    public static partial WasmVector* wasm_functype_params(nint type);

    [LibraryImport(Library)]
    public static partial WasmVector* wasm_functype_results(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_globaltype_content(nint type);

    [LibraryImport(Library)]
    public static partial byte wasm_globaltype_mutability(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_tabletype_element(nint type);

    [LibraryImport(Library)]
    public static partial WasmLimits* wasm_tabletype_limits(nint type);

    [LibraryImport(Library)]
    public static partial WasmLimits* wasm_memorytype_limits(nint type);

    [LibraryImport(Library)]
    public static partial byte wasm_externtype_kind(nint type);

    [LibraryImport(Library)]
    public static partial void wasm_externtype_delete(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_externtype_as_functype_const(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_externtype_as_globaltype_const(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_externtype_as_tabletype_const(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_externtype_as_memorytype_const(nint type);

    [LibraryImport(Library)]
    public static partial WasmVector* wasm_importtype_module(nint type);

    [LibraryImport(Library)]
    public static partial WasmVector* wasm_importtype_name(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_importtype_type(nint type);

    [LibraryImport(Library)]
    public static partial void wasm_importtype_vec_delete(ref WasmVector vector);

    [LibraryImport(Library)]
    public static partial WasmVector* wasm_exporttype_name(nint type);

    [LibraryImport(Library)]
    public static partial nint wasm_exporttype_type(nint type);

    [LibraryImport(Library)]
    public static partial void wasm_exporttype_vec_delete(ref WasmVector vector);

    // --- modules -----------------------------------------------------------------------------------------------------

    [LibraryImport(Library)]
    public static partial void wasm_byte_vec_delete(ref WasmVector vector);

    [LibraryImport(Library)]
    public static partial void wat2wasm(in WasmVector text, out WasmVector bytes);

    [LibraryImport(Library)]
    public static partial WasmModuleHandle wasm_module_new(StoreHandle store, in WasmVector bytes);

    [LibraryImport(Library)]
    public static partial void wasm_module_delete(nint module);

    [LibraryImport(Library)]
    public static partial void wasm_module_imports(WasmModuleHandle module, out WasmVector imports);

    [LibraryImport(Library)]
    public static partial void wasm_module_exports(WasmModuleHandle module, out WasmVector exports);

    [LibraryImport(Library)]
    public static partial void wasm_module_serialize(WasmModuleHandle module, out WasmVector bytes);

    [LibraryImport(Library)]
    public static partial WasmModuleHandle wasm_module_deserialize(StoreHandle store, in WasmVector bytes);

    // --- functions, memories, externs --------------------------------------------------------------------------------

    [LibraryImport(Library)]
    public static partial FunctionHandle wasm_func_new_with_env(
        StoreHandle store,
        FunctionTypeHandle type,
        delegate* unmanaged[Cdecl]<nint, WasmVector*, WasmVector*, nint> callback,
        nint environment,
        delegate* unmanaged[Cdecl]<nint, void> finalizer);

    [LibraryImport(Library)]
    public static partial void wasm_func_delete(nint function);

    [LibraryImport(Library)]
    public static partial FunctionTypeHandle wasm_func_type(nint function);

    [LibraryImport(Library)]
    public static partial TrapHandle wasm_func_call(nint function, in WasmVector arguments, ref WasmVector results);

    [LibraryImport(Library)]
    public static partial nint wasm_func_as_extern(FunctionHandle function);

    [LibraryImport(Library)]
    public static partial byte* wasm_memory_data(nint memory);

    [LibraryImport(Library)]
    public static partial nuint wasm_memory_data_size(nint memory);

    [LibraryImport(Library)]
    public static partial byte wasm_extern_kind(nint external);

    [LibraryImport(Library)]
    public static partial ExternTypeHandle wasm_extern_type(nint external);

    [LibraryImport(Library)]
    public static partial nint wasm_extern_as_func(nint external);

    [LibraryImport(Library)]
    public static partial nint wasm_extern_as_memory(nint external);

    [LibraryImport(Library)]
    public static partial void wasm_extern_vec_delete(WasmVector* vector);

    // --- instances, traps --------------------------------------------------------------------------------------------

    [LibraryImport(Library)]
    public static partial InstanceHandle wasm_instance_new(StoreHandle store,
        WasmModuleHandle module, in WasmVector imports, out nint trap);

    [LibraryImport(Library)]
    public static partial void wasm_instance_delete(nint instance);

    [LibraryImport(Library)]
    public static partial void wasm_instance_exports(InstanceHandle instance, WasmVector* exports);

    [LibraryImport(Library)]
    public static partial nint wasm_trap_new(nint store, in WasmVector message);

    [LibraryImport(Library)]
    public static partial void wasm_trap_delete(nint trap);

    [LibraryImport(Library)]
    public static partial void wasm_trap_message(TrapHandle trap, out WasmVector message);

    [LibraryImport(Library)]
    public static partial void wasm_trap_trace(TrapHandle trap, out WasmVector frames);

    [LibraryImport(Library)]
    public static partial uint wasm_frame_func_index(nint frame);

    [LibraryImport(Library)]
    public static partial nuint wasm_frame_module_offset(nint frame);

    [LibraryImport(Library)]
    public static partial void wasm_frame_vec_delete(ref WasmVector frames);

    // --- wasmer.h ----------------------------------------------------------------------------------------------------

    [LibraryImport(Library)]
    public static partial byte* wasmer_version();

    [LibraryImport(Library)]
    public static partial int wasmer_last_error_length();

    [LibraryImport(Library)]
    public static partial int wasmer_last_error_message(byte* buffer, int length);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial WasiConfigHandle wasi_config_new(string programName);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void wasi_config_arg(WasiConfigHandle config, string argument);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void wasi_config_env(WasiConfigHandle config, string key, string value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool wasi_config_mapdir(WasiConfigHandle config, string alias, string folder);

    [LibraryImport(Library)]
    public static partial void wasi_config_capture_stdout(WasiConfigHandle config);

    [LibraryImport(Library)]
    public static partial void wasi_config_capture_stderr(WasiConfigHandle config);

    [LibraryImport(Library)]
    public static partial void wasi_config_inherit_stdin(WasiConfigHandle config);

    [LibraryImport(Library)]
    public static partial void wasi_config_inherit_stdout(WasiConfigHandle config);

    [LibraryImport(Library)]
    public static partial void wasi_config_inherit_stderr(WasiConfigHandle config);

    /// <summary>Takes the configuration, whether it succeeds or not.</summary>
    [LibraryImport(Library)]
    public static partial WasiEnvironmentHandle wasi_env_new(StoreHandle store, nint config);

    [LibraryImport(Library)]
    public static partial void wasi_env_delete(nint environment);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool wasi_env_initialize_instance(WasiEnvironmentHandle environment, StoreHandle store, InstanceHandle instance);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool wasi_get_unordered_imports(WasiEnvironmentHandle environment, WasmModuleHandle module, WasmVector* imports);

    [LibraryImport(Library)]
    public static partial WasmVector* wasmer_named_extern_module(nint named);

    [LibraryImport(Library)]
    public static partial WasmVector* wasmer_named_extern_name(nint named);

    [LibraryImport(Library)]
    public static partial nint wasmer_named_extern_unwrap(nint named);

    [LibraryImport(Library)]
    public static partial void wasmer_named_extern_vec_delete(WasmVector* vector);
}
