//! State machines' rows.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sqlx::SqliteConnection;

use super::super::enrol::uuid;
use super::super::{Inner, Sqlite};
use super::definitions::{self, Known};
use crate::rules::{from_microseconds, to_microseconds};
use crate::workflows::{Machine, MachineCreation, MachineKind, MachineUpdate, Machines};
use crate::{Error, Result};

/// What a machine is read from, up to the condition.
const SELECT: &str = "
    SELECT m.name, m.kind, d.definition, m.role_arn, m.revision, m.created_us, m.updated_us
    FROM machines m JOIN definitions d ON d.key = m.definition";

#[derive(sqlx::FromRow)]
struct Row {
    name: String,
    kind: String,
    definition: String,
    role_arn: String,
    revision: Vec<u8>,
    created_us: i64,
    updated_us: i64,
}

fn machine(row: Row) -> Result<Machine> {
    Ok(Machine {
        name: row.name,
        kind: MachineKind::parse(&row.kind).ok_or(Error::corrupt("a machine's kind"))?,
        definition: row.definition,
        role_arn: row.role_arn,
        revision: uuid(&row.revision)?,
        created: from_microseconds(row.created_us)?,
        updated: from_microseconds(row.updated_us)?,
    })
}

async fn get(connection: &mut SqliteConnection, name: &str) -> Result<Option<Machine>> {
    let found: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{SELECT} WHERE m.name = ?")))
        .bind(name)
        .fetch_optional(connection)
        .await?;
    found.map(machine).transpose()
}

impl Inner {
    async fn create_machine(&self, machine: Machine) -> Result<MachineCreation> {
        let mut write = self.write().await?;
        if let Some(found) = get(&mut write, &machine.name).await? {
            return Ok(MachineCreation::Exists(found));
        }
        let definition = definitions::intern(&mut write, &mut Known::new(), &machine.definition).await?;
        sqlx::query(
            "INSERT INTO machines (name, kind, definition, role_arn, revision, created_us, updated_us)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&machine.name)
        .bind(machine.kind.as_str())
        .bind(definition)
        .bind(&machine.role_arn)
        .bind(machine.revision.as_bytes().as_slice())
        .bind(to_microseconds(machine.created))
        .bind(to_microseconds(machine.updated))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(MachineCreation::Created)
    }

    async fn update_machine(&self, name: &str, change: MachineUpdate) -> Result<Option<Machine>> {
        let mut write = self.write().await?;
        let before: Option<i64> = sqlx::query_scalar("SELECT definition FROM machines WHERE name = ?")
            .bind(name)
            .fetch_optional(&mut *write)
            .await?;
        let Some(before) = before else {
            return Ok(None);
        };
        let definition = match &change.definition {
            Some(text) => definitions::intern(&mut write, &mut Known::new(), text).await?,
            None => before,
        };
        sqlx::query(
            "UPDATE machines SET definition = ?, role_arn = coalesce(?, role_arn), revision = ?, updated_us = ?
             WHERE name = ?",
        )
        .bind(definition)
        .bind(&change.role_arn)
        .bind(change.revision.as_bytes().as_slice())
        .bind(to_microseconds(change.now))
        .bind(name)
        .execute(&mut *write)
        .await?;
        definitions::remove_unused(&mut write, &BTreeSet::from([before])).await?;
        let after = get(&mut write, name).await?;
        write.commit().await?;
        Ok(after)
    }

    async fn delete_machine(&self, name: &str) -> Result<bool> {
        let mut write = self.write().await?;
        let deleted: Option<i64> =
            sqlx::query_scalar("DELETE FROM machines WHERE name = ? RETURNING definition")
                .bind(name)
                .fetch_optional(&mut *write)
                .await?;
        definitions::remove_unused(&mut write, &deleted.into_iter().collect()).await?;
        write.commit().await?;
        Ok(deleted.is_some())
    }
}

#[async_trait]
impl Machines for Sqlite {
    async fn create_machine(&self, machine: &Machine) -> Result<MachineCreation> {
        let machine = machine.clone();
        self.carry_through(|inner| async move { inner.create_machine(machine).await })
            .await
    }

    async fn get_machine(&self, name: &str) -> Result<Option<Machine>> {
        let mut connection = self.inner.readers.acquire().await?;
        get(&mut connection, name).await
    }

    async fn list_machines(&self, after: Option<&str>, limit: u32) -> Result<Vec<Machine>> {
        // The empty text is before every name.
        let text = format!("{SELECT} WHERE m.name > ? ORDER BY m.name LIMIT ?");
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(after.unwrap_or_default())
            .bind(limit)
            .fetch_all(&self.inner.readers)
            .await?;
        rows.into_iter().map(machine).collect()
    }

    async fn update_machine(&self, name: &str, change: MachineUpdate) -> Result<Option<Machine>> {
        let name = name.to_owned();
        self.carry_through(|inner| async move { inner.update_machine(&name, change).await })
            .await
    }

    async fn delete_machine(&self, name: &str) -> Result<bool> {
        let name = name.to_owned();
        self.carry_through(|inner| async move { inner.delete_machine(&name).await })
            .await
    }
}
