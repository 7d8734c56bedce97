#![no_std]

#[link(wasm_import_module = "env")]
extern "C" {
    #[link_name = "main.incrementCount"]
    fn increment_count();
    #[link_name = "main.getCount"]
    fn get_count() -> i32;
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

#[no_mangle]
pub extern "C" fn run() -> i32 {
    unsafe {
        for _ in 0..10 {
            increment_count();
        }
        get_count()
    }
}
