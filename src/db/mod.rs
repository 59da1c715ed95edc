//! PostgreSQL through sqlx: connect, rows, one file an area, the change feed. Called by `service` and `worker`.
