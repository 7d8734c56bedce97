@file:OptIn(kotlin.wasm.ExperimentalWasmInterop::class)

import kotlin.wasm.WasmExport
import kotlin.wasm.WasmImport

@WasmImport("env", "main.incrementCount")
private external fun incrementCount()

@WasmImport("env", "main.getCount")
private external fun getCount(): Int

@WasmExport
fun run(): Int {
    repeat(10) { incrementCount() }
    return getCount()
}
