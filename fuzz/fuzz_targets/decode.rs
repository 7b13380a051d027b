//! Arbitrary bytes through `vision::decode`, at full size and reduced.
#![no_main]

use libfuzzer_sys::fuzz_target;
use selfsame_vision::decode::{Limits, decode};

fuzz_target!(|bytes: &[u8]| {
    for target_long_side_px in [32, 1920] {
        let limits = Limits {
            // Small, so that the fuzzer spends its time in the parsers.
            max_pixels: 1 << 20,
            min_side_px: 1,
            target_long_side_px,
            ..Limits::default()
        };
        match decode(bytes, &limits) {
            Ok(decoded) => {
                let (width, height) = decoded.image.dimensions();
                assert!(width > 0 && height > 0 && decoded.scale > 0.0 && decoded.scale <= 1.0);
            }
            // `decode` turns a codec's panic into an error; libFuzzer aborts at the panic before that.
            Err(_) => {}
        }
    }
});
