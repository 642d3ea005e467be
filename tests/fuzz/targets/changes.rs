//! Gives the fuzzer's bytes to [`portrea_fuzz::changes`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    portrea_fuzz::changes::meet(bytes);
});
