//! What there is to draw of a definition: states and what leads from one to another. No coordinates yet.

use std::collections::BTreeMap;

use selfsame_workflow::definition::{
    Choice, Concurrency, Duration, Graph, Kind, Map, Pattern, State, StateMachine, Transition, Wait, Wording,
};

use super::conditions::Conditions;

/// More states than this are not drawn: nobody would find anything in the picture.
const MAX_STATES: usize = 250;
/// The same for what leads from one to another.
const MAX_LINKS: usize = 1000;
/// How much of a text is shown when a pointer rests on something.
const MAX_HINT_CHARACTERS: usize = 400;

/// A graph of states.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chart {
    /// Its states. By name, except that the first one is the first.
    pub(super) nodes: Vec<Node>,
    /// What leads from one to another; at most one of each class between two states.
    pub(super) links: Vec<Link>,
}

/// A state.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) name: String,
    /// `Type` of the state.
    pub(super) kind: &'static str,
    /// What it does, in a few words.
    pub(super) detail: String,
    /// The same at length, with its author's comment.
    pub(super) hint: String,
    /// Whether the execution ends with it although its type does not say so.
    pub(super) ends: bool,
    /// The branches of a Parallel state, or what a Map state runs for each item.
    pub(super) charts: Vec<Chart>,
}

/// What leads from one state to another.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Link {
    /// Indices of nodes.
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) class: Class,
    /// The rules of a Choice state that lead there, in words.
    pub(super) rules: Vec<String>,
}

/// When a link is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Class {
    /// All went well.
    Flow,
    /// A failure was caught.
    Catch,
}

impl Chart {
    /// The chart of a whole definition; `None` where it is too large to be drawn.
    pub(crate) fn new(machine: &StateMachine, conditions: &Conditions) -> Option<Self> {
        let chart = Self::of(&machine.graph, conditions);
        let (nodes, links) = chart.size();
        (nodes <= MAX_STATES && links <= MAX_LINKS).then_some(chart)
    }

    /// As deep as states are nested, which the parser bounds.
    fn of(graph: &Graph, conditions: &Conditions) -> Self {
        let mut names: Vec<&String> = graph.states.keys().collect();
        names.sort_by_key(|name| (**name != graph.start_at, *name));
        let index: BTreeMap<&str, usize> = names
            .iter()
            .enumerate()
            .map(|(index, name)| (name.as_str(), index))
            .collect();
        let mut chart = Self {
            nodes: Vec::with_capacity(names.len()),
            links: Vec::new(),
        };
        for (from, name) in names.into_iter().enumerate() {
            let state = &graph.states[name];
            chart.nodes.push(Node::of(name, state, conditions));
            let rules = conditions.get(name).map_or(&[][..], Vec::as_slice);
            for (target, class, rule) in targets(state, rules) {
                if let Some(to) = index.get(target) {
                    chart.link(from, *to, class, rule);
                }
            }
        }
        chart
    }

    fn link(&mut self, from: usize, to: usize, class: Class, rule: Option<String>) {
        let known = self
            .links
            .iter_mut()
            .find(|link| (link.from, link.to, link.class) == (from, to, class));
        match known {
            Some(link) => link.rules.extend(rule),
            None => self.links.push(Link {
                from,
                to,
                class,
                rules: rule.into_iter().collect(),
            }),
        }
    }

    /// How many states and links there are, inside of others too.
    fn size(&self) -> (usize, usize) {
        let nested = self.nodes.iter().flat_map(|node| &node.charts).map(Self::size);
        nested.fold((self.nodes.len(), self.links.len()), |(nodes, links), (n, l)| {
            (nodes + n, links + l)
        })
    }

    /// The classes of the links between two states, wherever they are.
    pub(super) fn classes(&self, from: &str, to: &str) -> Vec<Class> {
        let name = |index: usize| self.nodes.get(index).map(|node| node.name.as_str());
        let own = self
            .links
            .iter()
            .filter(|link| name(link.from) == Some(from) && name(link.to) == Some(to))
            .map(|link| link.class);
        let nested = self.nodes.iter().flat_map(|node| &node.charts);
        own.chain(nested.flat_map(|chart| chart.classes(from, to)))
            .collect()
    }
}

/// Where a state may go on to, in the order in which people read it: what goes well first.
fn targets<'a>(state: &'a State, rules: &[String]) -> Vec<(&'a str, Class, Option<String>)> {
    let mut targets = Vec::new();
    if let Kind::Choice(Choice { choices, default }) = &state.kind {
        let mut words = rules.iter();
        for branching in choices {
            let words = words.next().cloned().unwrap_or_else(|| "…".to_owned());
            targets.push((branching.next.as_str(), Class::Flow, Some(words)));
        }
        let default = default.as_deref();
        targets.extend(default.map(|next| (next, Class::Flow, Some("otherwise".to_owned()))));
    }
    if let Transition::Next(next) = &state.transition {
        targets.push((next, Class::Flow, None));
    }
    let catch = state.catch.iter();
    targets.extend(catch.map(|catcher| (catcher.next.as_str(), Class::Catch, None)));
    targets
}

