//! `selfsame models import`: a pack around a model of the user's own.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use selfsame_face::attributes::AttributeSet;
use selfsame_face::{Analyzer, AnalyzerOptions, choose_engine, inspect};
use selfsame_vision::pack::{Artifact, Manifest, Models, OwnModel, Packs, Resolved};
use serde_json::json;

use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::inference;
use crate::output::talk;

/// What a value of a pixel is reduced by, and divided by, where nobody says anything else: 0 to 255 becomes −1 to 1, the
/// convention of the ArcFace family (InsightFace, `recognition/arcface_torch/inference.py`).
const HALF_RANGE: &str = "127.5,127.5,127.5";

/// Makes a pack of an ONNX model of yours: checks that it is what you say, installs a copy, writes the manifest and runs
/// all of the pack once.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The ONNX file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the pack is called: letters, digits, `.`, `_` and `-`.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// What the model does.
    #[arg(long, value_enum, default_value_t)]
    role: Role,
    /// The pack whose other models are used with it.
    #[arg(long, value_name = "PACK", default_value = "standard")]
    from: String,
    /// Side of its square input, where the file does not say it.
    #[arg(long, value_name = "PX")]
    input_px: Option<u32>,
    /// Values in its output, to be checked; what the model gives if absent.
    #[arg(long, value_name = "N")]
    dimensions: Option<usize>,
    /// The order of its colour planes.
    #[arg(long, value_enum, default_value_t)]
    colour: Colour,
    /// What is subtracted from values of 0 to 255, per plane in its order.
    #[arg(long, value_name = "A,B,C", default_value = HALF_RANGE, value_parser = three, allow_hyphen_values = true)]
    mean: [f64; 3],
    /// What the difference is divided by.
    #[arg(long, value_name = "A,B,C", default_value = HALF_RANGE, value_parser = three)]
    std: [f64; 3],
    /// Where the face lies in its input: `arcface-112` (five points; scaled where the input is larger) or `dlib-150`.
    #[arg(long, value_name = "NAME", default_value = "arcface-112")]
    alignment: String,
    /// Encode the face and its mirror image and average: twice the time, usually fewer errors.
    #[arg(long)]
    flip_average: bool,
    /// How a detector's outputs are read: `centerface` or `yunet`.
    #[arg(long, value_name = "NAME", default_value = "centerface")]
    kind: String,
    /// Its licence: an SPDX expression or a plain statement.
    #[arg(long, value_name = "TEXT", default_value = "not stated")]
    licence: String,
    /// What it was trained on.
    #[arg(long, value_name = "TEXT", default_value = "")]
    training_data: String,
    /// What `selfsame calibrate` measured: TOML with `single` or `flip_averaged`.
    #[arg(long, value_name = "FILE")]
    calibration: Option<PathBuf>,
    /// What templates are marked with; must change whenever the numbers change [default: NAME-1, then NAME-2, …].
    #[arg(long, value_name = "TEXT")]
    model_version: Option<String>,
    /// Replace the pack of this name.
    #[arg(long)]
    replace: bool,
}

/// The roles that a user's model can play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Role {
    /// From an aligned face to a template.
    #[default]
    Embedder,
    /// From a photo to faces.
    Detector,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::Embedder => "embedder",
            Self::Detector => "detector",
        }
    }
}

/// The order of the colour planes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Colour {
    /// Red, green, blue.
    #[default]
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// Three numbers with commas between them.
fn three(text: &str) -> Result<[f64; 3], String> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    let numbers = numbers.map_err(|error| error.to_string())?;
    <[f64; 3]>::try_from(numbers).map_err(|found| format!("three numbers are needed, not {}", found.len()))
}

