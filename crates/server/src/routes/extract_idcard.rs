//! `POST /extract-idcard`: what an identity document says, to fill a form with. Registers nobody, and `/register-idcard`
//! reads the document again: what comes back through a client proves nothing.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::request::{ExtractRequest, parse};
use super::uploads::{self, Named};
use crate::access::Portal;
use crate::app::App;
use crate::engine::{Card, CardError, DocumentError};
use crate::error::{self, Code, Error};
use crate::workflow::card_properties;

/// What an identity document says.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Extracted)]
pub(super) struct ExtractAnswer {
    /// As it was sent.
    user_id: String,
    /// What was sent, under what was read: `FIRST_NAME`, `DATE_OF_BIRTH` …; what was not read is empty.
    properties: Map<String, Value>,
    /// The faces on the document, the largest first, with places as ratios of the picture's sides.
    detect_face: Value,
}

/// Reads an identity document.
#[utoipa::path(
    post,
    path = "/extract-idcard",
    tag = "Flows",
    operation_id = "extract_idcard",
    request_body = ExtractRequest,
    responses(
        (status = 200, description = "What it says.", body = ExtractAnswer),
        (status = "4XX", description = "The request was not understood, not allowed or refused for lack of capacity (429), or nothing can be read in the picture.", body = error::Body),
        (status = "5XX", description = "The server failed, or is not ready (503).", body = error::Body),
    ),
    security(("bearer" = []), ("header" = [])),
)]
pub(super) async fn extract_idcard(
    State(app): State<Arc<App>>,
    _portal: Portal,
    request: Request,
) -> Result<Json<ExtractAnswer>, Error> {
    let ready = app.ready()?;
    let (parts, body) = request.into_parts();
    let received = app.bodies.receive_json(&parts.headers, body).await?;
    let permit = ready.engine.admit().map_err(|_| {
        app.metrics.throttled("inference");
        Error::new(Code::Throttling).retry_after(app.settings.retry_after_seconds)
    })?;
    let input = parse::<ExtractRequest>(&received.bytes).and_then(ExtractRequest::input)?;
    drop(received);
    // What is read here is still needed to register with: it stays.
    let text = uploads::text(&app, input.id_card, Named::Read, &mut Vec::new()).await?;
    let card = ready.engine.read_card(permit, text, app.today()).await;
    let card = card.map_err(refused)?;
    let mut properties = input.properties.unwrap_or_default();
    properties.extend(card_properties(&card.document));
    Ok(Json(ExtractAnswer {
        user_id: input.user.to_string(),
        properties,
        detect_face: faces(&card),
    }))
}

/// What cannot be read is the client's matter, an engine that fails is ours.
fn refused(error: CardError) -> Error {
    match error {
        CardError::Base64 => Error::validation(format!("{error}.")),
        CardError::Document(DocumentError::Read(read)) if read.is_about_the_file() => {
            Error::validation(format!("IdCard: {read}."))
        }
        CardError::Document(error) => Error::internal(error),
    }
}

/// In the form of `DetectFaces`.
fn faces(card: &Card) -> Value {
    let (width, height) = (card.document.width_px as f32, card.document.height_px as f32);
    let faces = card.portraits.faces.iter().map(|face| {
        let area = face.detection.bounding_box;
        let corners = [
            (area.left, area.top),
            (area.right(), area.top),
            (area.right(), area.bottom()),
            (area.left, area.bottom()),
        ]
        .map(|(x, y)| card.document.in_picture(selfsame_types::Point::new(x, y)));
        let least =
            |of: fn(&selfsame_types::Point) -> f32| corners.iter().map(of).fold(f32::INFINITY, f32::min);
        let most =
            |of: fn(&selfsame_types::Point) -> f32| corners.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
        let (left, top) = (least(|p| p.x), least(|p| p.y));
        json!({
            "BoundingBox": {
                "Left": left / width,
                "Top": top / height,
                "Width": (most(|p| p.x) - left) / width,
                "Height": (most(|p| p.y) - top) / height,
            },
            "Confidence": face.detection.confidence,
        })
    });
    json!({ "FaceDetails": faces.collect::<Vec<_>>() })
}
