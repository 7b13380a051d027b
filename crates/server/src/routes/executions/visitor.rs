//! Who may look.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::page;
use crate::access::Scope;
use crate::app::App;
use crate::error::Code;
use crate::executions_page::Notice;

/// Somebody who may see what executions did. As a handler's argument it makes the handler refuse everybody else, and a
/// browser ask for a key.
pub(super) struct Visitor;

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let caller = match app.access.visitor(&parts.headers).await {
            Ok(caller) => caller,
            Err(error) if error.code == Code::Unauthorized => return Err(ask()),
            Err(error) => return Err(error.into_response()),
        };
        // A key with limits must not see what others than its collections are about.
        if caller.may(Scope::Workflow) && caller.limits.is_none() {
            Ok(Self)
        } else {
            Err(refuse())
        }
    }
}

fn ask() -> Response {
    tracing::info!(status = 401, "page refused: no valid key");
    let notice = Notice {
        title: "A key, please",
        text: "Load this page again and give an API key as the password, with any user name. An administrator's will do, \
               or one with the scope workflow.",
        link: false,
    };
    let mut response = page(StatusCode::UNAUTHORIZED, &notice);
    response.headers_mut().insert(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static("Basic realm=\"Selfsame\""),
    );
    response
}

fn refuse() -> Response {
    tracing::info!(status = 403, "page refused: the key may not");
    let notice = Notice {
        title: "Not with this key",
        text: "This API key may not see executions: that takes an administrator's, or one with the scope workflow, and \
               without limits. Browsers go on sending a key: a private window asks for another.",
        link: false,
    };
    page(StatusCode::FORBIDDEN, &notice)
}
