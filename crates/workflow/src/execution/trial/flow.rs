//! From the input of a state to its work.

use serde_json::{Map, Value, json};

use super::{Trial, Work, no_choice};
use crate::definition::{self, Branching, Choice, Concurrency, Duration, MAX_SECONDS, Task, Wait};
use crate::execution::Limits;
use crate::execution::size::size_bytes;
use crate::{Failure, Path, Random, Scope, failure};

impl<'s> Trial<'s> {
    /// A value through `InputPath` or `OutputPath`; `None` is `null` there.
    pub(super) fn through(&self, path: Option<&Path>, value: Value) -> Result<Value, Failure> {
        match path {
            None => Ok(Value::Object(Map::new())),
            Some(path) if path.is_root() => Ok(value),
            Some(path) => self.select(path, &value),
        }
    }

    /// What a path selects, which must be something.
    fn select(&self, path: &Path, input: &Value) -> Result<Value, Failure> {
        path.find(&self.scope(input))?.ok_or_else(|| {
            Failure::runtime(format!(
                "Invalid path '{}': there is nothing in the data.",
                path.text()
            ))
        })
    }

    /// The effective input through `Parameters`.
    pub(super) fn parameters(&mut self, input: Value, random: &mut dyn Random) -> Result<Value, Failure> {
        let parameters = match &self.state.parameters {
            None => input,
            Some(template) => self.fill(template, &input, random)?,
        };
        self.inspection.after_parameters = Some(parameters.clone());
        Ok(parameters)
    }

    pub(super) fn choose(&self, choice: &'s Choice, input: &Value) -> Result<Option<&'s Branching>, Failure> {
        let scope = self.scope(input);
        for branching in &choice.choices {
            if branching.rule.matches(&scope)? {
                return Ok(Some(branching));
            }
        }
        match choice.default {
            Some(_) => Ok(None),
            None => Err(no_choice()),
        }
    }

    pub(super) fn pause(&self, wait: &Wait, input: &Value) -> Result<Work, Failure> {
        match wait {
            Wait::Until(moment) => Ok(Work::Until(*moment)),
            Wait::For(duration) => self.seconds(duration, 0, input).map(Work::Seconds),
            Wait::UntilPath(path) => {
                let value = self.select(path, input)?;
                let moment = value.as_str().and_then(crate::choice::timestamp);
                moment.map(Work::Until).ok_or_else(|| {
                    Failure::runtime(format!(
                        "{} must select a moment as 2026-01-31T12:00:00Z.",
                        path.text()
                    ))
                })
            }
        }
    }

    pub(super) fn task(
        &mut self,
        task: &Task,
        input: Value,
        random: &mut dyn Random,
    ) -> Result<Work, Failure> {
        let seconds = |duration: &Option<Duration>| {
            let duration = duration.as_ref();
            duration
                .map(|duration| self.seconds(duration, 1, &input))
                .transpose()
        };
        let (timeout_seconds, heartbeat_seconds) = (seconds(&task.timeout)?, seconds(&task.heartbeat)?);
        Ok(Work::Task {
            resource: task.resource.clone(),
            parameters: self.parameters(input, random)?,
            timeout_seconds,
            heartbeat_seconds,
        })
    }

    /// A time span of at least `least` seconds.
    fn seconds(&self, duration: &Duration, least: u64, input: &Value) -> Result<u64, Failure> {
        match duration {
            Duration::Seconds(seconds) => Ok(*seconds),
            Duration::Path(path) => {
                let seconds = self.select(path, input)?.as_u64();
                let allowed = seconds.filter(|seconds| (least..=MAX_SECONDS).contains(seconds));
                allowed.ok_or_else(|| {
                    Failure::runtime(format!(
                        "{} must select a whole number of seconds from {least} to {MAX_SECONDS}.",
                        path.text()
                    ))
                })
            }
        }
    }

    /// The items of a Map state, and the input of each iteration.
    pub(super) fn items(
        &mut self,
        map: &definition::Map,
        input: &Value,
        random: &mut dyn Random,
    ) -> Result<(), Failure> {
        let items = match &map.items_path {
            None => input.clone(),
            Some(path) => self.select(path, input)?,
        };
        self.inspection.after_items_path = Some(items.clone());
        let Value::Array(items) = items else {
            return Err(Failure::runtime("The items of a Map state must be an array."));
        };
        self.inspection.max_concurrency = Some(match &map.max_concurrency {
            Concurrency::Fixed(wanted) => *wanted,
            Concurrency::Path(path) => self
                .select(path, input)?
                .as_u64()
                .ok_or_else(|| Failure::runtime("MaxConcurrencyPath must select a whole number."))?,
        });
        let mut inputs = Vec::with_capacity(items.len());
        let mut total_bytes = 0;
        for (index, item) in items.into_iter().enumerate() {
            let item_input = self.item_input(map, input, index, item, random)?;
            total_bytes += size_bytes(&item_input);
            if total_bytes > Limits::default().max_payload_bytes {
                return Err(Failure::new(
                    failure::DATA_LIMIT,
                    "The inputs of all iterations are larger than a payload may be.",
                ));
            }
            inputs.push(item_input);
        }
        self.inspection.after_item_selector = Some(Value::Array(inputs));
        Ok(())
    }

    /// `ItemSelector` sees the effective input of the Map state as `$` and the item in the context object.
    fn item_input(
        &self,
        map: &definition::Map,
        input: &Value,
        index: usize,
        item: Value,
        random: &mut dyn Random,
    ) -> Result<Value, Failure> {
        let Some(template) = &map.item_selector else {
            return Ok(item);
        };
        let mut context = self.given.context.clone();
        if let Value::Object(members) = &mut context {
            members.insert(
                "Map".to_owned(),
                json!({ "Item": { "Index": index, "Value": item } }),
            );
        }
        let scope = Scope {
            context: &context,
            ..self.scope(input)
        };
        template.evaluate(&scope, random)
    }
}
