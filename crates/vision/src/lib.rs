//! Images, tensors, inference engines, model packs and the inference pool. Never knows what a face is.
