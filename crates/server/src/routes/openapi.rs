//! `GET /openapi.json`: the routes, for machines.

use std::future::ready;
use std::sync::Arc;

use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi as Derive};

use crate::app::App;

/// What stands above the routes.
#[derive(Derive)]
#[openapi(
    info(
        title = "Selfsame",
        description = "Is this the selfsame person? Register people with a photo, verify them with another. \
                       Every request needs an API key, except the health checks and these pages.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "Flows", description = "What applications call."),
        (name = "Users", description = "What administrators see and erase."),
        (name = "Operation", description = "What operators watch."),
    ),
    modifiers(&Keys),
)]
pub(super) struct Document;

/// The two ways in which a key may travel.
struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let header = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-Api-Key")));
        components.add_security_scheme("header", header);
    }
}

/// The route of the finished document.
pub(super) fn router(document: OpenApi) -> Router<Arc<App>> {
    Router::new().route("/openapi.json", get(move || ready(Json(document.clone()))))
}

#[cfg(test)]
mod tests {
    /// A change of the document is a change of the contract: look at it twice.
    #[test]
    fn the_document_is_this() {
        let (_, mut document) = super::super::documented().split_for_parts();
        document.info.version = "[version]".to_owned();
        insta::assert_json_snapshot!(document);
    }
}
