use super::*;
use crate::executions_page::samples;

fn laid(text: &str) -> Layout {
    layout(&samples::chart(text)).unwrap()
}

fn overlap(left: Rect, right: Rect) -> bool {
    left.at.x < right.at.x + right.size.width
        && right.at.x < left.at.x + left.size.width
        && left.at.y < right.at.y + right.size.height
        && right.at.y < left.at.y + left.size.height
}

fn holds(outer: Rect, inner: Rect) -> bool {
    outer.at.x <= inner.at.x
        && outer.at.y <= inner.at.y
        && inner.at.x + inner.size.width <= outer.at.x + outer.size.width
        && inner.at.y + inner.size.height <= outer.at.y + outer.size.height
}

#[test]
fn every_state_has_a_place_of_its_own() {
    let ours = [
        samples::REGISTER,
        samples::NESTED,
        samples::POLLING,
        samples::REVIEW,
    ];
    let shipped = samples::SHIPPED.map(|(_, text)| text);
    for text in ours.into_iter().chain(shipped) {
        let layout = laid(text);
        // Every state has a type, and so has nothing else in these texts.
        assert_eq!(layout.states.len(), text.matches("\"Type\":").count());
        for (index, left) in layout.states.iter().enumerate() {
            for right in &layout.states[index + 1..] {
                let inside = left.frames.iter().any(|frame| holds(*frame, right.rect));
                assert!(
                    inside || !overlap(left.rect, right.rect),
                    "{} {}",
                    left.name,
                    right.name
                );
            }
        }
        for (label, _) in layout.lines.iter().filter_map(|line| line.label.as_ref()) {
            let covers = |state: &&Placed| overlap(state.rect, *label) && state.frames.is_empty();
            assert_eq!(layout.states.iter().find(covers).map(|state| &state.name), None);
        }
    }
}

#[test]
fn what_is_inside_is_drawn_inside() {
    let layout = laid(samples::NESTED);
    let find = |name: &str| layout.states.iter().find(|state| state.name == name).unwrap();
    let (parallel, map, task) = (
        find("Look in both places"),
        find("For each photo"),
        find("Compare one"),
    );
    assert_eq!(
        (parallel.frames.len(), map.frames.len(), task.frames.len()),
        (3, 1, 0)
    );
    assert!(holds(parallel.frames[0], map.rect) && holds(map.frames[0], task.rect));
    assert!(holds(parallel.frames[1], find("Ask the register").rect));
    assert!(parallel.frames.iter().all(|frame| holds(parallel.rect, *frame)));
    let place = |name: &str| layout.states.iter().position(|state| state.name == name).unwrap();
    assert!(
        place("Look in both places") < place("For each photo"),
        "drawn first"
    );
    assert!(place("For each photo") < place("Compare one"));
    assert_eq!(
        layout.starts.len(),
        5,
        "of the machine, three branches and an item"
    );
}

#[test]
fn the_way_that_is_hoped_for_is_straight() {
    let layout = laid(samples::REGISTER);
    let middle = |name: &str| {
        let state = layout.states.iter().find(|state| state.name == name).unwrap();
        state.rect.at.x + state.rect.size.width / 2.0
    };
    for name in ["Search for the same face", "Enrol", "Keep the image", "Notify"] {
        assert!(
            (middle(name) - middle("Search for the same face")).abs() < 1.0,
            "{name}"
        );
    }
}

#[test]
fn the_same_chart_has_the_same_layout() {
    assert_eq!(laid(samples::NESTED), laid(samples::NESTED));
}
