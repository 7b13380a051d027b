//! Tests of transforms and chips.
