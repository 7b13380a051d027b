//! A line with `X-Amz-Target`, then a body, through `wire`: whatever it is, the answer is a request or a modelled refusal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use selfsame_wire::{ErrorCode, Target};

fuzz_target!(|bytes: &[u8]| {
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let target = String::from_utf8_lossy(lines.next().unwrap_or_default());
    let body = lines.next().unwrap_or_default();
    let refusal = match Target::parse(&target) {
        Ok(target) => target.check(body).err(),
        Err(error) => {
            assert_eq!(error.code(), ErrorCode::UnknownOperationException);
            // An unknown name is a waste of a good body: let its length choose.
            let all: Vec<Target> = Target::all().collect();
            all[body.len() % all.len()].check(body).err()
        }
    };
    if let Some(error) = refusal {
        let modelled = [ErrorCode::SerializationException, ErrorCode::ValidationException];
        assert!(modelled.contains(&error.code()), "{error}");
        assert!(
            error.message().len() < 8192,
            "a message of {} bytes",
            error.message().len()
        );
    }
});
