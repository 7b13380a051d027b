//! What an execution did, read from its history: which states it entered, in which order, for how long, and on which ways
//! it went from one to another.

use std::collections::{BTreeSet, HashMap};

use super::json::Pretty;
use jiff::Timestamp;
use selfsame_workflow::execution::{Detail, HistoryEvent};

use super::chart::{Chart, Class};

/// So many visits at the beginning and at the end keep what went in and out; those between them only their times.
const FULL_AT_EACH_END: usize = 150;

/// What became of a visit to a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It goes on.
    Running,
    /// It went well.
    Succeeded,
    /// It failed, and the definition knew what to do.
    Caught,
    /// It failed.
    Failed,
    /// It was given up.
    Stopped,
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) error: String,
    pub(super) cause: String,
}

impl Failed {
    fn new(error: &str, cause: &str) -> Self {
        Self {
            error: error.to_owned(),
            cause: cause.to_owned(),
        }
    }
}

/// An execution was in a state.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Visit {
    pub(super) state: String,
    pub(super) kind: String,
    pub(super) entered: Timestamp,
    /// Absent while it is there.
    pub(super) left: Option<Timestamp>,
    pub(super) fate: Fate,
    pub(super) input: Option<Pretty>,
    pub(super) output: Option<Pretty>,
    /// How often a task was given to its worker.
    pub(super) attempts: u64,
    pub(super) failures: Vec<Failed>,
    /// Whether a worker has the task and somebody will answer.
    pub(super) submitted: bool,
    /// The visit to the state around it.
    pub(super) around: Option<usize>,
    /// Which item of the Map state around it, from 0.
    pub(super) item: Option<usize>,
    /// In how many states it is.
    pub(super) depth: usize,
    /// Whether what happened last was a failure.
    failing: bool,
}

impl Visit {
    /// Whether it is one to a state of this kind that goes on.
    fn is_open(&self, kind: &str) -> bool {
        self.kind == kind && self.left.is_none() && !self.failing
    }
}

/// A way from one state to another; from `None` at the beginning of a chart.
pub(super) type Step = (Option<String>, String, Class);

/// What an execution did.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// In the order in which the states were entered.
    pub(super) visits: Vec<Visit>,
    /// Every way that was taken.
    pub(super) steps: BTreeSet<Step>,
    places: HashMap<u64, Place>,
    /// The visits that go on.
    open: BTreeSet<usize>,
}

/// Where an event happened.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// In which visit, if in any.
    visit: Option<usize>,
    /// Whether the visit ended with it.
    left: bool,
    /// The item of a Map state that began with it.
    item: Option<usize>,
}

impl Trace {
    /// Takes the next event of the history. The chart tells which ways there are.
    pub(crate) fn add(&mut self, event: &HistoryEvent, chart: Option<&Chart>) {
        let HistoryEvent {
            id,
            previous,
            at,
            detail,
        } = event;
        let (id, at) = (*id, *at);
        let before = self.places.get(previous).copied().unwrap_or_default();
        let mut place = self.place(before, detail);
        match detail {
            Detail::StateEntered { state, name, input } => {
                place = self.entered(place, chart, (name, state), at, input);
            }
            Detail::StateExited { output, .. } => {
                self.left(place, at, output);
                place.left = true;
            }
            Detail::ExecutionFailed { .. } => self.close(place.visit, at),
            Detail::ExecutionAborted { .. } | Detail::ExecutionTimedOut => self.close(None, at),
            Detail::MapIterationFailed { index, .. } => {
                self.close_inside(place.visit, Some(*index), before.visit, at);
            }
            Detail::MapIterationAborted { index, .. } => {
                self.close_inside(place.visit, Some(*index), None, at);
            }
            detail => self.happened(&mut place, detail, before.visit, at),
        }
        self.places.insert(id, place);
    }