impl Import {
    pub(super) fn run(&self, global: &Global) -> Result<Exit> {
        if self.std.contains(&0.0) {
            return Err(Failure::usage("--std divides, so it cannot be 0").into());
        }
        let (packs, models) = (inference::packs(global)?, inference::directory(global)?);
        let before = packs.get(&self.name).ok();
        if before.is_some() && !self.replace {
            return Err(Failure::usage(format!("there is a pack `{}` already", self.name))
                .hint("--replace replaces it, --name gives this one another name")
                .into());
        }
        let base = packs.get(&self.from)?;
        let before = before.and_then(|manifest| manifest.roles.get(self.role.name()));
        let manifest = self.manifest(global, base, before)?;
        let path = self.install(global, &packs, &models, &manifest)?;
        self.tell(global, &manifest, &path)
    }

    /// The manifest, after a look at the file.
    fn manifest(&self, global: &Global, base: &Manifest, before: Option<&Artifact>) -> Result<Manifest> {
        let mut model = OwnModel {
            path: self.file.clone(),
            role: self.role.name().to_owned(),
            summary: format!(
                "{} ({})",
                self.name,
                self.file.file_name().unwrap_or_default().display()
            ),
            licence: self.licence.clone(),
            training_data: self.training_data.clone(),
            conversion: None,
            parameters: toml::Table::new(),
        };
        let summary = format!("{} with the {} of `{}`", base.name, self.role.name(), self.name);
        // What is wrong with the file itself is said before anything is fetched.
        let manifest = model.manifest(base, &self.name, &summary)?;
        let shape = match self.role {
            Role::Embedder => Some(self.inspect(global)?),
            Role::Detector => None,
        };
        model.parameters = self.parameters(shape)?;
        let version = self.version(&manifest.roles[self.role.name()], &model.parameters, before)?;
        model.parameters.insert("version".to_owned(), version.into());
        Ok(model.manifest(base, &self.name, &summary)?)
    }

    /// What the model takes and gives, by trying it.
    fn inspect(&self, global: &Global) -> Result<inspect::Embedder> {
        let base = inference::resolver(global)?.resolve(&self.from)?;
        let engine = choose_engine(&base, inference::engine_choice(global.engine.unwrap_or_default()))?;
        let found = inspect::embedder(&engine, &self.file, self.input_px)
            .with_context(|| format!("{} was not imported", self.file.display()))?;
        match self.dimensions {
            Some(said) if said != found.dimensions => Err(Failure::usage(format!(
                "{} gives {} values, not {said}",
                self.file.display(),
                found.dimensions
            ))
            .hint("leave --dimensions out, or check that this is the file you mean")
            .into()),
            _ => Ok(found),
        }
    }

    fn parameters(&self, shape: Option<inspect::Embedder>) -> Result<toml::Table> {
        let colour = self
            .colour
            .to_possible_value()
            .map(|value| value.get_name().to_owned());
        let mut parameters = toml::Table::new();
        let mut set = |name: &str, value: toml::Value| parameters.insert(name.to_owned(), value);
        let Some(shape) = shape else {
            // What pixels become follows from the kind.
            set("kind", self.kind.clone().into());
            return Ok(parameters);
        };
        set("colour", colour.unwrap_or_default().into());
        set("mean", self.mean.to_vec().into());
        set("std", self.std.to_vec().into());
        set("input_px", i64::from(shape.input_px).into());
        set("dimensions", i64::try_from(shape.dimensions)?.into());
        set("alignment", self.alignment.clone().into());
        set("flip_average", self.flip_average.into());
        if let Some(file) = &self.calibration {
            set("calibration", calibration(file, self.flip_average)?.into());
        }
        Ok(parameters)
    }

