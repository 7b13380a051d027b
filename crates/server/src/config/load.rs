//! Puts the configuration together: defaults, then the file, then the environment. Command-line flags come last
//! and are set by the caller on the result.

use std::path::Path;

use toml::{Table, Value};

use super::{Config, Error, Secret};

/// One setting, as users may write it.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// In a file: `section.name`.
    pub path: String,
    /// In the environment.
    pub variable: String,
    /// The default, as TOML; `None` where there is none.
    pub default: Option<Value>,
}

/// Settings whose variables do not follow the rule: scripts rely on these names.
const SHORT_NAMES: [(&str, &str); 5] = [
    ("server.listen", "SELFSAME_LISTEN"),
    ("server.data", "SELFSAME_DATA"),
    ("models.directory", "SELFSAME_MODELS"),
    ("models.mirror", "SELFSAME_MODEL_MIRROR"),
    ("log.filter", "SELFSAME_LOG"),
];

/// Settings without a default do not show in the default table.
const WITHOUT_DEFAULT: [&str; 10] = [
    "aws.region",
    "models.directory",
    "models.mirror",
    "models.packs",
    "portal.upload_bucket",
    "portal.url",
    "s3.access_key_id",
    "s3.endpoint",
    "workflow.directory",
    "workflow.webhook_url",
];

/// The first administrator key: in the environment only.
pub(super) const KEY_VARIABLE: &str = "SELFSAME_API_KEY";
/// The secret for the other S3 server: in the environment only.
const S3_SECRET_VARIABLE: &str = "SELFSAME_S3_SECRET_ACCESS_KEY";
/// What the pictures of identity documents are encrypted with: in the environment only.
pub(super) const CARD_KEY_VARIABLE: &str = "SELFSAME_PORTAL_CARD_KEY";
/// What webhooks are signed with: in the environment only.
const WEBHOOK_SECRET_VARIABLE: &str = "SELFSAME_WORKFLOW_WEBHOOK_SECRET";

