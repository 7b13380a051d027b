//! `GetParameter` of Systems Manager: the two parameters by which the public sample's clients find the portal.

use selfsame_wire::ssm::{GetParameterRequest, GetParameterResult, Parameter, ParameterType};
use selfsame_wire::{EpochSeconds, ErrorCode};

use super::arn;
use super::context::Context;
use super::error::Error;

/// Tells the address of the portal (`/riv/STACK/userportal/url`) or into how many collections the sample's users are
/// divided (`/riv/STACK/rekognition/partition-count`: one). Any key may ask.
#[expect(clippy::unused_async, reason = "operations are called alike")]
pub(crate) async fn run(context: &Context, input: GetParameterRequest) -> Result<GetParameterResult, Error> {
    let name = input.name;
    let value = match sought(&name) {
        Some("userportal/url") => portal(context),
        Some("rekognition/partition-count") => Some("1".to_owned()),
        _ => None,
    };
    let value = value.ok_or_else(|| {
        Error::new(
            ErrorCode::ParameterNotFound,
            format!("There is no parameter {name}."),
        )
    })?;
    Ok(GetParameterResult {
        parameter: Some(Parameter {
            arn: Some(arn::of_parameter(&context.region, &name)),
            name: Some(name),
            r#type: Some(ParameterType::String),
            value: Some(value),
            version: Some(1),
            last_modified_date: Some(EpochSeconds::from_milliseconds(
                context.app.started.as_millisecond(),
            )),
            data_type: Some("text".to_owned()),
            ..Parameter::default()
        }),
    })
}

/// What follows the stack's name, whatever it is.
fn sought(name: &str) -> Option<&str> {
    let (stack, rest) = name.strip_prefix("/riv/")?.split_once('/')?;
    (!stack.is_empty()).then_some(rest)
}

/// As configured, or as the client reached this server. With a slash at the end, as API Gateway has it.
fn portal(context: &Context) -> Option<String> {
    let configured = context.app.settings.portal_url.clone();
    let url = configured.or_else(|| context.host.as_ref().map(|host| format!("http://{host}")))?;
    Some(format!("{}/", url.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_stack() {
        assert_eq!(sought("/riv/riv/userportal/url"), Some("userportal/url"));
        assert_eq!(
            sought("/riv/my-stack/rekognition/partition-count"),
            Some("rekognition/partition-count")
        );
        for other in ["/riv/userportal/url", "/riv//url", "userportal/url", "", "/riv/"] {
            assert_ne!(sought(other), Some("userportal/url"), "{other}");
        }
    }
}