    /// What templates are marked with. The same model with the same parameters keeps its mark, so that its calibration can
    /// be added without making its templates strangers to each other.
    fn version(
        &self,
        file: &Artifact,
        parameters: &toml::Table,
        before: Option<&Artifact>,
    ) -> Result<String> {
        let Some(before) = before else {
            return Ok(self
                .model_version
                .clone()
                .unwrap_or_else(|| format!("{}-1", self.name)));
        };
        let digest = |artifact: &Artifact| artifact.files.first().map(|file| file.sha256);
        let numbers = |table: &toml::Table| {
            let mut table = table.clone();
            // Averaged and single templates are told apart by themselves.
            for other in ["version", "calibration", "flip_average"] {
                table.remove(other);
            }
            table
        };
        let is_same = digest(file) == digest(before) && numbers(parameters) == numbers(&before.parameters);
        let had = before
            .parameters
            .get("version")
            .and_then(toml::Value::as_str)
            .unwrap_or_default();
        match &self.model_version {
            Some(given) if !is_same && given == had => Err(Failure::usage(format!(
                "--model-version {given} marks the templates of another model or of other parameters"
            ))
            .hint("leave it out, or give another")
            .into()),
            Some(given) => Ok(given.clone()),
            None if is_same && !had.is_empty() => Ok(had.to_owned()),
            None => Ok(after(had, &self.name)),
        }
    }

    /// Installs the file, loads the pack, runs each model once, and writes the manifest if all of that went well.
    fn install(
        &self,
        global: &Global,
        packs: &Packs,
        models: &Models,
        manifest: &Manifest,
    ) -> Result<PathBuf> {
        let file = &manifest.roles[self.role.name()].files[0];
        let was_there = models.has(file)?;
        let resolver = inference::resolver_of(global, packs.clone().with(manifest.clone())?)?;
        let resolved = resolver.resolve(&self.name)?;
        for warning in &resolved.warnings {
            talk(format_args!("warning: {warning}"));
        }
        if let Err(error) = self.try_out(global, &resolved) {
            if !was_there {
                models.discard(file)?;
            }
            return Err(error.context(format!("{} was not imported", self.file.display())));
        }
        Ok(manifest.save(models, global.packs.as_deref())?)
    }

    fn try_out(&self, global: &Global, resolved: &Resolved) -> Result<()> {
        let options = AnalyzerOptions {
            engine: inference::engine_choice(global.engine.unwrap_or_default()),
            // Whether what was measured makes sense is seen by using it.
            uncalibrated: self.calibration.is_none(),
            ..AnalyzerOptions::default()
        };
        Ok(Analyzer::load(resolved, options)?.warm_up(AttributeSet::NONE)?)
    }

    fn tell(&self, global: &Global, manifest: &Manifest, path: &Path) -> Result<Exit> {
        let name = &self.name;
        let artifact = &manifest.roles[self.role.name()];
        let needs_calibration = self.role == Role::Embedder && self.calibration.is_none();
        let answer = json!({
            "pack": name,
            "manifest": path,
            "role": self.role.name(),
            "sha256": artifact.files[0].sha256.to_string(),
            "parameters": serde_json::to_value(&artifact.parameters)?,
            "calibrated": !needs_calibration,
        });
        global.format.emit(&answer, |out| {
            writeln!(out, "pack {name} is ready: {}", path.display())?;
            for (name, value) in &artifact.parameters {
                writeln!(out, "  {name} = {}", serde_json::to_string(value)?)?;
            }
            Ok(())
        })?;
        talk(format_args!("hint: {}", self.next(needs_calibration)));
        Ok(Exit::Success)
    }

    /// What to do with it.
    fn next(&self, needs_calibration: bool) -> String {
        let name = &self.name;
        match self.role {
            Role::Embedder if needs_calibration => format!(
                "its scores have no meaning yet: `selfsame calibrate --pack {name} --write FILE` measures it on labelled photos; give \
                 that to `selfsame models import … --calibration FILE --replace`. Until then only `calibrate` and `eval` \
                 take it"
            ),
            Role::Embedder => format!(
                "`selfsame eval --pack {name}` measures its errors, `selfsame reindex --pack {name}` gives it to the collections \
                 of a server, `selfsame serve --pack {name}` runs it"
            ),
            Role::Detector => format!(
                "`selfsame eval --pack {name}` measures its errors (the calibration is that of faces from the other detector), \
                 `selfsame serve --pack {name}` runs it; templates stay comparable"
            ),
        }
    }
}