    /// Where an event happened that follows what happened at another place. Where states are inside of others, what is told
    /// of the outer one follows the last event of an inner one.
    fn place(&self, before: Place, detail: &Detail) -> Place {
        let found = match detail {
            Detail::StateExited { name, .. }
            | Detail::MapIterationStarted { name, .. }
            | Detail::MapIterationSucceeded { name, .. }
            | Detail::MapIterationFailed { name, .. }
            | Detail::MapIterationAborted { name, .. } => self.up(before.visit, |visit| visit.state == *name),
            Detail::ParallelStateSucceeded | Detail::ParallelStateFailed { .. } => {
                self.up(before.visit, |visit| visit.is_open("Parallel"))
            }
            Detail::MapStateSucceeded | Detail::MapStateFailed { .. } => {
                self.up(before.visit, |visit| visit.is_open("Map"))
            }
            _ => return before,
        };
        Place {
            visit: found.or(before.visit),
            ..Place::default()
        }
    }

    /// The visit itself, or the nearest around it, that is wanted.
    fn up(&self, mut visit: Option<usize>, wanted: impl Fn(&Visit) -> bool) -> Option<usize> {
        while let Some(index) = visit {
            let found = self.visits.get(index)?;
            if wanted(found) {
                return Some(index);
            }
            visit = found.around;
        }
        None
    }

    fn entered(
        &mut self,
        from: Place,
        chart: Option<&Chart>,
        (state, kind): (&str, &str),
        at: Timestamp,
        input: &serde_json::Value,
    ) -> Place {
        let before = from.visit.filter(|_| from.left);
        let (around, item) = match before.and_then(|before| self.visits.get(before)) {
            Some(before) => (before.around, before.item),
            None => (from.visit, from.item),
        };
        self.step(before, state, chart);
        let depth = around
            .and_then(|around| self.visits.get(around))
            .map_or(0, |around| around.depth + 1);
        self.visits.push(Visit {
            state: state.to_owned(),
            kind: kind.to_owned(),
            entered: at,
            left: None,
            fate: Fate::Running,
            input: Some(Pretty::new(input)),
            output: None,
            attempts: 0,
            failures: Vec::new(),
            submitted: false,
            around,
            item,
            depth,
            failing: false,
        });
        self.open.insert(self.visits.len() - 1);
        self.thin();
        Place {
            visit: Some(self.visits.len() - 1),
            ..Place::default()
        }
    }

    fn left(&mut self, place: Place, at: Timestamp, output: &serde_json::Value) {
        let Some(index) = place.visit else { return };
        self.open.remove(&index);
        if let Some(visit) = self.visits.get_mut(index) {
            visit.left = Some(at);
            visit.fate = Fate::Succeeded;
            visit.output = Some(Pretty::new(output));
        }
    }

    /// Notes the way that was taken. If a failure was caught on it, that is the fate of the visit before.
    fn step(&mut self, before: Option<usize>, to: &str, chart: Option<&Chart>) {
        let Some(before) = before.and_then(|before| self.visits.get_mut(before)) else {
            self.steps.insert((None, to.to_owned(), Class::Flow));
            return;
        };
        let classes = chart.map_or_else(Vec::new, |chart| chart.classes(&before.state, to));
        let class = match classes.as_slice() {
            [only] => *only,
            // Both or neither are there: what happened last decides.
            _ if before.failing => Class::Catch,
            _ => Class::Flow,
        };
        if class == Class::Catch {
            before.fate = Fate::Caught;
        }
        let step = (Some(before.state.clone()), to.to_owned(), class);
        self.steps.insert(step);
    }

    /// Forgets what went in and out of visits in the middle of a long history.
    fn thin(&mut self) {
        let middle = self.visits.len().checked_sub(FULL_AT_EACH_END + 1);
        let middle = middle.filter(|middle| *middle >= FULL_AT_EACH_END);
        if let Some(visit) = middle.and_then(|middle| self.visits.get_mut(middle)) {
            visit.input = None;
            visit.output = None;
            visit.failures.clear();
        }
    }

