//! The face pipeline: detect, align, assess, encode, compare. Never touches storage, async or HTTP.
