//! The parameters by which the public sample's clients find the portal.

use serde_json::json;

use crate::client::{Client, members, refusal, shared};
use crate::support::Server;

fn get(client: &Client<'_>, name: &str) -> serde_json::Value {
    let answer = client.raw(
        "AmazonSSM.GetParameter",
        json!({"Name": name}).to_string().as_bytes(),
    );
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["Parameter"].clone()
}

#[test]
fn the_portal_is_where_it_was_asked() {
    let client = Client::new(shared());
    let url = get(&client, "/riv/my-stack/userportal/url");
    assert_eq!(url["Value"], format!("http://{}/", client.server.address));
    assert_eq!(
        members(&url),
        [
            "ARN",
            "DataType",
            "LastModifiedDate",
            "Name",
            "Type",
            "Value",
            "Version"
        ]
    );
    assert_eq!(url["Type"], "String");
    assert_eq!(
        url["ARN"],
        "arn:aws:ssm:eu-central-1:000000000000:parameter/riv/my-stack/userportal/url"
    );
    assert_eq!(
        get(&client, "/riv/my-stack/rekognition/partition-count")["Value"],
        "1"
    );
    let unknown = client.raw("AmazonSSM.GetParameter", br#"{"Name":"/riv/my-stack/other"}"#);
    assert_eq!(refusal(&unknown).0, "ParameterNotFound");
}

#[test]
fn or_where_the_configuration_says() {
    let server = Server::with(|config| config.portal.url = Some("https://faces.example.com/prod".to_owned()));
    let url = get(&Client::new(&server), "/riv/x/userportal/url");
    assert_eq!(url["Value"], "https://faces.example.com/prod/");
}
