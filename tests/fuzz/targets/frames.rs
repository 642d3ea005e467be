//! Gives the fuzzer's bytes to [`portrea_fuzz::frames`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    portrea_fuzz::frames::meet(bytes);
});
