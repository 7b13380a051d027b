//! `DetectFaces`.

use selfsame_wire::rekognition::{DetectFacesRequest, DetectFacesResponse};

use super::attributes;
use super::context::{Context, Purpose};
use super::error::Error;
use super::face_detail::{Size, face_detail};
use super::image::{self, Wanted};

/// Describes the largest faces of an image. What is not asked for is not computed: age and gender least of all.
pub(crate) async fn run(context: &Context, input: DetectFacesRequest) -> Result<DetectFacesResponse, Error> {
    context.allow(Purpose::Read)?;
    let bytes = image::bytes(context, input.image).await?;
    let wanted = Wanted::with(attributes::wanted(input.attributes.as_deref()));
    let analysis = image::analyze(context, bytes, wanted, image::nobody()).await?;
    let size = Size::of(&analysis);
    let details = analysis.faces.iter().map(|face| face_detail(face, size));
    Ok(DetectFacesResponse {
        face_details: Some(details.collect()),
        orientation_correction: None,
    })
}
