//! `DetectFaces`.

use selfsame_wire::rekognition::{DetectFacesRequest, DetectFacesResponse};

use super::context::{Context, Purpose};
use super::error::Error;
use super::face_detail::{Size, face_detail};
use super::image::{self, Landmarks};

/// Describes the largest faces of an image. Of the attributes beyond `DEFAULT` none is computed yet, so that asking for
/// them changes nothing.
pub(crate) async fn run(context: &Context, input: DetectFacesRequest) -> Result<DetectFacesResponse, Error> {
    context.allow(Purpose::Read)?;
    let bytes = image::bytes(context, input.image).await?;
    let analysis = image::analyze(context, bytes, Landmarks::All, image::nobody()).await?;
    let size = Size::of(&analysis);
    let details = analysis.faces.iter().map(|face| face_detail(face, size));
    Ok(DetectFacesResponse {
        face_details: Some(details.collect()),
        orientation_correction: None,
    })
}