    /// Whatever happens between entering and leaving.
    fn happened(&mut self, place: &mut Place, detail: &Detail, before: Option<usize>, at: Timestamp) {
        place.item = None;
        let visit = place.visit.and_then(|visit| self.visits.get_mut(visit));
        let Some(visit) = visit.filter(|_| !place.left) else {
            return;
        };
        match detail {
            Detail::TaskScheduled { .. } => {
                visit.attempts += 1;
                visit.submitted = false;
                visit.failing = false;
            }
            Detail::TaskSubmitted { .. } => visit.submitted = true,
            Detail::TaskSucceeded { .. } => visit.submitted = false,
            Detail::TaskFailed { error, cause, .. } | Detail::TaskTimedOut { error, cause, .. } => {
                visit.failures.push(Failed::new(error, cause));
                visit.failing = true;
                visit.submitted = false;
            }
            Detail::ParallelStateFailed { error, cause } | Detail::MapStateFailed { error, cause } => {
                visit.failures.push(Failed::new(error, cause));
                visit.failing = true;
                self.close_inside(place.visit, None, before, at);
            }
            // Perhaps not for the first time.
            Detail::ParallelStateStarted | Detail::MapStateStarted { .. } => visit.failing = false,
            Detail::MapIterationStarted { index, .. } => place.item = Some(*index),
            _ => {}
        }
    }

    /// The end of the execution, and the visit with which it failed.
    fn close(&mut self, failed: Option<usize>, at: Timestamp) {
        let closing = self.open.clone();
        self.stop(&closing, failed, at);
    }

    /// An item, or everything inside of a visit, is over, perhaps because one of them failed.
    fn close_inside(
        &mut self,
        around: Option<usize>,
        item: Option<usize>,
        failed: Option<usize>,
        at: Timestamp,
    ) {
        let Some(around) = around else { return };
        let open = self.open.iter().copied();
        let closing = open
            .filter(|index| self.is_inside(*index, around, item))
            .collect();
        self.stop(&closing, failed, at);
    }

    /// Ends visits. What failed failed with everything around it; the others were given up.
    fn stop(&mut self, closing: &BTreeSet<usize>, mut failed: Option<usize>, at: Timestamp) {
        for index in closing {
            self.open.remove(index);
            let visit = &mut self.visits[*index];
            visit.left = Some(at);
            visit.fate = Fate::Stopped;
        }
        while let Some(index) = failed.filter(|index| closing.contains(index)) {
            let visit = &mut self.visits[index];
            visit.fate = Fate::Failed;
            failed = visit.around;
        }
    }

    fn is_inside(&self, visit: usize, around: usize, item: Option<usize>) -> bool {
        let mut at = visit;
        while let Some(outer) = self.visits[at].around {
            if outer == around {
                return item.is_none() || self.visits[at].item == item;
            }
            at = outer;
        }
        false
    }

    /// The first visit to each state, the number of visits, and what the state should look like.
    pub(super) fn states(&self) -> HashMap<&str, Seen> {
        let mut states: HashMap<&str, Seen> = HashMap::new();
        for (index, visit) in self.visits.iter().enumerate() {
            let seen = states.entry(&visit.state).or_insert(Seen {
                first: index,
                visits: 0,
                fate: visit.fate,
            });
            seen.visits += 1;
            if visit.fate.rank() > seen.fate.rank() {
                seen.fate = visit.fate;
            }
        }
        states
    }
}

/// A state in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) first: usize,
    pub(super) visits: usize,
    pub(super) fate: Fate,
}

impl Fate {
    /// Which one of several visits decides how a state looks: what people look for.
    const fn rank(self) -> u8 {
        match self {
            Self::Succeeded => 0,
            Self::Stopped => 1,
            Self::Caught => 2,
            Self::Running => 3,
            Self::Failed => 4,
        }
    }

    /// In a word.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Caught => "failure caught",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }

    /// The class in the style sheet.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Caught => "caught",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{self, Run};
    use super::*;

    fn fates(run: &Run) -> Vec<(String, Fate)> {
        let visits = run.trace.visits.iter();
        visits.map(|visit| (visit.state.clone(), visit.fate)).collect()
    }