impl Node {
    fn of(name: &str, state: &State, conditions: &Conditions) -> Self {
        let graphs = match &state.kind {
            Kind::Parallel { branches } => branches.as_slice(),
            Kind::Map(map) => std::slice::from_ref(&map.processor),
            _ => &[],
        };
        let mut hint = format!("{name} ({})", state.kind.name());
        if let Kind::Task(task) = &state.kind {
            hint.push('\n');
            hint.push_str(task.resource.as_str());
        }
        if let Some(comment) = &state.comment {
            hint.push('\n');
            hint.push_str(comment);
        }
        Self {
            name: name.to_owned(),
            kind: state.kind.name(),
            detail: detail(&state.kind),
            hint: hint.chars().take(MAX_HINT_CHARACTERS).collect(),
            ends: state.transition == Transition::End,
            charts: graphs.iter().map(|graph| Chart::of(graph, conditions)).collect(),
        }
    }
}

fn detail(kind: &Kind) -> String {
    match kind {
        Kind::Task(task) => match task.resource.pattern() {
            Pattern::RequestResponse => resource(task.resource.as_str()),
            Pattern::Sync => format!("{} (sync)", resource(task.resource.base())),
            Pattern::WaitForTaskToken => format!("{} (token)", resource(task.resource.base())),
        },
        Kind::Wait(Wait::For(Duration::Seconds(seconds))) => format!("Wait {seconds} s"),
        Kind::Wait(Wait::For(Duration::Path(path)) | Wait::UntilPath(path)) => {
            format!("Wait {}", path.text())
        }
        Kind::Wait(Wait::Until(moment)) => format!("Wait until {moment}"),
        Kind::Fail(fail) => match &fail.error {
            Some(Wording::Text(error)) => error.clone(),
            _ => kind.name().to_owned(),
        },
        Kind::Parallel { branches } => format!("Parallel: {} branches", branches.len()),
        Kind::Map(map) => each(map),
        Kind::Choice(_) | Kind::Pass { .. } | Kind::Succeed => kind.name().to_owned(),
    }
}

fn each(map: &Map) -> String {
    let items = map.items_path.as_ref().map_or("$", |path| path.text());
    match map.max_concurrency {
        Concurrency::Fixed(most) if most > 0 => format!("Map: {items}, {most} at a time"),
        _ => format!("Map: {items}"),
    }
}

/// What a resource is about: `rekognition:searchFaces` of `arn:aws:states:::aws-sdk:rekognition:searchFaces`.
fn resource(text: &str) -> String {
    const BEGINNINGS: [&str; 3] = ["arn:aws:states:::aws-sdk:", "arn:aws:states:::", "arn:aws:"];
    let rest = BEGINNINGS
        .iter()
        .find_map(|beginning| text.strip_prefix(beginning));
    // A Lambda function is named with region and account before it.
    match (rest, text.rsplit_once(":function:")) {
        (_, Some((_, function))) => format!("lambda:{function}"),
        (Some(rest), None) => rest.to_owned(),
        (None, None) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executions_page::samples;

    #[test]
    fn the_first_state_comes_first() {
        let chart = samples::chart(samples::REGISTER);
        assert_eq!(chart.nodes[0].name, "Assess the photo");
        let names: Vec<&str> = chart.nodes[1..].iter().map(|node| node.name.as_str()).collect();
        assert!(names.is_sorted(), "{names:?}");
    }

    #[test]
    fn several_rules_to_one_state_are_one_link() {
        let chart = samples::chart(
            r#"{"StartAt": "C", "States": {
                "C": {"Type": "Choice", "Choices": [
                    {"Variable": "$.a", "IsPresent": true, "Next": "D"},
                    {"Variable": "$.b", "IsPresent": true, "Next": "D"}], "Default": "D"},
                "D": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
                      "Catch": [{"ErrorEquals": ["A"], "Next": "E"}, {"ErrorEquals": ["B"], "Next": "E"}]},
                "E": {"Type": "Pass", "Next": "D"}}}"#,
        );
        assert_eq!(chart.links.len(), 3, "{:?}", chart.links);
        assert_eq!(
            chart.links[0].rules,
            ["$.a is present", "$.b is present", "otherwise"]
        );
        assert_eq!(chart.classes("D", "E"), [Class::Catch]);
        assert_eq!(chart.classes("E", "D"), [Class::Flow]);
        assert_eq!(chart.classes("C", "E"), []);
    }

    #[test]
    fn resources_are_told_shortly() {
        for (text, expected) in [
            (
                "arn:aws:states:::aws-sdk:rekognition:searchFaces",
                "rekognition:searchFaces",
            ),
            (
                "arn:aws:lambda:eu-central-1:123456789012:function:check",
                "lambda:check",
            ),
            ("selfsame:assess", "selfsame:assess"),
        ] {
            assert_eq!(resource(text), expected);
        }
    }

    #[test]
    fn what_is_too_large_is_not_drawn() {
        let states: Vec<String> = (0..300)
            .map(|n| format!(r#""S{n}": {{"Type": "Succeed"}}"#))
            .collect();
        let text = format!(r#"{{"StartAt": "S0", "States": {{{}}}}}"#, states.join(","));
        let machine = samples::machine(&text);
        assert_eq!(Chart::new(&machine, &Conditions::new()), None);
    }
}
