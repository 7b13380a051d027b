//! Templates in, ranked candidates out: exact 1:N search. Never knows images, tenants or SQL.
