//! The routes, one file each: parse → authorise → call the domain → map. Nothing else happens here.

mod auth;
mod check_userid;
mod choose;
mod delete_user;
mod docs;
mod executions;
mod extract_idcard;
mod flow;
mod get_card;
mod get_user;
mod health;
mod metrics;
mod openapi;
mod register;
mod register_idcard;
mod request;
mod update;
mod uploads;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use request::MAX_PHOTOS;

use crate::app::App;
use crate::error::{Code, Error};
use crate::http::observe::observe;

/// Everything that the server answers to.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let (router, api) = documented().split_for_parts();
    router
        .merge(docs::router())
        .merge(executions::router())
        .merge(openapi::router(api))
        .fallback(|| async { Error::new(Code::UnknownRoute) })
        .method_not_allowed_fallback(|| async { Error::new(Code::MethodNotAllowed) })
        .layer(from_fn_with_state(Arc::clone(app), observe))
        .with_state(Arc::clone(app))
}

/// The routes that stand in the OpenAPI document.
fn documented() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .routes(routes!(register::register))
        .routes(routes!(register_idcard::register_idcard))
        .routes(routes!(extract_idcard::extract_idcard))
        .routes(routes!(auth::auth))
        .routes(routes!(update::update))
        .routes(routes!(check_userid::check_userid))
        .routes(routes!(get_user::get_user, delete_user::delete_user))
        .routes(routes!(get_card::get_card))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(metrics::metrics))
}
