//! How the tables are set up, and what time DynamoDB has. For `recourse doctor`; no function calls
//! it.

use aws_sdk_dynamodb::types::{IndexStatus, PointInTimeRecoveryStatus, StreamViewType, TableStatus, TimeToLiveStatus};
use recourse_aws::AnswerDate;

use crate::Store;
use crate::error::{StoreError, sdk};

/// Both tables, and DynamoDB's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The disputes table.
    pub disputes: TableHealth,
    /// The ephemeral table.
    pub ephemeral: TableHealth,
    /// What time DynamoDB has, as its answer's `Date` header says it; `None` without one.
    pub date: Option<String>,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableHealth {
    /// Its name.
    pub name: String,
    /// Whether it can be used.
    pub active: bool,
    /// Whether it cannot be deleted by mistake.
    pub protected: bool,
    /// Whether it can be put back as it was at any second of the last weeks.
    pub recoverable: bool,
    /// Whether its stream is on and shows new items.
    pub streams: bool,
    /// The attribute by which items are forgotten, where that is on.
    pub forgets_by: Option<String>,
    /// Its indexes.
    pub indexes: Vec<Index>,
}

/// An index of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether it can be used.
    pub active: bool,
}

impl Store {
    /// How the tables are set up.
    ///
    /// # Errors
    /// [`StoreError`], also for a table that is not there or may not be described.
    pub async fn health(&self) -> Result<Health, StoreError> {
        let date = AnswerDate::default();
        let disputes = self.table_health(&self.tables.disputes, &date).await?;
        let ephemeral = self.table_health(&self.tables.ephemeral, &date).await?;
        let date = date.get();
        Ok(Health { disputes, ephemeral, date })
    }

    async fn table_health(&self, name: &str, date: &AnswerDate) -> Result<TableHealth, StoreError> {
        let ttl = self.client.describe_time_to_live().table_name(name).send().await;
        let ttl = ttl.map_err(sdk("DescribeTimeToLive"))?;
        let ttl = ttl.time_to_live_description.filter(|ttl| {
            matches!(ttl.time_to_live_status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling))
        });
        let backups = self.client.describe_continuous_backups().table_name(name).send().await;
        let backups = backups.map_err(sdk("DescribeContinuousBackups"))?;
        let recovery = backups
            .continuous_backups_description
            .and_then(|backups| backups.point_in_time_recovery_description)
            .and_then(|recovery| recovery.point_in_time_recovery_status);
        // The last call, so that its time is the newest one.
        let table = self.client.describe_table().table_name(name).customize().interceptor(date.clone()).send().await;
        let table = table.map_err(sdk("DescribeTable"))?.table;
        let table = table.ok_or_else(|| StoreError::invariant("DescribeTable returned no table description", name))?;
        let streams = table.stream_specification.is_some_and(|stream| {
            stream.stream_enabled
                && matches!(stream.stream_view_type, Some(StreamViewType::NewImage | StreamViewType::NewAndOldImages))
        });
        let indexes = table.global_secondary_indexes.unwrap_or_default().into_iter().map(|index| Index {
            name: index.index_name.unwrap_or_default(),
            active: index.index_status == Some(IndexStatus::Active),
        });
        Ok(TableHealth {
            name: name.to_owned(),
            active: table.table_status == Some(TableStatus::Active),
            protected: table.deletion_protection_enabled == Some(true),
            recoverable: recovery == Some(PointInTimeRecoveryStatus::Enabled),
            streams,
            forgets_by: ttl.and_then(|ttl| ttl.attribute_name),
            indexes: indexes.collect(),
        })
    }
}
