//! The face pipeline: decode → detect → align → assess → encode, and the comparison of what comes out.
//!
//! [`Analyzer`] is the front door. It holds the models of one pack; its methods run on the caller's thread and block
//! it. Nothing here touches storage, HTTP or an async runtime, and nothing here decides: thresholds belong to the
//! callers. [`filter`] has the ones that were measured to be worth having.

mod alignment;
mod analyzer;
mod annotate;
pub mod attributes;
mod calibration;
mod dense_landmarks;
mod detector;
mod embedder;
mod error;
pub mod filter;
mod frame;
pub mod inspect;
mod parameters;
mod points;
mod pose;
mod quality;
mod template_map;
mod unified_quality;

pub use analyzer::{
    Analysis, AnalyzeOptions, Analyzer, AnalyzerOptions, EngineChoice, Face, StageTimings, choose_engine,
};
pub use annotate::annotate;
pub use calibration::{Calibration, InvalidCalibration};
pub use detector::Detection;
pub use error::Error;
pub use frame::cut_off_percent;
pub use template_map::TEMPLATE_MAPS;
pub use unified_quality::{Measures, unified_quality};
