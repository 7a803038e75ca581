//! Reward rules without any dependency: the contract's functions by hand. They can be linked, not called.

#[unsafe(link_section = "component-type:guest")]
pub static WORLD: [u8; include_bytes!("world.bin").len()] = *include_bytes!("world.bin");

#[unsafe(export_name = "groundswell:plugin/rewards@VERSION#describe")]
extern "C" fn describe() -> *const u8 {
    panic!("describe")
}

#[unsafe(export_name = "groundswell:plugin/rewards@VERSION#[static]rules.open")]
extern "C" fn open(_: usize, _: usize, _: usize, _: usize) -> *const u8 {
    panic!("open")
}

#[rustfmt::skip]
#[unsafe(export_name = "groundswell:plugin/rewards@VERSION#[method]rules.decide")]
extern "C" fn decide(
    _: usize, _: u32, _: usize, _: usize, _: usize, _: usize, _: usize, _: usize,
    _: usize, _: usize, _: usize, _: usize, _: usize, _: usize, _: usize, _: usize,
) -> *const u8 {
    panic!("decide")
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(_: *mut u8, _: usize, _: usize, _: usize) -> *mut u8 {
    panic!("cabi_realloc")
}
