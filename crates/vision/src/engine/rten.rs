//! The built-in engine (rten): no shared library, every platform, two to three times slower than ONNX Runtime.

use std::path::Path;
use std::sync::Arc;

use rten::{Dimension, ModelOptions, NodeId, RunOptions, ThreadPool, ValueType, ValueView};
use rten_tensor::{Layout, TensorView};

use super::slots::Slots;
use super::{EngineKind, Error, Model, check_input};
use crate::tensor::Tensor;

/// For people. The version is that of the dependency in the workspace's Cargo.toml.
pub(super) fn describe() -> String {
    "rten 0.27 (built in)".to_owned()
}

/// One network; the weights are shared by all threads.
pub(super) struct Network {
    model: rten::Model,
    input: NodeId,
    input_shape: Vec<Option<usize>>,
    outputs: Vec<NodeId>,
    /// rten runs an inference inside a thread pool and one pool runs one task per thread: as many pools of one
    /// thread as inferences at a time.
    pools: Slots<Arc<ThreadPool>>,
}

impl Network {
    pub(super) fn load(path: &Path, bytes: Vec<u8>, concurrency: usize) -> Result<Self, Error> {
        let mut options = ModelOptions::with_all_ops();
        options.prepack_weights(true);
        let model = options.load(bytes).map_err(|source| Error::Load {
            engine: EngineKind::Rten,
            path: path.to_owned(),
            source: source.into(),
        })?;
        let signature = |reason: String| Error::Signature {
            path: path.to_owned(),
            reason,
        };
        let &[input] = model.input_ids() else {
            return Err(signature(format!(
                "it has {} inputs, not one",
                model.input_ids().len()
            )));
        };
        let float = ValueType::Tensor(rten::DataType::Float);
        if let Some(other) = model.node_info(input).and_then(|node| node.dtype())
            && other != float
        {
            return Err(signature(format!("its input has the type {other}, not f32")));
        }
        let outputs = model.output_ids().to_vec();
        if outputs.is_empty() {
            return Err(signature("it has no outputs".to_owned()));
        }
        let input_shape = model.input_shape(0).unwrap_or_default();
        let input_shape = input_shape
            .into_iter()
            .map(|side| match side {
                Dimension::Fixed(size) => Some(size),
                Dimension::Symbolic(_) => None,
            })
            .collect();
        let pools = (0..concurrency)
            .map(|_| Arc::new(ThreadPool::with_num_threads(1)))
            .collect();
        Ok(Self {
            model,
            input,
            input_shape,
            outputs,
            pools: Slots::new(pools),
        })
    }
}

impl Model for Network {
    fn run(&self, input: &Tensor) -> Result<Vec<Tensor>, Error> {
        check_input(&self.input_shape, input)?;
        let view = TensorView::from_data(input.shape.as_slice(), input.data.as_slice());
        let pool = self.pools.take();
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&pool)));
        let values = self
            .model
            .run(
                vec![(self.input, ValueView::from(view).into())],
                &self.outputs,
                Some(options),
            )
            .map_err(|source| Error::Run {
                engine: EngineKind::Rten,
                source: source.into(),
            })?;
        drop(pool);
        values
            .into_iter()
            .enumerate()
            .map(|(index, value)| {
                let tensor = value.into_tensor::<f32>().ok_or(Error::Output { index })?;
                Ok(Tensor {
                    shape: tensor.shape().to_vec(),
                    data: tensor.into_data(),
                })
            })
            .collect()
    }

    fn engine(&self) -> EngineKind {
        EngineKind::Rten
    }

    fn input_shape(&self) -> &[Option<usize>] {
        &self.input_shape
    }
}
