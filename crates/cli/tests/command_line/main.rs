//! The binary as users run it: arguments, output, exit codes; offline commands on real models; a real server.

mod evaluate;
mod fixture;
mod help;
mod import;
mod kill;
mod mixed_kill;
mod offline;
mod reindex;
mod server;
mod usage;
mod workflow;
