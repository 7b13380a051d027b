//! HTTP: routes, access control, flows and the mapping between wire and domain. Contains no algorithms.