    fn fate(run: &Run, state: &str) -> Vec<Fate> {
        let visits = run.trace.visits.iter().filter(|visit| visit.state == state);
        visits.map(|visit| visit.fate).collect()
    }

    #[test]
    fn a_way_through_is_a_list_of_visits() {
        let run = samples::register(samples::Ending::Well);
        assert!(
            run.trace
                .visits
                .iter()
                .all(|visit| visit.fate == Fate::Succeeded && visit.left.is_some())
        );
        let first = &run.trace.visits[0];
        assert_eq!((first.state.as_str(), first.attempts), ("Assess the photo", 1));
        assert!(first.left.unwrap() > first.entered && first.input.is_some() && first.output.is_some());
        let steps = &run.trace.steps;
        assert!(steps.contains(&(None, "Assess the photo".to_owned(), Class::Flow)));
        assert_eq!(steps.len(), run.trace.visits.len(), "no loops in it");
    }

    #[test]
    fn who_fails_and_who_is_caught() {
        let run = samples::register(samples::Ending::TakenBack);
        assert_eq!(fate(&run, "Notify"), [Fate::Caught]);
        assert_eq!(run.trace.visits.last().unwrap().fate, Fate::Failed);
        let notify = run
            .trace
            .visits
            .iter()
            .find(|visit| visit.state == "Notify")
            .unwrap();
        assert_eq!((notify.attempts, notify.failures.len()), (3, 3));
        let step = (Some("Notify".to_owned()), "Take it back".to_owned(), Class::Catch);
        assert!(run.trace.steps.contains(&step), "{:?}", run.trace.steps);
    }

    #[test]
    fn inside_of_other_states() {
        let run = samples::nested(samples::Ending::Well);
        let depths: BTreeSet<usize> = run.trace.visits.iter().map(|visit| visit.depth).collect();
        assert_eq!(depths, BTreeSet::from([0, 1, 2]));
        let items: BTreeSet<_> = run.trace.visits.iter().filter_map(|visit| visit.item).collect();
        assert_eq!(items, BTreeSet::from([0, 1, 2]));
        assert!(
            run.trace.visits.iter().all(|visit| visit.fate == Fate::Succeeded),
            "{:?}",
            fates(&run)
        );
    }

    #[test]
    fn a_failure_inside_stops_what_runs_beside_it() {
        let run = samples::nested(samples::Ending::Failed);
        assert_eq!(
            fate(&run, "Compare one"),
            [Fate::Succeeded, Fate::Failed, Fate::Stopped]
        );
        assert_eq!(fate(&run, "For each photo"), [Fate::Failed]);
        assert_eq!(fate(&run, "Wait a moment"), [Fate::Stopped]);
        assert_eq!(fate(&run, "Look in both places"), [Fate::Caught]);
    }

    #[test]
    fn what_runs_and_what_waits() {
        let run = samples::review();
        let last = run.trace.visits.last().unwrap();
        assert_eq!(
            (last.fate, last.left, last.submitted),
            (Fate::Running, None, true)
        );
        let seen = run.trace.states();
        assert_eq!(seen[last.state.as_str()].fate, Fate::Running);
    }

    #[test]
    fn loops_are_counted() {
        let run = samples::polling(4);
        let seen = run.trace.states();
        assert_eq!(seen["Ask whether it is done"].visits, 4);
        assert_eq!(seen["Done"].visits, 1);
    }

    #[test]
    fn the_middle_of_a_long_history_keeps_times_only() {
        let run = samples::polling(400);
        let kept = run
            .trace
            .visits
            .iter()
            .filter(|visit| visit.input.is_some())
            .count();
        assert_eq!(kept, 2 * FULL_AT_EACH_END);
        assert!(run.trace.visits[0].input.is_some() && run.trace.visits.last().unwrap().input.is_some());
        assert!(run.trace.visits.iter().all(|visit| visit.left.is_some()));
    }
}