/// The table of points in a file: at its top, or where manifests have it; or the line `calibration = […]` of
/// `selfsame eval`, which was measured with or without mirror images, as this pack encodes.
fn calibration(file: &Path, flip_average: bool) -> Result<toml::Table> {
    let text = fs_err::read_to_string(file)?;
    let mut table: toml::Table = text.parse().with_context(|| file.display().to_string())?;
    for name in ["roles", "embedder", "parameters", "calibration"] {
        if let Some(toml::Value::Table(inner)) = table.get(name) {
            table = inner.clone();
        }
    }
    let mut points = toml::Table::new();
    if let Some(list @ toml::Value::Array(_)) = table.remove("calibration") {
        let name = if flip_average { "flip_averaged" } else { "single" };
        points.insert(name.to_owned(), list);
    }
    for name in ["single", "flip_averaged"] {
        points.extend(table.remove(name).map(|value| (name.to_owned(), value)));
    }
    points.iter_mut().for_each(|(_, list)| leave_out_the_end(list));
    if points.is_empty() {
        return Err(Failure::new(format!("{} is no calibration", file.display()))
            .hint("it needs `single` or `flip_averaged`: a list of [cosine, log10 of the false match rate]")
            .into());
    }
    Ok(points)
}

/// Every map ends in certainty at a cosine of 1 by itself.
fn leave_out_the_end(points: &mut toml::Value) {
    let cosine = |point: &toml::Value| point.get(0)?.as_float();
    if let Some(points) = points.as_array_mut() {
        points.retain(|point| cosine(point).is_none_or(|cosine| cosine < 1.0));
    }
}

/// The version after this one: the number at its end, one higher.
fn after(version: &str, name: &str) -> String {
    let stem = version.trim_end_matches(|last: char| last.is_ascii_digit());
    match (version[stem.len()..].parse::<u64>(), stem) {
        (Ok(number), stem) if !stem.is_empty() => format!("{stem}{}", number.saturating_add(1)),
        _ => format!("{name}-2"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_up() {
        assert_eq!(after("mine-1", "mine"), "mine-2");
        assert_eq!(after("mine-9", "mine"), "mine-10");
        assert_eq!(after("arc", "mine"), "mine-2");
        assert_eq!(after("7", "mine"), "mine-2");
        assert_eq!(after("", "mine"), "mine-2");
    }

    #[test]
    fn three_numbers_are_three() {
        assert_eq!(three("1, 2.5,-3"), Ok([1.0, 2.5, -3.0]));
        assert!(three("1,2").unwrap_err().contains("not 2"));
        assert!(three("1,2,x").is_err());
    }

    #[test]
    fn a_calibration_is_found_where_it_stands() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("c.toml");
        let read = |text: &str, flip_average| {
            fs_err::write(&file, text).unwrap();
            calibration(&file, flip_average).map(|found| serde_json::to_value(found).unwrap())
        };
        let points = json!([[0.1, -1.0]]);
        for text in [
            "single = [[0.1, -1.0]]\nmeasured = 'today'",
            "[calibration]\nsingle = [[0.1, -1.0]]",
            "[roles.embedder.parameters.calibration]\nsingle = [[0.1, -1.0]]",
            "# fitted\ncalibration = [[0.1, -1.0], [1.0, -9.58]]",
        ] {
            assert_eq!(read(text, false).unwrap(), json!({ "single": points }), "{text}");
        }
        let averaged = read("calibration = [[0.1, -1.0]]", true).unwrap();
        assert_eq!(averaged, json!({ "flip_averaged": points }));
        let error = read("other = 1", false).unwrap_err();
        assert!(error.to_string().contains("is no calibration"));
    }
}