/// Every setting with its variable and default, in the order of the file.
#[must_use]
pub fn settings() -> Vec<Setting> {
    let defaults = Table::try_from(Config::default()).unwrap_or_default();
    let mut found = Vec::new();
    for (section, values) in &defaults {
        for (name, value) in values.as_table().into_iter().flatten() {
            found.push(setting(format!("{section}.{name}"), Some(value.clone())));
        }
    }
    found.extend(WITHOUT_DEFAULT.map(|path| setting(path.to_owned(), None)));
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn setting(path: String, default: Option<Value>) -> Setting {
    let variable = SHORT_NAMES.iter().find(|(short, _)| *short == path).map_or_else(
        || format!("SELFSAME_{}", path.replace('.', "_").to_uppercase()),
        |(_, variable)| (*variable).to_owned(),
    );
    Setting {
        path,
        variable,
        default,
    }
}

impl Config {
    /// Reads `file` (if any) and the variables that `environment` knows. The result is not yet validated, because
    /// flags may still change it.
    pub fn load(file: Option<&Path>, environment: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let mut table = match file {
            Some(path) => fs_err::read_to_string(path)
                .map_err(Error::Read)?
                .parse()
                .map_err(|error| Error::Parse(Box::new(error)))?,
            None => Table::new(),
        };
        for setting in settings() {
            if let Some(text) = environment(&setting.variable).filter(|text| !text.is_empty()) {
                let value = parse(&setting, text)?;
                insert(&mut table, &setting.path, value);
            }
        }
        let mut config: Self = table.try_into().map_err(|error| Error::Parse(Box::new(error)))?;
        let secret = |variable| {
            let text = environment(variable).map(|text| text.trim().to_owned());
            text.filter(|text| !text.is_empty()).map(Secret::new)
        };
        config.access.api_key = secret(KEY_VARIABLE);
        config.portal.card_key = secret(CARD_KEY_VARIABLE);
        config.s3.secret_access_key = secret(S3_SECRET_VARIABLE);
        config.workflow.webhook_secret = secret(WEBHOOK_SECRET_VARIABLE);
        Ok(config)
    }
}

/// Reads a variable as the kind of value that the default has.
fn parse(setting: &Setting, text: String) -> Result<Value, Error> {
    let (expected, value) = match &setting.default {
        Some(Value::Integer(_)) => ("a whole number", text.parse().ok().map(Value::Integer)),
        Some(Value::Float(_)) => ("a number", text.parse().ok().map(Value::Float)),
        Some(Value::Boolean(_)) => ("true or false", boolean(&text).map(Value::Boolean)),
        Some(Value::Array(_)) => ("texts with commas between them", Some(list(&text))),
        _ => ("a text", Some(Value::String(text.clone()))),
    };
    value.ok_or_else(|| Error::Variable {
        variable: setting.variable.clone(),
        expected,
        value: text,
    })
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn list(text: &str) -> Value {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
}

fn insert(table: &mut Table, path: &str, value: Value) {
    let Some((section, name)) = path.split_once('.') else {
        return;
    };
    let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    // A section that is no table is the file's mistake: it is reported when the whole is read.
    if let Some(section) = section.as_table_mut() {
        section.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn load(file: &str, environment: &[(&str, &str)]) -> Result<Config, Error> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("selfsame.toml");
        fs_err::write(&path, file).unwrap();
        let variables: HashMap<&str, &str> = environment.iter().copied().collect();
        Config::load(Some(&path), |name| variables.get(name).map(|v| (*v).to_owned()))
    }

    #[test]
    fn nothing_given_is_the_default() {
        assert_eq!(load("", &[]).unwrap(), Config::default());
        assert_eq!(Config::load(None, |_| None).unwrap(), Config::default());
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let file = "[server]\nlisten = \"127.0.0.1:1\"\nkeep_images = false\n[matching]\nsimilarity = 99";
        let config = load(
            file,
            &[
                ("SELFSAME_LISTEN", "127.0.0.1:2"),
                ("SELFSAME_MATCHING_SIMILARITY", "97.5"),
            ],
        )
        .unwrap();
        assert_eq!(config.server.listen.port(), 2);
        assert!(!config.server.keep_images);
        assert!((config.matching.similarity - 97.5).abs() < 1e-6);
    }

    #[test]
    fn every_fixed_name_works() {
        let config = load(
            "",
            &[
                ("SELFSAME_LISTEN", "[::1]:9"),
                ("SELFSAME_DATA", "/d"),
                ("SELFSAME_MODELS", "/m"),
                ("SELFSAME_MODEL_MIRROR", "/mirror"),
                ("SELFSAME_API_KEY", " a-key-of-sixteen-or-more "),
                ("SELFSAME_LOG", "debug"),
                ("SELFSAME_ACCESS_INSECURE_NO_AUTH", "1"),
                ("SELFSAME_MODELS_ENGINE", "rten"),
                (
                    "SELFSAME_SERVER_CORS_ORIGINS",
                    "https://a.example, https://b.example,",
                ),
                ("SELFSAME_AWS_REGION", "eu-central-1"),
                ("SELFSAME_S3_ENDPOINT", "https://s3.example.com"),
                ("SELFSAME_S3_SECRET_ACCESS_KEY", " open-sesame "),
            ],
        )
        .unwrap();
        assert_eq!(config.server.listen.to_string(), "[::1]:9");
        assert_eq!(config.server.data.to_str(), Some("/d"));
        assert_eq!(config.models.directory.as_deref(), Some(Path::new("/m")));
        assert_eq!(config.models.mirror.as_deref(), Some("/mirror"));
        assert_eq!(
            config.access.api_key.unwrap().expose(),
            "a-key-of-sixteen-or-more"
        );
        assert_eq!(config.log.filter, "debug");
        assert!(config.access.insecure_no_auth);
        assert_eq!(config.models.engine, super::super::EngineChoice::Rten);
        assert_eq!(
            config.server.cors_origins,
            ["https://a.example", "https://b.example"]
        );
        assert_eq!(config.aws.region.as_deref(), Some("eu-central-1"));
        assert_eq!(config.s3.endpoint.as_deref(), Some("https://s3.example.com"));
        assert_eq!(config.s3.secret_access_key.unwrap().expose(), "open-sesame");
    }

    #[test]
    fn mistakes_are_named() {
        let error = load("", &[("SELFSAME_LIMITS_BODY_BYTES", "lots")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "SELFSAME_LIMITS_BODY_BYTES must be a whole number, not \"lots\""
        );
        let error = load("[server]\nlissten = \"x\"", &[]).unwrap_err().to_string();
        assert!(error.contains("unknown field `lissten`"), "{error}");
        assert!(load("server = 3", &[("SELFSAME_LISTEN", "127.0.0.1:2")]).is_err());
        // A key in a file would get committed one day.
        assert!(load("[access]\napi_key = \"x\"", &[]).is_err());
        assert!(load("[portal]\ncard_key = \"x\"", &[]).is_err());
        assert!(load("[s3]\nsecret_access_key = \"x\"", &[]).is_err());
        assert!(load("[workflow]\nwebhook_secret = \"x\"", &[]).is_err());
    }

    #[test]
    fn the_documented_file_is_the_default_and_complete() {
        let text = include_str!("../../../../docs/selfsame.toml");
        assert_eq!(load(text, &[]).unwrap(), Config::default());
        let table: Table = text.parse().unwrap();
        for setting in settings() {
            let (section, name) = setting.path.split_once('.').unwrap();
            let documented = table[section].get(name).is_some() || text.contains(&format!("# {name} = "));
            assert!(documented, "{}", setting.path);
            let by_rule = format!("SELFSAME_{}", setting.path.replace('.', "_").to_uppercase());
            assert!(
                setting.variable == by_rule || text.contains(&format!("({})", setting.variable)),
                "{}",
                setting.path
            );
        }
    }

    /// The committed list of all settings: a renamed one breaks somebody's script.
    #[test]
    fn the_settings_are_these() {
        let lines: Vec<String> = settings()
            .iter()
            .map(|s| {
                let default = s
                    .default
                    .as_ref()
                    .map_or("-".to_owned(), |value| format!("{value:?}"));
                format!("{} {} {default}", s.path, s.variable)
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"));
    }
}
