//! The embedded packs, fetched with the real clients into fresh directories.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use selfsame_vision::pack::testing::{default_models_for_tests, mirror_for_tests};
use selfsame_vision::pack::{FileState, Models, Packs, Resolver};

fn resolver(directory: &std::path::Path) -> Resolver {
    Resolver::new(Packs::load(None).unwrap(), Models::open(directory)).with_mirror(mirror_for_tests())
}

#[test]
fn the_models_for_tests_are_complete() {
    let resolved = default_models_for_tests();
    let mut roles: Vec<&str> = resolved.roles.keys().map(String::as_str).collect();
    if resolved.name == "standard" {
        assert_eq!(roles.pop(), Some("second-embedder"));
    }
    assert_eq!(
        roles,
        [
            "age-gender",
            "attributes",
            "attributes-age-gender",
            "detector",
            "embedder",
            "expression",
            "iris",
            "landmarks"
        ]
    );
    for model in resolved.roles.values() {
        assert!(model.path.is_file(), "{}", model.path.display());
        assert!(!model.artifact.parameters.is_empty());
    }
    // one warning per thing that is missing, none where nothing is
    let missing = usize::from(resolved.name == "classic") + usize::from(resolved.runtime.is_none());
    assert_eq!(resolved.warnings.len(), missing, "{:?}", resolved.warnings);
}

#[test]
fn a_fresh_directory_is_filled_and_then_verified_without_any_client() {
    let directory = tempfile::tempdir().unwrap();
    let first = resolver(directory.path()).resolve("classic").unwrap();
    assert_eq!(first.name, "classic");
    let again = Resolver::new(Packs::load(None).unwrap(), Models::open(directory.path()))
        .with_client_path("/nonexistent")
        .resolve("classic")
        .unwrap();
    assert_eq!(first.roles["embedder"].path, again.roles["embedder"].path);
    assert_eq!(first.runtime, again.runtime);
    let statuses = resolver(directory.path()).verify("classic").unwrap();
    assert!(statuses.iter().any(|status| status.converted));
    let present = statuses
        .iter()
        .filter(|status| status.role != "runtime" || first.runtime.is_some());
    for status in present {
        assert_eq!(status.state, FileState::Verified, "{status:?}");
    }
}
