//! The page, its lines and their words with their places, as `Blocks`: coordinates are ratios of the page's sides.

use selfsame_document::{Document, PageLine};
use selfsame_types::Point as Pixel;
use selfsame_wire::textract::{
    Block, BlockType, BoundingBox, Geometry, Point, Relationship, RelationshipType, TextType,
};

/// The page, then every line followed by its words.
pub(super) fn all(document: &Document, new_id: &mut dyn FnMut() -> String) -> Vec<Block> {
    let size = (document.width_px as f32, document.height_px as f32);
    let mut line_ids = Vec::new();
    let mut below = Vec::new();
    for line in &document.lines {
        let words: Vec<Block> = words(line, size, new_id);
        let id = new_id();
        line_ids.push(id.clone());
        below.push(Block {
            block_type: Some(BlockType::Line),
            confidence: Some(100.0 * line.confidence),
            text: Some(line.text.clone()),
            geometry: Some(geometry(&line.polygon, size)),
            id: Some(id),
            relationships: children(words.iter().filter_map(|word| word.id.clone()).collect()),
            ..Block::default()
        });
        below.extend(words);
    }
    let page = Block {
        block_type: Some(BlockType::Page),
        geometry: Some(geometry(&document.outline, size)),
        id: Some(new_id()),
        relationships: children(line_ids),
        ..Block::default()
    };
    std::iter::once(page).chain(below).collect()
}

fn words(line: &PageLine, size: (f32, f32), new_id: &mut dyn FnMut() -> String) -> Vec<Block> {
    line.words
        .iter()
        .map(|word| Block {
            block_type: Some(BlockType::Word),
            confidence: Some(100.0 * line.confidence),
            text: Some(word.text.clone()),
            text_type: Some(TextType::Printed),
            geometry: Some(geometry(&word.polygon, size)),
            id: Some(new_id()),
            // Of words alone, and 0, as recorded.
            page: Some(0),
            ..Block::default()
        })
        .collect()
}

fn children(ids: Vec<String>) -> Option<Vec<Relationship>> {
    (!ids.is_empty()).then(|| {
        vec![Relationship {
            r#type: Some(RelationshipType::Child),
            ids: Some(ids),
        }]
    })
}

fn geometry(polygon: &[Pixel; 4], (width, height): (f32, f32)) -> Geometry {
    let points = polygon.map(|p| ((p.x / width).clamp(0.0, 1.0), (p.y / height).clamp(0.0, 1.0)));
    let least = |of: fn(&(f32, f32)) -> f32| points.iter().map(of).fold(1.0, f32::min);
    let most = |of: fn(&(f32, f32)) -> f32| points.iter().map(of).fold(0.0, f32::max);
    let (left, top) = (least(|p| p.0), least(|p| p.1));
    let points = points.iter().map(|(x, y)| Point {
        x: Some(*x),
        y: Some(*y),
    });
    Geometry {
        bounding_box: Some(BoundingBox {
            width: Some(most(|p| p.0) - left),
            height: Some(most(|p| p.1) - top),
            left: Some(left),
            top: Some(top),
        }),
        polygon: Some(points.clone().collect()),
        rotation_angle: None,
    }
}
