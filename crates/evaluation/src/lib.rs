//! Biometric performance testing: pair lists, error rates, ROC and DET curves. Never sees an image.
